"""The description of the addresses in the form of https://spec.openapis.org/oas/v3.1.0.html."""

from __future__ import annotations

from typing import Any

import msgspec

from streams.records.filters.conditions import CONDITIONS, MAX_CHARACTERS
from streams.records.schema import schema
from streams.web.last_hour import Hour
from streams.web.pipeline_view import Pipeline
from streams.web.query import DEFAULT_LIMIT, MAX_LIMIT
from streams.web.sources_view import Sources
from streams.web.stories import StoriesAnswer
from streams.web.watches_view import WatchesAnswer

_REFERENCE = "#/components/schemas/{name}"
_STREAM = """Server-sent events. An event `article` has an object with `time` and `article` as its data. Its id is your
position: send it back as `Last-Event-ID` or `after`, and you get every later article once. An event `position` has the
id alone, where no article has passed your filter for a while. `dropped` says that you read
too slowly, `lost` how many articles were deleted before you read them, `problem` why nothing can be read."""


def document(version: str) -> dict[str, Any]:
    """The OpenAPI document.

    Args:
        version: of Telex.
    """
    (hour, pipeline, sources, stories, watches), components = msgspec.json.schema_components(
        (Hour, Pipeline, Sources, StoriesAnswer, WatchesAnswer), ref_template=_REFERENCE
    )
    enriched = schema("enriched")
    definitions = enriched.pop("$defs")
    components |= _moved({**definitions, "EnrichedArticle": enriched})
    components["ArticleWithTime"] = {
        "type": "object",
        "properties": {"time": {"type": ["string", "null"], "format": "date-time"}, "article": _ref("EnrichedArticle")},
        "required": ["time", "article"],
    }
    components["ArticleList"] = {
        "type": "object",
        "properties": {
            "articles": {"type": "array", "items": _ref("ArticleWithTime")},
            "searched": {"type": "integer", "description": "The number of recent articles that were searched."},
            "position": {"type": "string", "description": "Where the stream goes on after these articles."},
        },
        "required": ["articles", "searched", "position"],
    }
    components["Error"] = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
    filters = [_filter(name) for name in CONDITIONS]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Telex", "version": version, "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "paths": {
            "/articles": _get("The newest articles that meet a filter.", _ref("ArticleList"), [*filters, _limit()]),
            "/articles/stream": _get(
                "Each article as it arrives.",
                {"type": "string"},
                [*filters, *_position()],
                "text/event-stream",
                _STREAM,
            ),
            "/hour": _get("What the last hour is about.", hour),
            "/stories": _get("The stories with the newest reports.", stories, [_limit()]),
            "/watches": _get("The watches with their last matches.", watches, [_limit()]),
            "/status": _get("The state of each stage.", pipeline),
            "/sources": _get("The articles of each source and language in the last hour and day.", sources),
            "/metrics": _get("The metrics of the web page for Prometheus.", {"type": "string"}, kind="text/plain"),
            "/livez": _get("Whether the server is alive.", {"type": "string"}, kind="text/plain"),
            "/readyz": _get("Whether the server can read from Kafka.", {"type": "string"}, kind="text/plain"),
        },
        "components": {"schemas": components, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _get(
    summary: str,
    answer: dict[str, Any],
    parameters: list[dict[str, Any]] | None = None,
    kind: str = "application/json",
    description: str | None = None,
) -> dict[str, Any]:
    error = {"description": "`error` says what to do.", "content": {"application/json": {"schema": _ref("Error")}}}
    operation = {
        "summary": summary,
        "parameters": parameters or [],
        "responses": {"200": {"description": summary, "content": {kind: {"schema": answer}}}, "default": error},
    }
    return {"get": operation if description is None else {**operation, "description": " ".join(description.split())}}


def _filter(name: str) -> dict[str, Any]:
    condition = CONDITIONS[name]
    value: dict[str, Any] = {"type": "string", "maxLength": MAX_CHARACTERS}
    if condition.choices:
        value = {"type": "string", "enum": list(condition.choices)}
    return {
        "name": name,
        "in": "query",
        "description": f"Only articles {condition.meaning}.",
        "schema": {"type": "array", "items": value},
        "explode": True,
    }


def _limit() -> dict[str, Any]:
    number = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    return {"name": "limit", "in": "query", "description": "The most results.", "schema": number}


def _position() -> list[dict[str, Any]]:
    what = "The id of your last event, or the `position` of `/articles`."
    return [
        {"name": "after", "in": "query", "description": what, "schema": {"type": "string"}},
        {"name": "Last-Event-ID", "in": "header", "description": what, "schema": {"type": "string"}},
    ]


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(name=name)}


def _moved(value: Any) -> Any:
    """A schema whose references point to the components of the document."""
    if isinstance(value, dict):
        return {
            key: inner.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _moved(inner)
            for key, inner in value.items()
            if key not in ("$schema", "$id")
        }
    return [_moved(inner) for inner in value] if isinstance(value, list) else value
