"""Decoding of a record's bytes to an article, and encoding of an article with its analyses to bytes."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from streams.errors import Reason, RecordError
from streams.records import ANALYSES, Analysis, Article, Declared, Language, NotAnalysed, RawArticle, foreign_formats
from streams.records.article_id import content_id
from streams.records.ijson import ambiguity, half_character
from streams.records.nesting import depth_exceeds
from streams.stages import STAGE_NAMES

# The deepest nesting that Telex accepts: parsers recurse, and the depth at which they fail depends on their caller's
# stack.
MAX_DEPTH = 100
# The largest value of a record that Telex writes, in bytes. Kafka's own default is 1 MiB, which is too small for an
# article of 1 MB with its entities.
MAX_VALUE_BYTES = 4 * 1024 * 1024

_ADVICE = {
    "text": "a string with at least one letter",
    "id": "a string of 1 to 200 characters",
    "published": "an ISO 8601 date or time, such as 2024-03 or 2024-03-26T18:00:00Z",
    "language": "an ISO 639-1 code in lower case, such as fr",
}
_LETTER = re.compile(r"[^\W\d_]")
_PATH = re.compile(r" - at `\$\.(\w+).*`$")

_fields_decoder = msgspec.json.Decoder(dict[str, Raw])
_raw_article_decoder = msgspec.json.Decoder(RawArticle)
_hint_decoder = msgspec.json.Decoder(Declared | Language | NotAnalysed | None)
# The decoders of the analyses that Telex's own stages add.
DECODERS = {stage: msgspec.json.Decoder(kind) for stage, kind in ANALYSES.items()}
_LATER_STAGES = STAGE_NAMES[1:]
_encoder = msgspec.json.Encoder()

T = TypeVar("T")


def decode_raw(value: bytes | None) -> Article:
    """The article that a publisher sent.

    The analyses of an enriched record are dropped, so that such a record can be published again.

    Raises:
        RecordError: the record is not an article; the error's reason says why.
    """
    return _to_article(*_decode(value))


def decode_identified(value: bytes | None) -> Article:
    """The article in a record that the language stage or a later stage wrote.

    Raises:
        RecordError: the record is not an article, has no id, or its language was not identified by Telex.
    """
    fields, raw = _decode(value)
    if raw.id is None:
        raise _invalid("id", "is missing")
    if "language" not in fields:
        raise RecordError(
            Reason.INVALID_FIELD, "`language` is missing: it should be the object that the language stage writes."
        )
    language = _field("language", DECODERS["language"], fields["language"])
    return Article(
        id=raw.id,
        text=raw.text,
        title=raw.title,
        language=language.code if isinstance(language, Language) else None,
        declared=language.declared,
        entities=_field("entities", DECODERS["entities"], fields["entities"]) if "entities" in fields else None,
        fields=fields,
    )


def identify(value: bytes) -> tuple[str, bytes]:
    """The id of an article before it is published, and its record. A record without an id gets it as its first field.

    Raises:
        RecordError: the record is not an article, or larger than MAX_VALUE_BYTES.
    """
    fields, raw = _decode(value)
    identifier = _to_article(fields, raw).id
    if raw.id is None:
        value = _encoder.encode(
            {"id": identifier, **{name: content for name, content in fields.items() if name != "id"}}
        )
    if len(value) > MAX_VALUE_BYTES:
        raise RecordError(
            Reason.TOO_LARGE,
            f"The record has {len(value):,} bytes, and {MAX_VALUE_BYTES:,} is the most: publish it in parts.",
        )
    return identifier, value


def encode(article: Article, stage: str, analysis: Analysis) -> bytes:
    """The record with the stage's analysis under the stage's name. All other fields keep their bytes.

    Raises:
        RecordError: the record would be larger than MAX_VALUE_BYTES.
    """
    value = _encoder.encode({**article.fields, stage: analysis})
    if len(value) > MAX_VALUE_BYTES:
        raise RecordError(
            Reason.TOO_LARGE,
            f"With its {stage} the record has {len(value):,} bytes, and {MAX_VALUE_BYTES:,} is the most: "
            "publish it in parts.",
        )
    return value


def _decode(value: bytes | None) -> tuple[dict[str, Raw], RawArticle]:
    """The fields of a record, and the record as a raw article. Raises RecordError where it is not an article."""
    if not value:
        raise RecordError(Reason.EMPTY, "The record has no value: it should be a JSON object with a `text`.")
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        # Compressed or framed bytes are not text in any encoding.
        may_be_text = foreign_formats.byte_order_mark(value) or not foreign_formats.recognise(value)
        reason = Reason.INVALID_UTF8 if may_be_text else Reason.INVALID_JSON
        raise _not_json(reason, value, f"byte {error.start} is not UTF-8: encode the record as UTF-8") from None
    if depth_exceeds(value, MAX_DEPTH):
        raise RecordError(Reason.TOO_DEEP, f"The JSON is nested more than {MAX_DEPTH} levels deep: flatten it.")
    try:
        fields = _fields_decoder.decode(value)
    except msgspec.ValidationError as error:
        raise _not_an_object(value, error) from None
    except msgspec.DecodeError as error:
        lone_surrogate = half_character(value)
        if lone_surrogate:
            raise RecordError(Reason.INVALID_JSON, lone_surrogate) from None
        raise _not_json(Reason.INVALID_JSON, value, str(error)) from None
    ambiguous = None if _is_written_by_telex(value, fields) else ambiguity(text)
    if ambiguous:
        raise RecordError(Reason.INVALID_JSON, ambiguous)
    try:
        raw = _raw_article_decoder.decode(value)
    except msgspec.ValidationError as error:
        raise _why_invalid(str(error), fields) from None
    if not _LETTER.search(raw.text):
        raise RecordError(Reason.MISSING_TEXT, f"`text` has no letter: it should be {_ADVICE['text']}.")
    if raw.published is not None and not _is_date(raw.published):
        raise _invalid("published", f"{raw.published[:40]!r} is not a date")
    return fields, raw


def _is_written_by_telex(value: bytes, fields: dict[str, Raw]) -> bool:
    """Whether a record consists of strings and analyses, all as `encode` writes them. All parsers read it in one way.

    This takes a third of the time of `ambiguity`, which calls Python for each object and number of the entities.
    """
    return _encoder.encode(fields) == value and all(
        bytes(field).startswith(b'"') or (name in DECODERS and _is_as_encoded(bytes(field), DECODERS[name]))
        for name, field in fields.items()
    )


def _is_as_encoded(value: bytes, decoder: msgspec.json.Decoder[Any]) -> bool:
    try:
        return _encoder.encode(decoder.decode(value)) == value
    except msgspec.DecodeError:
        return False


def _to_article(fields: dict[str, Raw], raw: RawArticle) -> Article:
    """The article of a record without analyses, with an id and with the publisher's hint at its language."""
    declared = None
    if "language" in fields:
        hint = _field("language", _hint_decoder, fields["language"])
        declared = hint.declared if isinstance(hint, Language | NotAnalysed) else hint
    for name in _LATER_STAGES:
        if name in fields and name in DECODERS:
            _field(name, DECODERS[name], fields[name])
    published = {name: content for name, content in fields.items() if name not in STAGE_NAMES}
    if raw.id is None:
        identifier = content_id(published, declared)
        published.pop("id", None)
        published = {"id": Raw(_encoder.encode(identifier)), **published}
    else:
        identifier = raw.id
    return Article(id=identifier, text=raw.text, title=raw.title, language=None, declared=declared, fields=published)


def _field(name: str, decoder: msgspec.json.Decoder[T], value: Raw) -> T:
    try:
        return decoder.decode(value)
    except msgspec.DecodeError as error:
        raise _invalid(name, str(error)) from None


def _not_json(reason: Reason, value: bytes, parser_message: str) -> RecordError:
    """The error for bytes that are not JSON. It names their format where that is recognised, else quotes the parser."""
    return RecordError(reason, f"The record is not JSON: {foreign_formats.recognise(value) or parser_message}.")


def _not_an_object(value: bytes, error: Exception) -> RecordError:
    advice = "it should be an object with a `text`"
    try:
        text = msgspec.json.decode(value, type=str) if value.lstrip().startswith(b'"') else ""
    except msgspec.DecodeError as broken:  # more bytes follow the string
        return _not_json(Reason.INVALID_JSON, value, str(broken))
    if text.lstrip().startswith("{"):
        advice = "it is a string with JSON in it; serialize the article once, not twice"
    return RecordError(Reason.NOT_AN_OBJECT, f"The record is JSON but not an object ({error}): {advice}.")


def _why_invalid(error: str, fields: Collection[str]) -> RecordError:
    """The error for a message of msgspec such as ``Expected `str`, got `int` - at `$.title` ``."""
    path = _PATH.search(error)
    if path:
        name, fault = path[1], error[: path.start()]
        if name == "text" and fault.endswith("`null`"):
            return RecordError(Reason.MISSING_TEXT, f"`text` is null: it should be {_ADVICE['text']}.")
        return _invalid(name, fault)
    return RecordError(
        Reason.MISSING_TEXT,
        f"`text` is missing: {foreign_formats.envelope(fields) or 'it should be ' + _ADVICE['text']}.",
    )


def _invalid(name: str, fault: str) -> RecordError:
    return RecordError(
        Reason.INVALID_FIELD,
        f"`{name}`: {fault}; it should be {_ADVICE.get(name, 'a string, or the content that Telex wrote')}.",
    )


def _is_date(published: str) -> bool:
    """Whether a date in the form of ISO 8601 exists in the calendar. The form itself is checked before."""
    text = published.replace(",", ".")
    text += {4: "-01-01", 7: "-01"}.get(len(text), "")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
