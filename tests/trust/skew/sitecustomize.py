"""Makes the clock of a process wrong by SKEW_S seconds, and its records those of schema 1 if SCHEMA is 1.

Python imports this file itself if PYTHONPATH has its folder.

Python code alone reads the clock in a worker: Faust, aiokafka and Telex. (libfaketime changes the clock of any program
from outside, but its wheel contains a library for one kind of machine only.)
"""

import os
import time
from typing import Any

_now, _now_ns = time.time, time.time_ns
_skew = float(os.environ.get("SKEW_S", "0"))


def _skewed() -> float:
    return _now() + _skew


def _skewed_ns() -> int:
    return _now_ns() + int(_skew * 1e9)


time.time, time.time_ns = _skewed, _skewed_ns


def _write_schema_1() -> None:
    """In schema 1 each entity had a sentiment of its own, and the sentiment of the article had no targets."""
    import msgspec

    from streams.records import codec, headers

    encode = codec.encode

    def encode_schema_1(article: Any, stage: str, analysis: Any) -> bytes:
        fields = msgspec.json.decode(encode(article, stage, analysis), type=dict[str, msgspec.Raw])
        written = msgspec.json.decode(fields[stage])
        for entity in written.get("items", []):
            entity["sentiment"] = {"status": "not_analysed", "reason": "no_model_for_type"}
        written.pop("targets", None)
        return msgspec.json.encode(fields | {stage: written})

    codec.encode = encode_schema_1
    headers.SCHEMA = b"urn:telex:article:1"


if os.environ.get("SCHEMA") == "1":
    _write_schema_1()
