"""Which encoding bytes are in that do not say so: found only where two that judge in different ways agree."""

from __future__ import annotations

import unicodedata
from collections import Counter

_LONGEST = 2**16
_CONTROL_SHARE = 0.01
_PARTED = 0.5
_FEWEST = 40
_USUAL_SHARE = 0.95
_COMMON = ("cp1252", "cp1254", "euc_jp")
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_RARE_BLOCKS = (range(0x2000, 0x2010), range(0x2028, 0x2030), range(0x2800, 0x2900), range(0xA000, 0xAC00))


def detected(sample: bytes) -> str:
    """Return Python's name of the encoding that a sample is in, or an empty text where that is not sure.

    chardet finds it; chardetng, which is Firefox's, or charset-normalizer must read the same out of the sample: what
    they agree on was right for every language tried, what one of them finds alone was not.
    """
    import chardet  # these take 0.2 s, which UTF-8 need not wait for
    from chardetng_py import EncodingDetector
    from charset_normalizer import from_bytes

    if len(sample) > _LONGEST:
        sample = sample[: 1 + max(_LONGEST // 2, *(sample.rfind(gap, 0, _LONGEST) for gap in (b"\n", b" ")))]
    name = chardet.detect(sample, compat_names=False)["encoding"]
    text = _decoded(sample, name)
    if not name or text is None:
        return ""
    name = next((common for common in _COMMON if _decoded(sample, common) == text), name)
    firefox = EncodingDetector()
    firefox.feed(sample, last=True)
    if _decoded(sample, firefox.guess(tld=None, allow_utf8=True)) == text:
        return name
    best = from_bytes(sample).best()
    return name if best is not None and _decoded(sample, best.encoding) == text else ""


def seems_wide(sample: bytes) -> str:
    """Return the name of UTF-16 or UTF-32 where a sample without a mark can be nothing else, in any script.

    Such bytes have zeros or control characters among them, differ at even and odd places, and make usual characters
    when two or four are taken together.
    """
    controls = sum(sample.count(byte) for byte in (*range(9), *range(14, 27), *range(28, 32)))
    if not sample or controls < _CONTROL_SHARE * len(sample):
        return ""
    whole = sample[: len(sample) // 4 * 4] or sample
    likely = _WIDE if sample.count(0) * 3 > len(sample) else _WIDE[2:] if _parted(sample) > _PARTED else ()
    shares = {"": 0.0} | {name: _usual_share(_decoded(whole, name)) for name in likely}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= _USUAL_SHARE else ""


def _parted(sample: bytes) -> float:
    """Return how different the bytes at even places are from those at odd ones, 0 to 1; 0 for too few to tell."""
    even, odd = Counter(sample[0::2]), Counter(sample[1::2])
    if len(sample) < _FEWEST:
        return 0.0
    return sum(abs(even[byte] - odd[byte]) for byte in {*even, *odd}) / len(sample)


def _usual_share(text: str | None) -> float:
    """Return how many of the characters stand in texts that people write, 0 to 1."""
    if not text:
        return 0.0
    return sum(_is_usual(char) for char in text) / len(text)


def _is_usual(char: str) -> bool:
    if char in "\n\r\t\f ":
        return True
    code = ord(char)
    return unicodedata.category(char)[0] in "LMNPS" and not any(code in block for block in _RARE_BLOCKS)


def _decoded(sample: bytes, name: str | None) -> str | None:
    """Return a sample as text, but for a character cut off at its end; None where it is in another encoding."""
    if not name:
        return None
    for cut in range(4):
        try:
            return sample[: len(sample) - cut].decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return None
