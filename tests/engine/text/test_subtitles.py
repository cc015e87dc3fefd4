from tests.engine.text.made_files import account_and_text, text_of

SRT = """1
00:00:01,000 --> 00:00:02,500
{\\an8}<i>Who goes</i> there?

2
00:00:03,000 --> 00:00:04,000
- 12
- Who?

3
00:00:05,000 --> 00:00:06,000
- 12
- Who?
"""
VTT = """WEBVTT - a film

NOTE not spoken

00:01.000 --> 00:02.000 align:start
<v Ann>so &amp; so

00:02.000 --> 00:02.010
Ann: so &amp; so

00:02.010 --> 00:04.000
Ann: so &amp; so
<00:03.000><c>and more</c>
"""


def test_the_lines_of_a_film_are_read_without_times_and_tags(tmp_path):
    path = tmp_path / "film.txt"
    path.write_text(SRT.replace("\n", "\r\n"), "cp1252")
    assert text_of(path) == "Who goes there?\n- 12\n- Who?\n- 12\n- Who?\n"


def test_what_rolls_up_the_screen_is_read_once(tmp_path):
    path = tmp_path / "film.vtt"
    path.write_text(VTT)
    account, text = account_and_text(path)
    assert text == "Ann: so & so\nand more\n"
    assert account.dropped == {"names and notes of subtitles": 1, "lines that stay from the subtitle before": 2}
