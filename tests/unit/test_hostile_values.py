"""Hostile values of records: the article or the reason for the refusal, in time proportional to the length."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streams.errors import Reason, RecordError
from streams.records import codec, foreign_formats
from tests.support.growth import LINEAR, growth


def with_field(content: bytes) -> bytes:
    return b'{"text":"News","x":' + content + b"}"


# Values of any length, each with the reason for which it is refused; None for an article.
VALUES: dict[str, tuple[Callable[[int], bytes], Reason | None]] = {
    "string that never ends": (lambda size: b"[" * 101 + b'"' + b'\\"' * (size // 2), Reason.TOO_DEEP),
    "quotation marks": (lambda size: b'"' * size, Reason.INVALID_JSON),
    "brackets": (lambda size: b"[" * size, Reason.TOO_DEEP),
    "brackets in a string": (lambda size: with_field(b'"' + b"[{" * (size // 2) + b'"'), None),
    "commas": (lambda size: b'{"text":"News"' + b"," * size + b"}", Reason.INVALID_JSON),
    "digits": (lambda size: with_field(b"1" * size), Reason.INVALID_JSON),
    "decimal places": (lambda size: with_field(b"0." + b"1" * size), None),
    "zeros of an exponent": (lambda size: with_field(b"1e" + b"0" * size), None),
    "numbers": (lambda size: with_field(b"[" + b"1," * (size // 2) + b"1]"), None),
    "names": (
        lambda size: with_field(b"{" + b",".join(b'"%d":1' % number for number in range(size // 8)) + b"}"),
        None,
    ),
    "one name again and again": (lambda size: with_field(b"1" + b',"y":1' * (size // 6)), Reason.INVALID_JSON),
    "objects": (lambda size: with_field(b"[" + b'{"y":1},' * (size // 8) + b"{}]"), None),
    "halves of characters": (lambda size: with_field(b'"' + rb"\ud83d" * (size // 6) + b'"'), Reason.INVALID_JSON),
    "characters of two halves": (lambda size: with_field(b'"' + rb"\ud83d\ude00" * (size // 12) + b'"'), None),
    "spaces in an object": (lambda size: with_field(b"{" + b" " * size + b"}"), None),
    "spaces": (lambda size: b" " * size + b"!", Reason.INVALID_JSON),
    "line breaks": (lambda size: b"\n" * size + b"!", Reason.INVALID_JSON),
    "lines of base64": (lambda size: b"QUJD\r\n" * (size // 6) + b"!", Reason.INVALID_JSON),
    "numbers of Protobuf": (lambda size: b"\x08\x01" * (size // 2) + b"!", Reason.INVALID_JSON),
    "strings of Protobuf": (lambda size: b"\x0a\x01a" * (size // 3), Reason.INVALID_JSON),
    "text without a letter": (lambda size: b'{"text":"' + b"1" * size + b'"}', Reason.MISSING_TEXT),
    "JSON in a string": (lambda size: b'"{' + b'\\"' * (size // 2) + b'"', Reason.NOT_AN_OBJECT),
    "bytes behind a string": (lambda size: b'"' + b"a" * size + b'" x', Reason.INVALID_JSON),
    "last byte is not UTF-8": (lambda size: b"a" * size + b"\xff", Reason.INVALID_UTF8),
    "date": (
        lambda size: b'{"text":"News","published":"2024-01-01T00:00:00.' + b"0" * size + b'"}',
        Reason.INVALID_FIELD,
    ),
    "language": (lambda size: b'{"text":"News","language":"' + b"f" * size + b'"}', Reason.INVALID_FIELD),
    "id": (lambda size: b'{"text":"News","id":"' + b"x" * size + b'"}', Reason.INVALID_FIELD),
}


def refusal(value: bytes) -> Reason | None:
    try:
        codec.decode_raw(value)
    except RecordError as refused:
        return refused.reason
    return None


@pytest.mark.parametrize("kind", VALUES)
def test_a_long_value_is_refused_for_the_same_reason_as_a_short_one(kind: str) -> None:
    make, reason = VALUES[kind]
    assert refusal(make(2_000)) == refusal(make(200_000)) == reason


@pytest.mark.parametrize("kind", VALUES)
def test_the_time_grows_in_proportion_to_the_length_of_a_value(kind: str) -> None:
    make, _ = VALUES[kind]
    assert growth(refusal, make, 50_000) <= LINEAR


@pytest.mark.parametrize("kind", ["numbers", "objects", "spaces in an object", "names"])
def test_the_time_for_the_id_of_an_article_grows_in_proportion_to_its_length(kind: str) -> None:
    make, _ = VALUES[kind]
    assert growth(codec.identify, make, 50_000) <= LINEAR


def test_base64_in_lines_is_recognised_whatever_white_space_is_around_it() -> None:
    lines = b"eyJ0ZXh0Ijog\r\nIk5ld3MifQ==\r\n"
    for value in (lines, b"\r\n \n" + lines, lines + b" \n\n"):
        assert "base64" in (foreign_formats.recognise(value) or "")
