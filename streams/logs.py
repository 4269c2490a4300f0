"""Logging: one line for each event on stderr, as text or as JSON. Normal operation logs nothing."""

from __future__ import annotations

import logging
import sys
import time
from datetime import UTC, datetime
from typing import Literal

import msgspec

# The loggers of Kafka's clients, of Faust, which uses them, and of the web server.
_CLIENTS = ("kafka", "aiokafka", "faust", "mode", "uvicorn")
# Seconds until a client's repeated message is logged again: without a broker aiokafka repeats one 200 times a second.
REPEAT_S = 30.0


class _RepeatFilter(logging.Filter):
    """Passes a client's repeated message once in REPEAT_S. Messages with other arguments count as repeated too."""

    def __init__(self) -> None:
        super().__init__()
        self._last_logged: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or not record.name.startswith(_CLIENTS):
            return True
        message, now = (record.name, str(record.msg)), time.monotonic()
        if now - self._last_logged.get(message, -REPEAT_S) < REPEAT_S:
            return False
        self._last_logged[message] = now
        return True


class _JsonFormatter(logging.Formatter):
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
    """Log messages of `level` and above to stderr.

    Args:
        level: the name of the lowest level, such as INFO.
        form: `text` for people, `json` for one JSON object a line.
        who: the stage or the command, at the beginning of each line of text.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _JsonFormatter()
        if form == "json"
        else logging.Formatter(f"%(asctime)s {who} %(levelname)s %(message)s", "%H:%M:%S")
    )
    handler.addFilter(_RepeatFilter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Kafka's clients warn at every attempt to reconnect. Telex itself logs the events that matter.
    for client in _CLIENTS:
        logging.getLogger(client).setLevel(max(logging.getLevelNamesMapping()[level], logging.ERROR))
    # kafka-python also raises the errors that it logs, and Telex reports them in its own words.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    # This logger reports an ERROR while a new cluster creates its offsets topic, and tries again. A worker that does
    # not join reports it itself.
    logging.getLogger("aiokafka.consumer.group_coordinator").setLevel(logging.CRITICAL)
