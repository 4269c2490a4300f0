"""The JSON Schema of the records (draft 2020-12), made from their types."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from streams.records import ANALYSES, Declared, EnrichedArticle, Id, Language, NotAnalysed, RawArticle
from streams.records.headers import SCHEMA

Name = Literal["raw", "enriched", "language", "entities", "sentiment"]
NAMES: tuple[Name, ...] = ("raw", "enriched", "language", "entities", "sentiment")

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# A text has a letter. That pattern language knows no letters beyond ASCII in which both Python and JavaScript agree, so the
# schema asks for one character that is ASCII's letter or not of ASCII; the pipeline looks closer.
_WITH_LETTER = r"[^\u0000-@\[-`{-\u007f]"
_TYPES: dict[str, Any] = {"raw": RawArticle, "enriched": EnrichedArticle, **ANALYSES}
# What a raw record may have under the names that the stages write: a hint, or what Telex wrote, which is done anew.
_RESERVED: dict[str, Any] = {**ANALYSES, "language": Declared | Language | NotAnalysed | None}


def schema(name: Name) -> dict[str, Any]:
    """The JSON Schema of a record, or of what one stage adds to it."""
    kinds = (_TYPES[name], Id, *(_RESERVED.values() if name == "raw" else ()))
    (record, identifier, *reserved), parts = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    if name in ("raw", "enriched"):
        record = parts.pop(_TYPES[name].__name__)
        record["properties"]["text"] |= {"minLength": 1, "pattern": _WITH_LETTER}
        record["additionalProperties"] = True
    if name == "raw":
        record["properties"] |= dict(zip(_RESERVED, reserved, strict=True))
    if name == "enriched":
        record["properties"]["id"] = identifier
        record["required"] = ["id", *record["required"]]
    head = {"$schema": DIALECT, "$id": f"{SCHEMA.decode()}:{name}"}
    described: dict[str, Any] = _plain({**head, **record, "title": f"Telex: {name}", "$defs": parts})
    return described


def _plain(value: Any) -> Any:
    """Without `discriminator`, a word of OpenAPI that strict validators of JSON Schema refuse."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key != "discriminator"}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
