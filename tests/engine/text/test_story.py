from engine.text.story import Story


def line(story, words, **how):
    story.begin_paragraph()
    story.write(words)
    story.end_paragraph(**how)


def test_paragraphs_are_lines_and_a_hidden_one_without_words_is_none():
    story = Story()
    line(story, "one")
    line(story, "")
    story.begin_paragraph()
    story.end_paragraph(hidden=True)
    story.write("layout")
    assert (story.take(), story.take()) == ("one\n\n", "")


def test_what_stands_beside_a_sentence_comes_after_it():
    story = Story()
    story.begin_paragraph()
    story.write("before ")
    story.begin_aside()
    line(story, "in a box")
    story.end_aside()
    story.write("after")
    assert story.take() == "before after"
    story.end_paragraph()
    assert story.take() == "\nin a box\n"


def test_cells_are_a_tab_apart_and_a_table_in_one_stays_in_it():
    story = Story()
    story.begin_row()
    for words in ("a", "b"):
        story.begin_cell()
        line(story, words)
        line(story, "more")
        story.end_cell()
    story.begin_cell()
    story.begin_row()
    story.begin_cell()
    line(story, "inner")
    story.end_cell()
    story.end_row()
    story.end_cell()
    story.end_row()
    assert story.take() == "a more\tb more\tinner\n"


def test_a_cell_of_several_long_paragraphs_keeps_them_apart():
    story = Story()
    story.begin_row()
    story.begin_cell()
    line(story, "x" * 150)
    line(story, "y" * 150)
    story.end_cell()
    story.end_row()
    assert story.take() == "x" * 150 + "\n" + "y" * 150 + "\n"
