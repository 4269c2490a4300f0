"""The JSON Schema of the records (draft 2020-12), generated from their types."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from streams.records import ANALYSES, Declared, EnrichedArticle, Id, Language, NotAnalysed, RawArticle, Story
from streams.records.headers import MATCH_SCHEMA, SCHEMA
from streams.records.watches import MatchRecord

Name = Literal["raw", "enriched", "language", "entities", "sentiment", "story", "match"]
NAMES: tuple[Name, ...] = ("raw", "enriched", "language", "entities", "sentiment", "story", "match")

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# The id of the schema of a story, which the records name in `ce_dataschema`.
STORY_SCHEMA = "urn:telex:story:1"
# A text needs a letter. Regular expressions of Python and JavaScript have no common class for letters beyond ASCII. So
# the schema requires one character that is a letter of ASCII or is not in ASCII; the pipeline itself checks for a
# letter.
_WITH_LETTER = r"[^\u0000-@\[-`{-\u007f]"
_TYPES: dict[str, Any] = {
    "raw": RawArticle,
    "enriched": EnrichedArticle,
    **ANALYSES,
    "story": Story,
    "match": MatchRecord,
}
# The ids of the schemas that have a version of their own.
_OWN_ADDRESSES = {"story": STORY_SCHEMA, "match": MATCH_SCHEMA.decode()}
# The content that a raw record may have under the names of the stages: a hint, or an earlier analysis, which Telex
# replaces.
_RESERVED: dict[str, Any] = {**ANALYSES, "language": Declared | Language | NotAnalysed | None}


def schema(name: Name) -> dict[str, Any]:
    """The JSON Schema of a record, of the analysis of one stage, or of the record of a story or a match."""
    kinds = (_TYPES[name], Id, *(_RESERVED.values() if name == "raw" else ()))
    (record, identifier, *reserved), parts = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    if name in ("raw", "enriched", "story", "match"):
        record = parts.pop(_TYPES[name].__name__)
    if name in ("raw", "enriched"):
        record["properties"]["text"] |= {"minLength": 1, "pattern": _WITH_LETTER}
        record["additionalProperties"] = True
    if name == "raw":
        record["properties"] |= dict(zip(_RESERVED, reserved, strict=True))
    if name == "enriched":
        record["properties"]["id"] = identifier
        record["required"] = ["id", *record["required"]]
    head = {"$schema": DIALECT, "$id": _OWN_ADDRESSES.get(name, f"{SCHEMA.decode()}:{name}")}
    described: dict[str, Any] = _plain({**head, **record, "title": f"Telex: {name}", "$defs": parts})
    return described


def _plain(value: Any) -> Any:
    """The schema without `discriminator`, a keyword of OpenAPI that strict validators of JSON Schema refuse."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key != "discriminator"}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
