"""Logging: one line an event on stderr, as text or as JSON. Normal operation logs nothing."""

from __future__ import annotations

import logging
import sys
import time
from datetime import UTC, datetime
from typing import Literal

import msgspec

# Kafka's clients, and Faust over them.
_CLIENTS = ("kafka", "aiokafka", "faust", "mode")
# Seconds until a trouble that they have told of is told again: with no broker aiokafka tells of it 200 times a second.
SAME_AGAIN_S = 30.0


class _Seldom(logging.Filter):
    """Lets through what a client says again and again once in SAME_AGAIN_S, whatever the figures in it."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or not record.name.startswith(_CLIENTS):
            return True
        what, now = (record.name, str(record.msg)), time.monotonic()
        if now - self._told.get(what, -SAME_AGAIN_S) < SAME_AGAIN_S:
            return False
        self._told[what] = now
        return True


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def set_up(level: str, form: Literal["text", "json"], who: str) -> None:
    """Log from `level` on to stderr.

    Args:
        who: stands in front of each line of text: the stage, or the command.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Json() if form == "json" else logging.Formatter(f"%(asctime)s {who} %(levelname)s %(message)s", "%H:%M:%S")
    )
    handler.addFilter(_Seldom())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Kafka's clients warn of every reconnection attempt; what matters of it Telex says itself.
    for noisy in _CLIENTS:
        logging.getLogger(noisy).setLevel(max(logging.getLevelNamesMapping()[level], logging.ERROR))
    # kafka-python raises what it logs, and Telex says it in words of its own.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    # It says ERROR when a new cluster makes its offsets topic, and tries again; a worker that does not join says so itself.
    logging.getLogger("aiokafka.consumer.group_coordinator").setLevel(logging.CRITICAL)
