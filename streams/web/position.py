"""The position of a reader in a topic: the next offset of every partition, which is also the id of an event.

`1f0c7b2e:120.118.131` means: in the topic whose id begins with 1f0c7b2e, the next offsets of the partitions 0, 1 and 2
are 120, 118 and 131. A reader that sends it back as `Last-Event-ID` continues exactly there, on any server. A topic
that is deleted and created again has another id, and is read from its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

_FORM = re.compile(r"([0-9a-f]{8}):([0-9]{1,19}(?:\.[0-9]{1,19})*)?")
# Longest id that is read. 1,000 partitions with a million records each take 8,000 characters.
MAX_LENGTH = 32_000


@dataclass(frozen=True)
class Position:
    """The next offset of each partition of a topic.

    Attributes:
        mark: the beginning of the topic's id.
        offsets: the next offset by partition. A partition that is not there is read from its beginning.
    """

    mark: str
    offsets: Mapping[int, int]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the id of an event. Raises ValueError that says what an id looks like."""
        found = _FORM.fullmatch(text) if len(text) <= MAX_LENGTH else None
        if not found:
            raise ValueError("a position looks like 1f0c7b2e:120.118.131: send back the id of an event as it came")
        offsets = found[2].split(".") if found[2] else []
        return cls(found[1], dict(enumerate(map(int, offsets))))

    def __str__(self) -> str:
        count = max(self.offsets, default=-1) + 1
        return f"{self.mark}:{'.'.join(str(self.offsets.get(partition, 0)) for partition in range(count))}"

    def ahead_of(self, other: Mapping[int, int]) -> dict[int, int]:
        """The offsets of the partitions in which this position is after the other one."""
        return {partition: offset for partition, offset in self.offsets.items() if offset > other.get(partition, 0)}

    def behind(self, other: Mapping[int, int]) -> dict[int, int]:
        """The offsets of the partitions in which this position is before the other one."""
        mine = {partition: self.offsets.get(partition, 0) for partition in other}
        return {partition: offset for partition, offset in mine.items() if offset < other[partition]}

    def advanced(self, offsets: Mapping[int, int]) -> Self:
        """This position with later offsets in some partitions."""
        later = {partition: max(offset, self.offsets.get(partition, 0)) for partition, offset in offsets.items()}
        return type(self)(self.mark, {**self.offsets, **later})


def topic_mark(identity: UUID | None) -> str:
    """The beginning of a topic's id, as it stands in a position; zeros on a broker that knows no ids (before 3.1)."""
    return identity.hex[:8] if identity else "00000000"
