"""Values that are no article: the message names their format."""

import base64
import bz2
import gzip
import json
import lzma
import pickle
import zlib

import pytest

from streams.errors import Reason, RecordError
from streams.records import codec

ARTICLE = json.dumps({"id": "a", "text": "The mayor opened a bridge."}).encode()


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (b"\x00\x00\x00\x00\x07" + ARTICLE, "schema registry (JSON Schema)"),
        (b"\x00\x00\x00\x00\xe7\x02\x1aThe mayor", "schema registry (Avro or Protobuf)"),
        (b"\x03\x00" + bytes(range(16)) + b"\x02\x1aThe mayor", "AWS Glue"),
        (b"\xef\xbb\xbf" + ARTICLE, "byte order mark of UTF-8"),
        (ARTICLE.decode().encode("utf-16"), "byte order mark of UTF-16"),
        (ARTICLE.decode().encode("utf-32"), "byte order mark of UTF-32"),
        (ARTICLE.decode().encode("utf-16-le"), "UTF-16"),
        (ARTICLE.decode().encode("utf-16-be"), "UTF-16"),
        (ARTICLE.decode().encode("utf-32-be"), "UTF-32"),
        (gzip.compress(ARTICLE, mtime=0), "gzip"),
        (zlib.compress(ARTICLE), "zlib"),
        (bz2.compress(ARTICLE), "bzip2"),
        (lzma.compress(ARTICLE), "xz"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "Zstandard"),
        (b"PK\x03\x04\x14\x00", "zip archive"),
        (b"Obj\x01\x04\x16avro.schema", "Avro file"),
        (pickle.dumps({"text": "The mayor"}), "pickle"),
        (b"\x81\xa4text\xa9The mayor", "MessagePack"),
        (b"\x0a\x01a\x12\x09The mayor", "Protobuf"),
        (base64.b64encode(ARTICLE), "base64"),
        (b"<?xml version='1.0'?><text>The mayor</text>", "XML"),
        (b"{'text': 'The mayor'}", "json.dumps"),
    ],
)
def test_the_format_of_bytes_that_are_no_json_is_named(value: bytes, named: str) -> None:
    with pytest.raises(RecordError) as refused:
        codec.decode_raw(value)
    assert named in str(refused.value)
    is_text_in_utf_16_or_32 = value[:2] in (b"\xff\xfe", b"\xfe\xff")
    assert refused.value.reason is (Reason.INVALID_UTF8 if is_text_in_utf_16_or_32 else Reason.INVALID_JSON)


@pytest.mark.parametrize(
    ("value", "reason", "named"),
    [
        (
            {"schema": {"type": "struct"}, "payload": {"text": "a"}},
            Reason.MISSING_TEXT,
            "value.converter.schemas.enable=false",
        ),
        (
            {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": {}},
            Reason.MISSING_TEXT,
            "structured mode",
        ),
        ({"before": None, "after": {"text": "a"}, "op": "c"}, Reason.MISSING_TEXT, "Debezium"),
        (ARTICLE.decode(), Reason.NOT_AN_OBJECT, "a string with JSON in it"),
    ],
)
def test_the_envelope_of_an_article_is_named(value: object, reason: Reason, named: str) -> None:
    with pytest.raises(RecordError, match=named) as refused:
        codec.decode_raw(json.dumps(value).encode())
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    "value", [b"The mayor opened a bridge.", "Le maire a ouvert un pont né".encode("latin-1"), b'{"text":"a"']
)
def test_an_unknown_format_is_not_guessed(value: bytes) -> None:
    with pytest.raises(RecordError) as refused:
        codec.decode_raw(value)
    assert "looks like" not in str(refused.value)
