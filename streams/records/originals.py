"""Records that Telex does not keep with all their bytes: their description, their limits and their dead letters."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from hashlib import sha256
from typing import Any

from streams.errors import Reason
from streams.records.codec import MAX_VALUE_BYTES
from streams.records.headers import Headers
from streams.records.outcomes import Dead

# The largest record (key, value and headers together) that fits a dead letter whole. The rest of its 8 MiB is for its
# own headers.
MAX_COPY_BYTES = 2 * MAX_VALUE_BYTES - 64 * 1024
# The most headers of a record that is kept whole: 250,000 headers in a few kilobytes would be 50 MB of objects.
MAX_HEADERS = 100_000
# Bytes that are kept of a record that cannot be read, and of a key that is too long.
HEAD_BYTES, KEY_BYTES = 4096, 1024


@dataclass(frozen=True)
class Original:
    """The description of a record that cannot be read, or whose bytes are not all kept.

    Attributes:
        fault: a clause that says why the record cannot be read; None for a large record without fault.
        sizes: bytes of `key`, `value` and `headers`, or of the `batch` that cannot be read.
        sha256: the digest of the value or of that batch, in hexadecimal digits; for a null value the digest of no
            bytes.
        whole: value and headers are complete; only the key may be cut.
    """

    fault: str | None
    sizes: dict[str, int]
    sha256: str
    _: KW_ONLY
    whole: bool = False


def original_of(entry: Any) -> Original:
    """The sizes and the digest of a complete record."""
    sizes = {"key": len(entry.key or b""), "value": len(entry.value or b""), "headers": headers_size(entry.headers)}
    return Original(None, sizes, sha256(entry.value or b"").hexdigest(), whole=True)


def headers_size(headers: Headers) -> int:
    """The bytes of all names and values."""
    return sum(len(name.encode(errors="surrogateescape")) + len(value or b"") for name, value in headers)


def dead_if_unreadable(original: Original | None) -> Dead | None:
    """The dead letter of a record that cannot be analysed; None for a record that can."""
    if original is None or (original.whole and not original.fault):
        return None
    if original.fault:
        message = (
            f"The record cannot be read: {original.fault}. "
            "See the log of the broker's disk, and publish the article again."
        )
        return Dead(Reason.UNDECODABLE, message, f"{__name__}.Undecodable")
    return Dead(
        Reason.TOO_LARGE,
        f"The record has {_sizes(original)}; {MAX_COPY_BYTES:,} bytes and {MAX_HEADERS:,} headers are the most: "
        "publish it in parts.",
        f"{__name__}.TooLarge",
    )


def _sizes(original: Original) -> str:
    return " and ".join(f"{size:,} bytes of {name}" for name, size in original.sizes.items() if size)


def is_cut(original: Original | None) -> bool:
    """Whether a dead letter has only the head of the record."""
    return original is not None and (not original.whole or original.sizes.get("key", 0) > KEY_BYTES)


def head(part: bytes | None, size: int = HEAD_BYTES) -> bytes | None:
    """The beginning of a value, or of a key."""
    return None if part is None else part[:size]
