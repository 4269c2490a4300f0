"""Recognises values that are not articles: the encodings, serializers, compressions and envelopes common on Kafka."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Collection

# Byte order marks, the longer ones first: the mark of UTF-32 begins with the mark of UTF-16.
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
    codecs.BOM_UTF8: "UTF-8",
}
GZIP = b"\x1f\x8b"
_PLAIN, _NO_REGISTRY = "serialize the value as plain JSON", "serialize the value as plain JSON, without a registry"
_BY_THE_PRODUCER = "leave the compression to the producer (`compression.type`)"
# The beginning of a value, its format, and the advice to the publisher.
_BEGINNINGS = [
    (re.compile(beginning, re.DOTALL), form, advice)
    for beginning, form, advice in (
        (rb"\x1f\x8b", "compressed with gzip", _BY_THE_PRODUCER),
        (rb"\x28\xb5\x2f\xfd", "compressed with Zstandard", _BY_THE_PRODUCER),
        (rb"\x04\x22\x4d\x18", "compressed with LZ4", _BY_THE_PRODUCER),
        (rb"\xff\x06\x00\x00sNaPpY|\x82SNAPPY\x00", "compressed with Snappy", _BY_THE_PRODUCER),
        (rb"BZh[1-9]1AY&SY", "compressed with bzip2", _BY_THE_PRODUCER),
        (rb"\xfd7zXZ\x00", "compressed with xz", _BY_THE_PRODUCER),
        (rb"x[\x01\x9c\xda]", "compressed with zlib", _BY_THE_PRODUCER),
        (rb"PK\x03\x04", "a zip archive", "publish the files in it"),
        (rb"%PDF-", "a PDF file", "publish its text"),
        (rb"\x00\x00\x00\{|\{\x00\x00\x00", "UTF-32", "encode it as UTF-8"),
        (rb"\x00\{|\{\x00", "UTF-16", "encode it as UTF-8"),
        # Confluent's wire format, which others have adopted: a zero byte, the schema's id in four bytes, the message.
        (rb"\x00....\{", "framed for a schema registry (JSON Schema)", _NO_REGISTRY),
        (rb"\x00.....", "framed for a schema registry (Avro or Protobuf)", _NO_REGISTRY),
        # AWS Glue: a version, a compression, the schema's UUID.
        (rb"\x03[\x00\x05].{16}", "framed for the AWS Glue schema registry", _NO_REGISTRY),
        (rb"Obj\x01", "an Avro file", _PLAIN),
        (rb"\xc3\x01", "Avro in its single-object encoding", _PLAIN),
        (rb"PAR1", "a Parquet file", _PLAIN),
        (rb"\xac\xed\x00\x05", "a serialized Java object", _PLAIN),
        (rb"\x80[\x02-\x05].*\.\Z", "a Python pickle", _PLAIN),
        (rb"\xd9\xd9\xf7", "CBOR", _PLAIN),
        (rb"(?:[\x81-\x8f]|\xde..)(?:[\xa1-\xbf]|\xd9.)\w", "MessagePack", _PLAIN),
        (rb"\s*<[a-zA-Z!?]", "XML or HTML", "publish a JSON object with its text as `text`"),
        (rb"\{u?'", "a Python dict as str() writes it", "write it with json.dumps"),
    )
]
# Possessive, as line breaks may stand before base64, in it and behind it: trying each division of a run of them takes
# cubic time, a minute for 4 kB.
_BASE64 = re.compile(rb"\s*+[A-Za-z0-9+/\r\n]{16,}+={0,2}\s*")
_VARINT_BYTES = 10
# The field names by which JSON without a `text` is recognised as an envelope, and the advice to the publisher.
_ENVELOPES = (
    (
        {"schema", "payload"},
        "the envelope of Kafka Connect's JsonConverter",
        "set value.converter.schemas.enable=false",
    ),
    (
        {"specversion", "data"},
        "a CloudEvent in structured mode",
        "send it in binary mode, with the article as the value",
    ),
    ({"before", "after", "op"}, "a change event of Debezium", "unwrap it (ExtractNewRecordState)"),
)


def recognise(value: bytes) -> str | None:
    """A clause with the probable format of a value that is not JSON in UTF-8, and the advice; None if it is unknown."""
    encoding = byte_order_mark(value)
    if encoding:
        return f"it begins with the byte order mark of {encoding}: encode it as UTF-8, without a mark"
    match = next(((form, advice) for beginning, form, advice in _BEGINNINGS if beginning.match(value)), None)
    if not match and _is_base64(value):
        match = "base64", _PLAIN
    if not match and _is_protobuf(value):
        match = "Protobuf", _PLAIN
    return f"it looks like {match[0]}: {match[1]}" if match else None


def byte_order_mark(value: bytes) -> str | None:
    """The encoding that a byte order mark announces; None where there is none."""
    return next((name for mark, name in _BYTE_ORDER_MARKS.items() if value.startswith(mark)), None)


def envelope(names: Collection[str]) -> str | None:
    """A clause with the kind of envelope that has these field names, and the advice; None for other objects."""
    return next((f"it is {kind}: {advice}" for required, kind, advice in _ENVELOPES if required <= set(names)), None)


def _is_base64(value: bytes) -> bool:
    if not _BASE64.fullmatch(value):
        return False
    try:
        content = base64.b64decode(value)
    except binascii.Error:
        return False
    return content.lstrip().startswith((b"{", GZIP, b"\x00"))


def _is_protobuf(value: bytes) -> bool:
    """Whether all the bytes are one message in Protobuf's wire format, with at least one string.

    Source: https://protobuf.dev/programming-guides/encoding/
    """
    at, strings = 0, 0
    while at < len(value):
        tag, at = _varint(value, at)
        if tag < 8:  # there is no field 0
            return False
        match tag & 7:
            case 0:
                _, at = _varint(value, at)
            case 1:
                at += 8
            case 2:
                size, at = _varint(value, at)
                at, strings = at + size, strings + 1
            case 5:
                at += 4
            case _:
                return False
    return at == len(value) and strings > 0


def _varint(value: bytes, at: int) -> tuple[int, int]:
    """The number at a position, and the next position, which is beyond the value if the number does not end."""
    number = 0
    for index, byte in enumerate(value[at : at + _VARINT_BYTES]):
        number |= (byte & 127) << 7 * index
        if byte < 128:
            return number, at + index + 1
    return 0, len(value) + 1
