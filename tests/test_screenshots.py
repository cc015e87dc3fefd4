from PIL import Image

from scripts.screenshots.__main__ import PICTURES_OF_THE_README
from scripts.screenshots.looks import LOOKS
from scripts.screenshots.palette import save_small
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


def test_a_picture_in_few_colors_keeps_the_common_ones_exactly_and_the_rare_ones_nearly(tmp_path):
    picture = Image.effect_noise((200, 200), 40).convert("RGB")
    picture.paste((245, 245, 247), (0, 0, 200, 150))
    picture.paste((27, 116, 52), (90, 170, 94, 174))
    whole = tmp_path / "picture.png"
    picture.save(whole)
    before = whole.stat().st_size
    save_small(whole)
    small = Image.open(whole).convert("RGB")
    assert whole.stat().st_size < before
    assert small.getpixel((10, 10)) == (245, 245, 247)
    assert all(abs(one - other) < 16 for one, other in zip(small.getpixel((92, 172)), (27, 116, 52), strict=True))
