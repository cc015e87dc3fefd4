from engine.text.account import FileAccount
from engine.text.chats.layout import laid_out, names_not_found
from engine.text.chats.shapes import Message
from engine.text.wishes import ReadingWishes


def lay_out(*conversations, names=()):
    account = FileAccount()
    return "".join(laid_out(conversations, account, ReadingWishes(names=names))), account


def test_a_message_is_a_name_a_colon_and_its_lines_as_they_are():
    text, account = lay_out([Message("Ann", "Hi\n\n  there "), Message("Bo", "Hey")], [Message("Ann", "Later")])
    assert text == "Ann: Hi\n\n  there\n\nBo: Hey\n\n\nAnn: Later\n\n"
    assert account.messages == {"Ann": 2, "Bo": 1}


def test_a_message_of_nobody_stands_by_itself_and_a_blank_one_nowhere():
    text, account = lay_out([Message("", "A post"), Message("Ann", " \n"), Message("", "Another")], [])
    assert text == "A post\n\nAnother\n\n"
    assert account.messages == {"without a name": 2}
    assert lay_out([Message("", "A post")], names=(("without a name", "Me"),))[0] == "Me: A post\n\n"


def test_a_name_is_known_however_its_accents_are_written():
    assert lay_out([Message("Zoe\u0308", "x")], names=(("Zoë", "Friend"),))[0] == "Friend: x\n\n"


def test_names_are_one_line_without_a_colon_and_are_replaced_when_asked():
    text, account = lay_out(
        [Message("Zoë:\n Ann", "x"), Message("Bo", "y")], names=(("Zoë: Ann", "Friend"), ("Cy", "Me"))
    )
    assert text == "Friend: x\n\nBo: y\n\n"
    assert names_not_found(ReadingWishes(names=(("Zoë: Ann", "Friend"), ("Cy", "Me"))), account.messages) == ["Cy"]
