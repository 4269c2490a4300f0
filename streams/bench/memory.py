"""The physical memory of a pipeline's processes, private and shared told apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle, islice

import psutil
from msgspec import Struct

from streams.bench.driver import Driver, with_ids
from streams.errors import TelexError
from streams.stages import STAGE_NAMES


class Memory(Struct, frozen=True, kw_only=True):
    """The physical memory of some processes, in bytes. The source is /proc/PID/smaps_rollup, proc(5).

    Attributes:
        processes: their number.
        resident_bytes: RSS. Memory that several processes share counts for each of them.
        private_bytes: USS, which no other process has, and which would be free if they ended.
        proportional_bytes: PSS, which is USS and a share of the memory that each process has together with others. Only
            these can be added up.
    """

    processes: int
    resident_bytes: int
    private_bytes: int
    proportional_bytes: int


class StageMemory(Struct, frozen=True):
    """The memory of the workers of a stage, and of all processes below them: those that load the models."""

    worker: Memory
    analysis: Memory


class Snapshot(Struct, frozen=True):
    """The memory at one moment, by stage and of the broker. `articles` is the number that had been analysed by then."""

    articles: int
    stages: dict[str, StageMemory]
    kafka: Memory


def snapshot(driver: Driver, articles: int) -> Snapshot:
    """The memory of all processes now. Raises TelexError when one of them has ended.

    Args:
        driver: of the pipeline.
        articles: how many articles it has analysed.
    """
    try:
        return Snapshot(articles, {name: _of_stage(driver.workers[name]) for name in STAGE_NAMES}, _of([driver.kafka]))
    except psutil.NoSuchProcess:
        raise TelexError("A process of the pipeline ended during the measurement: see its messages above.") from None


def send(driver: Driver, values: Sequence[bytes], count: int) -> None:
    """Send so many articles all at once, and wait for them; the values repeat. Raises TelexError as the driver does."""
    waiting = {driver.publisher.publish(article) for article in with_ids(islice(cycle(values), count), "memory")}
    driver.publisher.flush()
    for _ in driver.receive(waiting):
        pass  # the articles are not kept: their memory would slow this process down


def _of_stage(workers: Sequence[int]) -> StageMemory:
    descendants = [child.pid for pid in workers for child in psutil.Process(pid).children(recursive=True)]
    return StageMemory(_of(workers), _of(descendants))


def _of(pids: Iterable[int]) -> Memory:
    found = [psutil.Process(pid).memory_full_info() for pid in pids]
    return Memory(
        processes=len(found),
        resident_bytes=sum(each.rss for each in found),
        private_bytes=sum(each.uss for each in found),
        proportional_bytes=sum(each.pss for each in found),
    )
