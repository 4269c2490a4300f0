"""Takes batches of events out of a Faust stream without a timer.

Faust 0.15.3 takes batches with `Stream.noack_take`. It asks every few milliseconds (`within`) whether its buffer holds
something, in `mode.Service.wait_for_stopped`: with 5 ms an idle worker takes 4 to 9 % of a core, and a lone article
waits 5 ms for others. Here the first event is taken when it comes, with those that are already there. Under load the
others wait anyway until the stage has room, so batches fill by themselves.

A stream of Faust also drops events whose generation is not that of the consumer group, and those that come while the
flow is suspended (`StreamIterator._prepare_event` in its _cython/streams.pyx). It takes for granted that their records
are fetched again. Here `Consumer.awaits` decides: it knows whether they are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any


async def batches(stream: Any, most: int) -> AsyncIterator[list[Any]]:
    """Batches of the events of a stream, each with 1 to `most` events, in their order.

    An event whose record is fetched again, after a rebalance for example, is left out and not acknowledged.
    """
    consumer, queue = stream.app.consumer, stream.channel.queue
    while True:
        events = [await queue.get()]
        while len(events) < most and not queue.empty():
            events.append(queue.get_nowait())
        if awaited := [event for event in events if consumer.awaits(event.message)]:
            yield awaited
