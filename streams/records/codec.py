"""From the bytes of a record to an article, and from an article with its analyses back to bytes."""

from __future__ import annotations

import itertools
import json
import re
import uuid
from collections.abc import Collection
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import Raw

from streams.errors import Reason, RecordError
from streams.records import ANALYSES, Analysis, Article, Declared, Language, NotAnalysed, RawArticle, foreign_formats
from streams.records.ijson import ambiguity, half_character
from streams.stages import STAGE_NAMES

# Nesting beyond this is refused: parsers recurse, and where they give up depends on their caller's stack.
MAX_DEPTH = 100
# The largest value of a record that Telex writes, in bytes. Kafka's own default is 1 MiB, which an article of 1 MB
# with its entities does not fit.
MAX_VALUE_BYTES = 4 * 1024 * 1024
# The namespace of the ids that Telex makes (RFC 9562, section 5.5).
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:telex:article")

_ADVICE = {
    "text": "a string with at least one letter",
    "id": "a string of 1 to 200 characters",
    "published": "an ISO 8601 date or time, such as 2024-03 or 2024-03-26T18:00:00Z",
    "language": "an ISO 639-1 code in lower case, such as fr",
}
_LETTER = re.compile(r"[^\W\d_]")
# Possessive and with the closing quote optional: linear also on a string that never ends.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_SPACE_OUTSIDE_STRINGS = re.compile(rb'("(?:[^"\\]++|\\.)*+"?)|[ \t\r\n]+', re.DOTALL)
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_PATH = re.compile(r" - at `\$\.(\w+).*`$")

_fields = msgspec.json.Decoder(dict[str, Raw])
_raw_article = msgspec.json.Decoder(RawArticle)
_hint = msgspec.json.Decoder(Declared | Language | NotAnalysed | None)
# Of what each stage of Telex's own adds.
DECODERS = {stage: msgspec.json.Decoder(kind) for stage, kind in ANALYSES.items()}
_STAGES_BEHIND = set(STAGE_NAMES[1:])
_encoder = msgspec.json.Encoder()

T = TypeVar("T")


def decode_raw(value: bytes | None) -> Article:
    """The article that a publisher sent.

    What Telex itself wrote into an enriched record is dropped, so that it can be published again.

    Raises:
        RecordError: the record is no article; its reason says why.
    """
    fields, raw = _decode(value)
    declared = None
    if "language" in fields:
        hint = _field("language", _hint, fields.pop("language"))
        declared = hint.declared if isinstance(hint, Language | NotAnalysed) else hint
    for name in _STAGES_BEHIND & fields.keys():
        written = fields.pop(name)
        if name in DECODERS:
            _field(name, DECODERS[name], written)
    if raw.id is None:
        identifier = _content_id(fields, declared)
        fields.pop("id", None)
        fields = {"id": Raw(_encoder.encode(identifier)), **fields}
    else:
        identifier = raw.id
    return Article(id=identifier, text=raw.text, title=raw.title, language=None, declared=declared, fields=fields)


def decode_identified(value: bytes | None) -> Article:
    """The article that comes out of the language stage or a later one.

    Raises:
        RecordError: the record is no article, has no id, or its language was not identified by Telex.
    """
    fields, raw = _decode(value)
    if raw.id is None:
        raise _invalid("id", "is missing")
    if "language" not in fields:
        raise RecordError(
            Reason.INVALID_FIELD, "`language` is missing: it should be the object that the language stage writes."
        )
    language = _field("language", DECODERS["language"], fields["language"])
    code = language.code if isinstance(language, Language) else None
    return Article(id=raw.id, text=raw.text, title=raw.title, language=code, declared=language.declared, fields=fields)


def identify(value: bytes) -> tuple[str, bytes]:
    """The id of an article that is to be published, and its record: with the id in it, where it had none.

    Raises:
        RecordError: the record is no article, or larger than MAX_VALUE_BYTES.
    """
    identifier = decode_raw(value).id
    fields = _fields.decode(value)
    if "id" not in fields or bytes(fields["id"]) == b"null":
        value = _encoder.encode({"id": identifier, **{name: raw for name, raw in fields.items() if name != "id"}})
    if len(value) > MAX_VALUE_BYTES:
        raise RecordError(
            Reason.TOO_LARGE,
            f"The record has {len(value):,} bytes, and {MAX_VALUE_BYTES:,} is the most: publish it in parts.",
        )
    return identifier, value


def encode(article: Article, stage: str, analysis: Analysis) -> bytes:
    """The record with the stage's analysis under the stage's name, everything else as it was.

    Raises:
        RecordError: the record would be larger than MAX_VALUE_BYTES.
    """
    value = _encoder.encode({**article.fields, stage: analysis})
    if len(value) > MAX_VALUE_BYTES:
        raise RecordError(
            Reason.TOO_LARGE,
            f"With its {stage} the record has {len(value):,} bytes, and {MAX_VALUE_BYTES:,} is the most: publish it in parts.",
        )
    return value


def _decode(value: bytes | None) -> tuple[dict[str, Raw], RawArticle]:
    if not value:
        raise RecordError(Reason.EMPTY, "The record has no value: it should be a JSON object with a `text`.")
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        # Compressed or framed bytes are no text in any encoding.
        text_like = foreign_formats.byte_order_mark(value) or not foreign_formats.named(value)
        reason = Reason.INVALID_UTF8 if text_like else Reason.INVALID_JSON
        raise _not_json(reason, value, f"byte {error.start} is not UTF-8: encode the record as UTF-8") from None
    if _depth_exceeds(value, MAX_DEPTH):
        raise RecordError(Reason.TOO_DEEP, f"The JSON is nested more than {MAX_DEPTH} levels deep: flatten it.")
    try:
        fields = _fields.decode(value)
    except msgspec.ValidationError as error:
        raise _not_an_object(value, error) from None
    except msgspec.DecodeError as error:
        half = half_character(value)
        if half:
            raise RecordError(Reason.INVALID_JSON, half) from None
        raise _not_json(Reason.INVALID_JSON, value, str(error)) from None
    ambiguous = ambiguity(text)
    if ambiguous:
        raise RecordError(Reason.INVALID_JSON, ambiguous)
    try:
        raw = _raw_article.decode(value)
    except msgspec.ValidationError as error:
        raise _why_invalid(str(error), fields) from None
    if not _LETTER.search(raw.text):
        raise RecordError(Reason.MISSING_TEXT, f"`text` has no letter: it should be {_ADVICE['text']}.")
    if raw.published is not None and not _is_date(raw.published):
        raise _invalid("published", f"{raw.published[:40]!r} is no date")
    return fields, raw


def _field(name: str, decoder: msgspec.json.Decoder[T], value: Raw) -> T:
    try:
        return decoder.decode(value)
    except msgspec.DecodeError as error:
        raise _invalid(name, str(error)) from None


def _not_json(reason: Reason, value: bytes, what: str) -> RecordError:
    """The coded error for bytes that are no JSON: what they are, where that can be told, else what a parser says."""
    return RecordError(reason, f"The record is not JSON: {foreign_formats.named(value) or what}.")


def _not_an_object(value: bytes, error: Exception) -> RecordError:
    what = f"({error}): it should be an object with a `text`"
    try:
        text = msgspec.json.decode(value, type=str) if value.lstrip().startswith(b'"') else ""
    except msgspec.DecodeError as broken:  # a string, and something behind it
        return _not_json(Reason.INVALID_JSON, value, str(broken))
    if text.lstrip().startswith("{"):
        what = "but a string with JSON in it: serialize the article once, not twice"
    return RecordError(Reason.NOT_AN_OBJECT, f"The record is JSON but no object {what}.")


def _why_invalid(error: str, fields: Collection[str]) -> RecordError:
    """The coded error for a message of msgspec such as ``Expected `str`, got `int` - at `$.title` ``."""
    path = _PATH.search(error)
    if path:
        name, what = path[1], error[: path.start()]
        if name == "text" and what.endswith("`null`"):
            return RecordError(Reason.MISSING_TEXT, f"`text` is null: it should be {_ADVICE['text']}.")
        return _invalid(name, what)
    return RecordError(
        Reason.MISSING_TEXT,
        f"`text` is missing: {foreign_formats.envelope(fields) or 'it should be ' + _ADVICE['text']}.",
    )


def _invalid(name: str, what: str) -> RecordError:
    return RecordError(
        Reason.INVALID_FIELD,
        f"`{name}`: {what}; it should be {_ADVICE.get(name, 'a string, or what Telex wrote there')}.",
    )


def _depth_exceeds(value: bytes, limit: int) -> bool:
    if value.count(b"[") + value.count(b"{") <= limit:
        return False
    steps = (_STEP[byte] for byte in _STRING.sub(b"", value) if byte in _STEP)
    return any(depth > limit for depth in itertools.accumulate(steps))


def _is_date(published: str) -> bool:
    """Whether the parts of an ISO 8601 date that are given are possible ones (the form was checked before)."""
    text = published.replace(",", ".")
    text += {4: "-01-01", 7: "-01"}.get(len(text), "")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _content_id(fields: dict[str, Raw], declared: str | None) -> str:
    """A UUIDv5 of the canonical content: every field but the id in the order of the names, without white space.

    Strings are compared by what they say, not by how they were escaped; other values by their literal bytes.
    """
    content = {name: _canonical(bytes(value)) for name, value in sorted(fields.items()) if name != "id"}
    if declared is not None:
        content["language"] = json.dumps(declared)
    return str(uuid.uuid5(NAMESPACE, json.dumps(content, ensure_ascii=True, sort_keys=True)))


def _canonical(value: bytes) -> str:
    if value.startswith(b'"'):
        return json.dumps(msgspec.json.decode(value, type=str))
    return _SPACE_OUTSIDE_STRINGS.sub(rb"\1", value).decode()
