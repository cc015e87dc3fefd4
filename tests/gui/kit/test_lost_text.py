"""What is said of a run whose text is gone."""

import pytest

from engine.core.errors import DataError
from gui.kit.lost_text import lost_text, require_text


@pytest.mark.parametrize("name", ["Our_Chat", "Our_Chat_bpe512", "Our_Chat_as_0123abcd"])
def test_the_text_is_called_by_its_title_and_the_file_by_its_name(name):
    lost = lost_text(name)
    assert "“Our Chat”, is not here any more" in lost.message
    assert "from a file called “Our_Chat”" in lost.fix
    with pytest.raises(DataError, match="is not here any more"):
        require_text(name)


@pytest.mark.parametrize("name", ["shakespeare_complete_bpe2048", "shakespeare", ""])
def test_of_a_text_that_is_here_or_can_be_had_nothing_is_said(name):
    assert lost_text(name) is None
    require_text(name)
