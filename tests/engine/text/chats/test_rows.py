from collections import Counter

from engine.text.chats.rows import keys_told


def test_keys_are_told_the_commonest_first_and_not_without_end():
    assert keys_told({"a": 1, "b": 3}) == "b, a"
    assert keys_told(Counter({f"k{n:02}": 1 for n in range(20)})).endswith("k11 and 8 more")
