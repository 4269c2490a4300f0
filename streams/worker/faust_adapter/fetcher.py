"""aiokafka's fetcher, which goes on at once when a request has ended."""

from __future__ import annotations

from typing import Any

from aiokafka.consumer import consumer, fetcher


class _Nodes(set[int]):
    """The nodes that have a request of a fetcher. The fetcher looks for work whenever one has none any more."""

    def __init__(self, fetcher: Fetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def discard(self, node: object) -> None:
        super().discard(node)
        self._fetcher._notify(self._fetcher._wait_consume_future)


class Fetcher(fetcher.Fetcher):  # type: ignore[misc]
    """Fetches again as soon as a request has ended, in all cases.

    aiokafka 0.14.0 forgets a node in a callback of the request's task (`_fetch_requests_routine` in its
    consumer/fetcher.py). A seek may wake the fetcher when the task is done and its callback has not run yet. The
    fetcher then drops the task, still takes the node for busy, and waits for its timer. That often happens after a
    rebalance: one answer of the broker completes both a seek and the request for the position. aiokafka's timer of
    0.2 s hides it, and the long one of `consumer_client` does not.
    """

    _wait_consume_future: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._in_flight = _Nodes(self)


def install() -> None:
    """Have every consumer of aiokafka's in this process use it from now on."""
    consumer.Fetcher = Fetcher
