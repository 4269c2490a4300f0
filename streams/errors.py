"""Errors for users: each message is one line that says what was wrong and what to do.

    TelexError                 a command or a worker cannot go on
    ├── UnreachableError       no broker answers; another attempt may succeed
    ├── FeedError              one feed, or the page of one of its entries, cannot be read
    └── RecordError            one record is not an article; it becomes a dead letter with a Reason

The other exceptions of Telex do not reach users: the module that raises one, or its caller, turns it into one of these.
"""

from __future__ import annotations

from enum import StrEnum


class TelexError(Exception):
    """An error for users. `str(error)` is one line: what was wrong and what to do."""


class UnreachableError(TelexError):
    """No broker answers at the moment. Another attempt may succeed."""


class FeedError(TelexError):
    """A feed, or the page of an entry, that cannot be read. Other feeds can.

    Attributes:
        lasting: whether another attempt would fail in the same way.
        wait_s: seconds that the server asks to wait before the next attempt; None where it does not ask.
    """

    def __init__(self, message: str, *, lasting: bool = False, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.lasting, self.wait_s = lasting, wait_s


class Reason(StrEnum):
    """Why a record became a dead letter: the value of its `telex.error.reason` header."""

    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    NOT_AN_OBJECT = "not_an_object"
    TOO_DEEP = "too_deep"
    MISSING_TEXT = "missing_text"
    INVALID_FIELD = "invalid_field"
    EMPTY = "empty"
    ANALYSIS_FAILED = "analysis_failed"
    ANALYSIS_CRASHED = "analysis_crashed"
    ANALYSIS_TIMED_OUT = "analysis_timed_out"
    TOO_LARGE = "too_large"
    UNDECODABLE = "undecodable"
    DELIVERY_FAILED = "delivery_failed"


class RecordError(TelexError):
    """A record that is not an article.

    Attributes:
        reason: the code in the record's dead letter.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
