"""The memory of feeds from one run to the next: a file of SQLite in TELEX_DATA_DIR.

An entry is remembered only when the broker has confirmed its article, in one transaction. After `kill -9` at any moment
an entry is published again at worst.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from streams.errors import TelexError

if TYPE_CHECKING:
    from streams.feeds.entries import Entry

_DAY_S = 86_400
# Days for which an entry that has left its feed is remembered. Some feeds show old entries again.
KEPT_DAYS = 90
# Seconds to wait for another process that writes.
_BUSY_S = 30.0
_TABLES = """
CREATE TABLE IF NOT EXISTS feeds (
    topic TEXT, feed BLOB, etag TEXT, last_modified TEXT, PRIMARY KEY (topic, feed)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (
    topic TEXT, feed BLOB, id TEXT, digest BLOB, attempts INTEGER NOT NULL DEFAULT 0, day INTEGER NOT NULL,
    PRIMARY KEY (topic, feed, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_id ON entries (topic, id, digest);
CREATE TABLE IF NOT EXISTS blocked_hosts (host TEXT PRIMARY KEY, until REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS robots (origin TEXT PRIMARY KEY, text TEXT, until REAL) WITHOUT ROWID;
"""


class Validators(NamedTuple):
    """The validators of the answer whose entries are all published; None where there are none."""

    etag: str | None
    last_modified: str | None


class FeedMemory:
    """The file of one user. Several processes may use it at once. Use it as a context manager.

    The file has digests in place of the addresses of feeds, which may contain keys.

    Args:
        path: the file; it and its folder are created, for this user only.
        topic_id: of the topic to which the articles go. A feed is new to another topic.

    Raises:
        TelexError: the file cannot be used.
    """

    def __init__(self, path: Path, topic_id: str) -> None:
        self._path, self._topic = path, topic_id
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
        except OSError as error:
            raise TelexError(f"{path} cannot be written: {error.strerror}. Set TELEX_DATA_DIR to a folder.") from None
        with self._errors():
            self._database = sqlite3.connect(path, timeout=_BUSY_S)
            self._database.executescript(_TABLES)
            with self._database:
                self._database.execute("DELETE FROM blocked_hosts WHERE until < ?", (time.time(),))
                self._database.execute("DELETE FROM robots WHERE until < ?", (time.time(),))

    def validators(self, feed: str) -> Validators:
        """The validators of the last answer of a feed."""
        with self._errors():
            row = self._database.execute(
                "SELECT etag, last_modified FROM feeds WHERE topic = ? AND feed = ?", self._key(feed)
            ).fetchone()
        return Validators(*row) if row else Validators(None, None)

    def is_new(self, entry: Entry) -> bool:
        """Whether this version of an entry was published neither from this feed nor from another one."""
        with self._errors():
            found = self._database.execute(
                "SELECT 1 FROM entries WHERE topic = ? AND id = ? AND digest = ?", (self._topic, entry.id, entry.digest)
            ).fetchone()
        return found is None

    def count_attempt(self, feed: str, entry: Entry) -> int:
        """Count an attempt to read the page of an entry. Returns how many there were."""
        with self._errors(), self._database:
            self._database.execute(
                "INSERT INTO entries (topic, feed, id, attempts, day) VALUES (?, ?, ?, 1, ?) "
                "ON CONFLICT (topic, feed, id) DO UPDATE SET attempts = attempts + 1",
                (*self._key(feed), entry.id, _today()),
            )
            (count,) = self._database.execute(
                "SELECT attempts FROM entries WHERE topic = ? AND feed = ? AND id = ?", (*self._key(feed), entry.id)
            ).fetchone()
        return int(count)

    def remember(self, feed: str, entries: Iterable[Entry]) -> None:
        """Remember entries whose articles the broker has confirmed."""
        with self._errors(), self._database:
            self._keep_entries(feed, entries)

    def finish(self, feed: str, entries: Iterable[Entry], etag: str | None, last_modified: str | None) -> None:
        """Remember that a feed was read, with the validators of its answer, and forget entries that left it long ago.

        Args:
            feed: its address.
            entries: the entries that the feed has now and whose articles are published.
            etag, last_modified: None where the next answer has to come whole.
        """
        with self._errors(), self._database:
            self._keep_entries(feed, entries)
            self._database.execute(
                "DELETE FROM entries WHERE topic = ? AND feed = ? AND day < ?",
                (*self._key(feed), _today() - KEPT_DAYS),
            )
            self._database.execute(
                "INSERT OR REPLACE INTO feeds (topic, feed, etag, last_modified) VALUES (?, ?, ?, ?)",
                (*self._key(feed), etag, last_modified),
            )

    def _keep_entries(self, feed: str, entries: Iterable[Entry]) -> None:
        key, today = self._key(feed), _today()
        self._database.executemany(
            "INSERT INTO entries (topic, feed, id, digest, day) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (topic, feed, id) DO UPDATE SET digest = excluded.digest, attempts = 0, day = excluded.day",
            [(*key, entry.id, entry.digest, today) for entry in entries],
        )

    def blocked_until(self, host: str) -> float:
        """When a host may be asked again, in seconds since 1970; 0 where it has not asked to wait."""
        with self._errors():
            row = self._database.execute("SELECT until FROM blocked_hosts WHERE host = ?", (host,)).fetchone()
        return float(row[0]) if row else 0.0

    def block(self, host: str, wait_s: float) -> None:
        """Remember that a host asks to wait for some seconds."""
        with self._errors(), self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO blocked_hosts (host, until) VALUES (?, ?)", (host, time.time() + wait_s)
            )

    def robots(self, origin: str) -> str | None:
        """The robots.txt of a site; None where it has to be read again."""
        with self._errors():
            row = self._database.execute(
                "SELECT text FROM robots WHERE origin = ? AND until > ?", (origin, time.time())
            ).fetchone()
        return row[0] if row else None

    def keep_robots(self, origin: str, text: str) -> None:
        """Keep the robots.txt of a site for a day, the most that RFC 9309 allows (section 2.4)."""
        with self._errors(), self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO robots (origin, text, until) VALUES (?, ?, ?)",
                (origin, text, time.time() + _DAY_S),
            )

    def _key(self, feed: str) -> tuple[str, bytes]:
        return self._topic, sha256(feed.encode()).digest()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise TelexError(
                f"{self._path} cannot be used ({error}): check its permissions and the space on its disk. "
                "Entries that could not be remembered are published again, which does no harm."
            ) from None
        except sqlite3.DatabaseError as error:
            raise TelexError(
                f"{self._path} is damaged ({error}): move it away. The entries that the feeds have now are then "
                "published again, which does no harm."
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()


def _today() -> int:
    return int(time.time() // _DAY_S)
