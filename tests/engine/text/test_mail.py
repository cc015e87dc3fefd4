import quopri
from email.message import EmailMessage

from tests.engine.text.made_files import account_and_text, text_of

HEAD = "From: {}\nTo: b@b.example\nSubject: s\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nMessage-ID: <1@b.example>\n"


def letter(text, sender="Ann <ann@a.example>", charset="utf-8"):
    head = HEAD.format(sender) + f"MIME-Version: 1.0\nContent-Type: text/plain; charset={charset}\n"
    body = quopri.encodestring(text.encode(charset))
    return (head + "Content-Transfer-Encoding: quoted-printable\n\n").encode() + body


def test_a_mailbox_gives_each_letter_and_who_wrote_it(tmp_path):
    path = tmp_path / "inbox"
    separator = b"From ann@a.example Mon Mar  2 10:00:00 2026\n"
    letters = [letter("Über die Brücke.\n>From here"), letter("Жук", "bob@b.example", "koi8-r")]
    path.write_bytes(b"".join(separator + each + b"\n\n" for each in letters))
    account, text = account_and_text(path)
    assert text == "Ann: Über die Brücke.\nFrom here\n\n\nbob: Жук\n\n"
    assert account.messages == {"Ann": 1, "bob": 1}


def test_a_letter_gives_its_plain_text_or_what_its_page_says(tmp_path):
    mail = EmailMessage()
    heads = {"From": "Ann <a@a.example>", "To": "b@b.example", "Subject": "s", "Message-ID": "<1@a>"}
    for name, value in heads.items():
        mail[name] = value
    mail.set_content("<p>Only&nbsp;a <b>page</b></p><script>x</script>", subtype="html")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="p.png")
    path = tmp_path / "a.eml"
    path.write_bytes(bytes(mail))
    account, text = account_and_text(path)
    assert text == "Ann: Only a page\n\n"
    assert account.dropped == {"attachments": 1}


def test_what_apple_mail_keeps_is_read_too(tmp_path):
    content = letter("Hello")
    path = tmp_path / "1.emlx"
    path.write_bytes(f"{len(content)}\n".encode() + content + b'<?xml version="1.0"?><plist></plist>\n')
    assert text_of(path) == "Ann: Hello\n\n"


def test_a_page_that_a_browser_kept_has_no_writer(tmp_path):
    path = tmp_path / "page.mht"
    head = HEAD.format("<Saved by Blink>") + "MIME-Version: 1.0\nContent-Type: text/html\n\n"
    path.write_text(head + "<p>page</p>")
    assert text_of(path) == "page\n\n"


def test_a_play_that_mentions_letters_is_no_mail(tmp_path):
    path = tmp_path / "play.txt"
    for text in (
        "From: the king\nTo: the fool\nSubject: the crown\n\nCome at once.\n",
        "From Paris, 1920\nNote: none.\n",
    ):
        path.write_text(text)
        assert text_of(path) == text
