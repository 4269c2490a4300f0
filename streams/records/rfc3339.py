"""Times in the form of RFC 3339, in UTC and to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime


def of_timestamp(timestamp_ms: int) -> str | None:
    """Format Kafka's timestamp, milliseconds since 1970. None for -1 (no timestamp) and beyond the calendar."""
    return of_seconds(timestamp_ms / 1000)


def of_seconds(seconds: float) -> str | None:
    """Format seconds since 1970. None for a negative number and beyond the calendar."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC) if seconds >= 0 else None
    except (ValueError, OverflowError, OSError):  # Kafka's timestamps reach 292 million years further than Python's
        return None
    return format_moment(moment) if moment else None


def format_moment(moment: datetime) -> str:
    """Format a time that has a time zone."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
