"""The figures that only `telex bench --full` measures."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from streams.bench.memory import Memory, Snapshot, StageMemory
from streams.bench.open_loop import OpenLoop
from streams.bench.scaling import Setup
from streams.bench.sizing import Measured, Need, StageMeasured, needs
from streams.bench.start_up import StartUp
from streams.bench.unanalysed import UnanalysedCost
from streams.errors import TelexError
from streams.stages import STAGE_NAMES


class FurtherProcess(Struct, frozen=True):
    """The memory that each further analysis process of a worker takes, in bytes: USS and PSS."""

    private_bytes: float
    proportional_bytes: float


class Parts(Struct, frozen=True, kw_only=True):
    """The figures that were measured for `--full`.

    Attributes:
        open_loop: latency of articles on a schedule, at several loads.
        setups: of one worker of each stage with one analysis process, two such workers, and one worker with as many
            processes as the rounds have.
        memory: of the last of these setups: at rest, warm, and after many articles.
        unanalysed: processor time of records that need no model.
        start_up: of `telex up`, and of a replaced analysis process.
        topic_bytes: bytes of an article in each topic on disk.
    """

    open_loop: OpenLoop
    setups: list[Setup]
    memory: list[Snapshot]
    unanalysed: UnanalysedCost
    start_up: StartUp
    topic_bytes: dict[str, float]


class FullFigures(Parts, frozen=True, kw_only=True):
    """The figures that were measured for `--full`, and those that follow from them.

    Attributes:
        further_process: memory of each further analysis process of a worker, by stage.
        measured: the figures from which the needs are calculated.
        needs: of several numbers of articles a day.
    """

    further_process: dict[str, FurtherProcess]
    measured: Measured
    needs: list[Need]


def complete(
    parts: Parts, worker_cpu_s: Mapping[str, float], analysis_cpu_s: Mapping[str, float], kafka_cpu_s: float
) -> FullFigures:
    """Add the figures that follow from the measured ones.

    Args:
        parts: the measured figures.
        worker_cpu_s: seconds of processor time of the worker's own process for each article, by stage.
        analysis_cpu_s: seconds of processor time of its analysis processes for each article, by stage.
        kafka_cpu_s: seconds of processor time of the broker for each article.

    Raises:
        TelexError: no setup has one worker with one process, or none has one worker with more.
    """
    single = [setup for setup in parts.setups if setup.workers == 1]
    one, more = min(single, key=lambda setup: setup.processes), max(single, key=lambda setup: setup.processes)
    if one.processes != 1 or more.processes == 1:
        raise TelexError(
            "No setup has one worker with one process, or none has one with more: measure both for the memory of a further process."
        )
    further = {
        name: _further(one.memory.stages[name], more.memory.stages[name], more.processes - 1) for name in STAGE_NAMES
    }
    measured = Measured(
        {
            name: StageMeasured(
                worker_cpu_s[name],
                analysis_cpu_s[name],
                total(one.memory.stages[name]).proportional_bytes,
                further[name].proportional_bytes,
            )
            for name in STAGE_NAMES
        },
        kafka_cpu_s,
        sum(parts.topic_bytes.values()),
    )
    return FullFigures(
        **msgspec.structs.asdict(parts), further_process=further, measured=measured, needs=needs(measured)
    )


def total(stage: StageMemory) -> Memory:
    """The memory of the workers of a stage together with the processes below them."""
    worker, analysis = stage.worker, stage.analysis
    return Memory(
        processes=worker.processes + analysis.processes,
        resident_bytes=worker.resident_bytes + analysis.resident_bytes,
        private_bytes=worker.private_bytes + analysis.private_bytes,
        proportional_bytes=worker.proportional_bytes + analysis.proportional_bytes,
    )


def _further(one: StageMemory, more: StageMemory, processes: int) -> FurtherProcess:
    least, most = total(one), total(more)
    return FurtherProcess(
        (most.private_bytes - least.private_bytes) / processes,
        (most.proportional_bytes - least.proportional_bytes) / processes,
    )
