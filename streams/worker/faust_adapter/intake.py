"""Takes batches of events out of a Faust stream without a timer.

Faust 0.15.3 takes batches with `Stream.noack_take`. It asks every few milliseconds (`within`) whether its buffer holds
something, in `mode.Service.wait_for_stopped`: with 5 ms an idle worker takes 4 to 9 % of a core, and a lone article
waits 5 ms for others. It also marks a record as done that it drops during a rebalance
(`Stream._py_aiter`: `value is skipped_value`). Here the first event is taken when it comes, with those that are already
there. Under load the others wait anyway until the stage has room, so batches fill by themselves.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any


async def batches(stream: Any, most: int) -> AsyncIterator[list[Any]]:
    """Batches of the events of a stream, each with 1 to `most` events, in their order.

    An event of an earlier assignment is dropped and not acknowledged: its record is fetched again.
    """
    app, queue = stream.app, stream.channel.queue
    while True:
        events = [await queue.get()]
        while len(events) < most and not queue.empty():
            events.append(queue.get_nowait())
        # During a rebalance the flow is suspended, and what was fetched before it belongs to an old generation.
        current = [event for event in events if event.message.generation_id == app.consumer_generation_id]
        if current and app.flow_control.is_active():
            yield current
