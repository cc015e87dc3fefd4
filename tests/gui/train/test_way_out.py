"""What stands in the way of a plan, and what leads out."""

from dataclasses import replace

import pytest

from engine.machine.hardware import machine
from engine.planning.own_presets import AUTOMATIC
from engine.planning.pace import Pace
from engine.planning.presets import presets
from gui.train.plan import MemoryFit, texts
from gui.train.planner import Planner, automatic, cards
from gui.train.way_out import LONGEST_S, another_text, correction, way_out

KNOWN = {AUTOMATIC: automatic(), **presets()}


@pytest.fixture
def shown():
    return cards(Planner.of(texts()[0], "quick", 5.0, Pace(device="cpu")), 5.0, KNOWN)


def out(shown, name, *, fitting=False, changed=False, **makes):
    plan = replace(shown.plans[name or AUTOMATIC], **makes)
    mended = replace(shown, plans=shown.plans | ({name: plan} if name else {}))
    return way_out(plan, fitting=fitting, cards=mended, known=KNOWN, chosen=name, changed=changed)


def test_a_plan_that_works_needs_none(shown):
    for name in KNOWN:
        assert machine().memory_limit_bytes > shown.plans[name].memory.total
        assert out(shown, name, seconds=LONGEST_S) is None


def test_what_takes_for_ever_leads_to_a_preset_of_its_kind(shown):
    way = out(shown, "large", seconds=430 * 24 * 3600.0)
    assert (way.what, way.label, way.action, way.name) == ("It would take 430 d here", "Use Tiny", "preset", "tiny")
    assert out(shown, "tiny", seconds=2 * LONGEST_S).label == "Use Quick"


def test_what_will_not_fit_is_made_to_fit_if_a_smaller_batch_does(shown):
    way = out(shown, "large", fit=MemoryFit.WILL_NOT, fitting=True)
    assert (way.label, way.action) == ("Use What Fits", "fit")
    assert "will not fit" in way.what
    assert shown.plans["large"].memory_text in way.what
    assert out(shown, "large", fit=MemoryFit.WILL_NOT).label == "Use Tiny"


def test_settings_that_spoil_a_preset_that_works_are_reset(shown):
    plan = replace(shown.plans[AUTOMATIC], fit=MemoryFit.WILL_NOT)
    way = way_out(plan, fitting=False, cards=shown, known=KNOWN, chosen=AUTOMATIC, changed=True)
    assert (way.label, way.name) == ("Reset Settings", AUTOMATIC)


def test_a_run_of_its_own_settings_is_given_a_limit(shown):
    assert out(shown, "", seconds=2 * LONGEST_S).action == "limit"


def test_settings_to_correct_are_named_and_the_first_is_gone_to():
    way = correction({"n_head": "wrong", "dropout": "wrong"})
    assert (way.label, way.action, way.name) == ("Correct n_head", "correct", "n_head")
    assert way.what == "2 settings to correct: n_head, dropout"


def test_a_text_that_has_gone_is_named():
    assert another_text("letters").what == "“letters” is not there any more."
