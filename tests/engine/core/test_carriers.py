import pytest

from engine.core import carriers
from engine.core.carriers import CARRIERS, carried
from engine.core.errors import DataError


def test_what_is_carried_is_found_in_the_installed_wheels():
    assert (carried("gpt2") / "encoder.json").is_file()
    assert any(carried("plays").iterdir())


def test_a_bundled_application_has_it_in_its_own_resources(tmp_path, monkeypatch):
    (tmp_path / "resources" / "gpt2").mkdir(parents=True)
    monkeypatch.setattr(carriers, "shipped", tmp_path.joinpath)
    assert carried("gpt2") == tmp_path / "resources" / "gpt2"


def test_a_missing_carrier_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(CARRIERS, "gpt2", ("no-such-wheel", "1.2.3", "data"))
    with pytest.raises(DataError) as told:
        carried("gpt2")
    assert told.value.code == "missing_carrier"
    assert "no-such-wheel==1.2.3" in told.value.fix
