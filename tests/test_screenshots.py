from scripts.screenshots.__main__ import PICTURES_OF_THE_README
from scripts.screenshots.looks import LOOKS
from scripts.screenshots.progress import all_done
from scripts.screenshots.scenes import POPUPS, SCENES


def test_a_scene_that_fails_is_named_and_the_others_are_made(capsys):
    made = []

    def hangs() -> None:
        raise TimeoutError("waited 120 s for an answer")

    failed = all_done({"first": lambda: made.append("first"), "hangs": hangs, "last": lambda: made.append("last")})
    told = capsys.readouterr().out
    assert failed == 1
    assert made == ["first", "last"]
    assert "[ 2/3] hangs  FAILED: TimeoutError: waited 120 s for an answer" in told
    assert told.rstrip().endswith("1 failed: hangs")


def test_what_the_readme_shows_and_what_opens_a_list_are_scenes():
    assert set(PICTURES_OF_THE_README) | set(POPUPS) <= set(SCENES)


def test_each_look_has_a_name_of_its_own():
    assert len(set(map(str, LOOKS))) == len(LOOKS)
