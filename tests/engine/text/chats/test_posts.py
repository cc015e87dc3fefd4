import json

from engine.text.chats.posts import plain_html
from tests.engine.text.chats.hands import read, read_text


def test_an_outbox_of_mastodon():
    items = [
        {"type": "Create", "object": {"type": "Note", "content": "<p>Hello<br />you &amp; all</p><p>Bye</p>"}},
        {"type": "Announce", "object": "https://a.org/1"},
        {"type": "Create", "object": {"type": "Note", "summary": "food", "content": "<p>Soup</p>", "attachment": [{}]}},
        {"type": "Create", "object": {"type": "Note", "content": "", "attachment": [{}, {}]}},
    ]
    text, account = read({"id": "outbox.json", "type": "OrderedCollection", "orderedItems": items})
    assert text == "Hello\nyou & all\n\nBye\n\nfood\nSoup\n\n"
    assert account.read_as == "posts of Mastodon"
    assert account.dropped == {"posts of others": 1, "attached files": 3, "posts without words": 1}


def test_markup_of_a_post():
    link = '<p>See <a href="https://a.org"><span class="invisible">https://</span>a.org</a> &lt;3</p>'
    assert plain_html(link) == "See https://a.org <3"


def test_tweets_of_an_archive():
    tweets = [
        {
            "tweet": {
                "id_str": "1",
                "full_text": "I &amp; you https://t.co/a",
                "entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://a.org/page"}]},
            }
        },
        {"tweet": {"id_str": "2", "full_text": "RT @bo: mine"}},
        {
            "tweet": {
                "id_str": "3",
                "full_text": "Look https://t.co/b",
                "entities": {"media": [{"url": "https://t.co/b"}]},
            }
        },
        {"tweet": {"id_str": "4", "full_text": "https://t.co/c", "entities": {"media": [{"url": "https://t.co/c"}]}}},
        {"noteTweet": {"noteTweetId": "5", "core": {"text": "A longer one"}}},
    ]
    text, account = read_text(f"window.YTD.tweets.part0 = {json.dumps(tweets, indent=1)}")
    assert text == "I & you https://a.org/page\n\nLook\n\nA longer one\n\n"
    assert account.read_as == "tweets"
    assert account.dropped == {"posts of others": 1, "attached files": 2, "posts without words": 1}


def test_messages_of_a_twitter_archive():
    messages = [
        {"messageCreate": {"senderId": "2", "text": "Hello", "createdAt": "2024-01-02T00:00:00.000Z"}},
        {"joinConversation": {}},
        {"messageCreate": {"senderId": "1", "text": "Hi &amp; ho", "createdAt": "2024-01-01T00:00:00.000Z"}},
    ]
    text, account = read([{"dmConversation": {"conversationId": "1-2", "messages": messages}}])
    assert text == "1: Hi & ho\n\n2: Hello\n\n"
    assert account.dropped == {"notices": 1}
