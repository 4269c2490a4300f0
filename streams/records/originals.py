"""Records that are not carried along with all their bytes: what becomes of them in a stage, and what their dead letters have in place of them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from streams.errors import Reason
from streams.records.codec import MAX_VALUE_BYTES
from streams.records.headers import Headers
from streams.records.outcomes import Dead

# The largest record, key, value and headers together, that a dead letter carries whole; the rest of its 8 MiB is for what it says.
MAX_COPY_BYTES = 2 * MAX_VALUE_BYTES - 64 * 1024
# The most headers of a record that is carried along: 250,000 of them in a few kilobytes would be 50 MB of objects.
MAX_HEADERS = 100_000
# What a stand-in has of the bytes that it stands for, and of a key that is too long to be carried.
HEAD_BYTES, KEY_BYTES = 4096, 1024


@dataclass(frozen=True)
class Original:
    """What is known of a record whose bytes are not all carried along.

    Attributes:
        fault: a clause that says why it cannot be read; None for a record that is well, and large.
        sizes: bytes of its `key`, `value` and `headers`, or of the `batch` that cannot be read.
        sha256: of its value, or of that batch, in hexadecimal digits; of nothing where the value is null.
        whole: value and headers are carried along, and only the key is cut.
    """

    fault: str | None
    sizes: dict[str, int]
    sha256: str
    whole: bool = False


def original_of(entry: Any) -> Original:
    """Sizes and digest of a record that is there with all its bytes."""
    sizes = {"key": len(entry.key or b""), "value": len(entry.value or b""), "headers": headers_size(entry.headers)}
    return Original(None, sizes, sha256(entry.value or b"").hexdigest(), True)


def headers_size(headers: Headers) -> int:
    """Bytes of the names and values."""
    return sum(len(name.encode(errors="surrogateescape")) + len(value or b"") for name, value in headers)


def barred(original: Original | None) -> Dead | None:
    """Why a record cannot be analysed; None where it can."""
    if original is None or (original.whole and not original.fault):
        return None
    if original.fault:
        message = f"The record cannot be read: {original.fault}. See the log of the broker's disk, and publish the article again."
        return Dead(Reason.UNDECODABLE, message, f"{__name__}.Undecodable")
    return Dead(
        Reason.TOO_LARGE,
        f"The record has {_sizes(original)}; {MAX_COPY_BYTES:,} bytes and {MAX_HEADERS:,} headers are the most: publish it in parts.",
        f"{__name__}.TooLarge",
    )


def _sizes(original: Original) -> str:
    return " and ".join(f"{size:,} bytes of {name}" for name, size in original.sizes.items() if size)


def is_cut(original: Original | None) -> bool:
    """Whether a dead letter of the record can have its head only."""
    return original is not None and (not original.whole or original.sizes.get("key", 0) > KEY_BYTES)


def head(part: bytes | None, size: int = HEAD_BYTES) -> bytes | None:
    """The beginning of a value, or of a key."""
    return None if part is None else part[:size]
