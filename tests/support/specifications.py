"""Checks records that Telex wrote against their JSON Schema, CloudEvents 1.0 and W3C Trace Context.

These rules come from the specifications and share no code with the headers of Telex.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import jsonschema_rs

from streams.records.schema import schema

# https://www.rfc-editor.org/rfc/rfc3339#section-5.6
RFC_3339 = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
# https://www.w3.org/TR/trace-context-1/#version-format
TRACEPARENT = r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
# https://www.w3.org/TR/trace-context-1/#tracestate-header-field-values
KEY = r"[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13}"
STATE_MEMBER = rf"({KEY})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{{0,255}}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
# https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
ATTRIBUTE = r"ce_[a-z0-9]+"
REQUIRED = {"ce_id", "ce_source", "ce_specversion", "ce_type"}
FORBIDDEN = {"ce_data", "ce_datacontenttype"}
DEAD_LETTER_PREFIXES = ("telex.error.", "__connect.errors.")

Headers = Iterable[tuple[str, bytes | None]]

# The exam checks each record several times. The validator in Rust takes 0.04 ms of an enriched record, and that of
# jsonschema 7 ms.
_RAW = jsonschema_rs.Draft202012Validator(schema("raw"))
_ENRICHED = jsonschema_rs.Draft202012Validator(schema("enriched"))
_STORY = jsonschema_rs.Draft202012Validator(schema("story"))
_MATCH = jsonschema_rs.Draft202012Validator(schema("match"))


def written_by_telex(headers: Headers) -> bool:
    """Whether a part of Telex wrote the record."""
    return any(name == "ce_source" and (value or b"").startswith(b"urn:telex:") for name, value in headers)


def breaches(key: bytes | None, value: bytes | None, headers: Headers) -> list[str]:
    """The rules that a record of Telex breaks, each in a sentence; empty if it breaks none."""
    headers = list(headers)
    found = _event_breaches(headers) + _trace_breaches(headers)
    found += [f"{name} remains from a dead letter" for name, _ in headers if name.startswith(DEAD_LETTER_PREFIXES)]
    kind = (dict(headers).get("ce_type") or b"").decode().removeprefix("telex.article.")
    if kind == "telex.match":
        return found + _match_breaches(key, value, dict(headers))
    if not re.fullmatch("[a-z]+", kind):
        found.append(f"ce_type names {kind!r}")
    try:
        article = json.loads(value or b"", object_pairs_hook=_without_duplicates, parse_constant=_refuse)
        json.dumps(article, ensure_ascii=False).encode()
    except ValueError as error:
        return [*found, f"the value is not JSON that every parser reads alike: {error}"]
    # Some tests run one stage alone, on articles without the other analyses, or end the pipeline with their own stage.
    validator = _ENRICHED if kind == "enriched" and {"language", "entities", "sentiment"} <= article.keys() else _RAW
    validator = _STORY if kind == "stories" else validator
    found += [f"{error.instance_path}: {error.message[:200]}" for error in validator.iter_errors(article)]
    if kind in ("language", "entities") and kind not in article:
        found.append(f"{kind} is missing")
    if key != article.get("id", "").encode():
        found.append(f"the key is {key!r}, and the id {article.get('id')!r}")
    return found


def _match_breaches(key: bytes | None, value: bytes | None, headers: dict[str, bytes | None]) -> list[str]:
    try:
        match = json.loads(value or b"", object_pairs_hook=_without_duplicates, parse_constant=_refuse)
    except ValueError as error:
        return [f"the value is not JSON that every parser reads alike: {error}"]
    found = [f"{error.instance_path}: {error.message[:200]}" for error in _MATCH.iter_errors(match)]
    if (key, headers["ce_id"]) != (match["watch"].encode(), match["id"].encode()):
        found.append(f"the key is {key!r}, the event {headers['ce_id']!r}, and the match {match['id']!r}")
    return found


def _event_breaches(headers: list[tuple[str, bytes | None]]) -> list[str]:
    attributes = [(name, value) for name, value in headers if name.lower().startswith("ce_")]
    names = [name for name, _ in attributes]
    found = [f"{name} is repeated" for name in {name for name in names if names.count(name) > 1}]
    found += [f"{name} is missing" for name in REQUIRED - set(names)]
    for name, value in attributes:
        if not re.fullmatch(ATTRIBUTE, name) or name in FORBIDDEN:
            found.append(f"{name!r} is no attribute")
        elif not _is_string(value):
            found.append(f"{name} is no CloudEvents string: {value!r}")
    given = dict(attributes)
    for name in REQUIRED | {"ce_subject"}:
        if given.get(name, b"?") == b"":
            found.append(f"{name} is empty")
    if given.get("ce_specversion") != b"1.0":
        found.append("ce_specversion is not 1.0")
    time = (given.get("ce_time") or b"").decode(errors="replace")
    if not re.fullmatch(RFC_3339, time, re.ASCII) or not _is_date(time[:10]):
        found.append(f"ce_time is {time!r}")
    if [value for name, value in headers if name == "content-type"] != [b"application/json"]:
        found.append("content-type is not application/json, once")
    return found


def _trace_breaches(headers: list[tuple[str, bytes | None]]) -> list[str]:
    parents = [(value or b"").decode(errors="replace") for name, value in headers if name == "traceparent"]
    states = [(value or b"").decode(errors="replace") for name, value in headers if name == "tracestate"]
    found = [] if len(parents) == 1 and re.fullmatch(TRACEPARENT, parents[0]) else [f"traceparent is {parents}"]
    members = [member.strip(" \t") for member in ",".join(states).split(",") if member.strip(" \t")]
    keys = [member.partition("=")[0] for member in members]
    if (
        len(members) > 32
        or len(set(keys)) < len(keys)
        or not all(re.fullmatch(STATE_MEMBER, member) for member in members)
    ):
        found.append(f"tracestate is {states}")
    return found


def _is_string(value: bytes | None) -> bool:
    try:
        return value is not None and not any(
            unicodedata.category(character) == "Cc" or _is_nonchar(ord(character)) for character in value.decode()
        )
    except UnicodeDecodeError:
        return False


def _is_nonchar(point: int) -> bool:
    return 0xFDD0 <= point <= 0xFDEF or point & 0xFFFE == 0xFFFE


def _is_date(date: str) -> bool:
    try:
        datetime.fromisoformat(date)
    except ValueError:
        return False
    return True


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError(f"a name is repeated: {[name for name, _ in pairs]}")
    return dict(pairs)


def _refuse(literal: str) -> None:
    raise ValueError(literal)
