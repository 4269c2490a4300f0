"""aiokafka's group coordinator, which stops when another worker has joined the group under its instance id."""

from __future__ import annotations

import math
import time
from typing import Any

from aiokafka.consumer import consumer
from aiokafka.consumer.group_coordinator import GroupCoordinator

from streams.errors import TelexError

# Kafka's code for a static member whose instance id belongs to a newer member. aiokafka 0.14.0 has no name for it.
FENCED_INSTANCE_ID = 82
# A worker that loses its place twice in so many seconds has a rival, which takes the place back each time. Once may be
# a request of its own whose answer it never heard: then the newer member is this worker itself. It was seen on a busy
# machine.
CONTEST_S = 30.0


class _Fenced(Exception):
    """The broker answered FENCED_INSTANCE_ID. aiokafka takes a KafkaError here for a broken connection."""


class Coordinator(GroupCoordinator):  # type: ignore[misc]
    """Rejoins the group under the member id that it had, so that the broker says when another member replaced it.

    Kafka replaces the member of an instance id by the one that joins last under it. Java's client sends its instance
    id with heartbeats and commits, and ends on FENCED_INSTANCE_ID. aiokafka 0.14.0 does not send it. So the replaced
    member is told that it is not known, forgets its member id (`reset_generation` in its group_coordinator.py), joins
    as a new member, and replaces the other one in turn, without end.

    Attributes:
        fenced: the error that ends this worker; None while it has its instance id.
    """

    fenced: TelexError | None = None
    member_id: str
    _former_id = ""
    _fenced_at = -math.inf

    def reset_generation(self) -> None:
        """Forget the membership, but keep the member id for the next try to join."""
        if self.generation > 0:
            self._former_id = self.member_id
        super().reset_generation()

    async def _do_rejoin_group(self, subscription: Any) -> bool:
        self.member_id, self._former_id = self.member_id or self._former_id, ""
        try:
            return bool(await super()._do_rejoin_group(subscription))
        except _Fenced:
            before, self._fenced_at = self._fenced_at, time.monotonic()
            if self._fenced_at - before > CONTEST_S:
                super().reset_generation()  # joins as a new member
                return False
            self.fenced = TelexError(
                f"Another worker joined the group {self.group_id} under the instance id {self._group_instance_id} and "
                "took the place of this one: end one of the two, or give each a TELEX_INSTANCE_ID of its own."
            )
            await self._closing  # the worker ends, and must not join again
            return False

    async def _send_req(self, request: Any) -> Any:
        response = await super()._send_req(request)
        if getattr(response, "error_code", None) == FENCED_INSTANCE_ID:
            raise _Fenced
        return response


def install() -> None:
    """Have every consumer of aiokafka's in this process use it from now on."""
    consumer.GroupCoordinator = Coordinator
