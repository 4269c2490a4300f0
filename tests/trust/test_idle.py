"""A pipeline that has nothing to do for a while, and then a burst of articles.

Meanwhile the broker closes the connections that carry nothing: after 3 s in the short form, after 2 minutes in the long
one. By default it does so after 10 minutes, and a producer asks for metadata more often than that.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import ENRICHED, RAW, STAGE_NAMES
from tests.support.broker_changes import configure_topic
from tests.support.exam import Part, pick
from tests.support.independent_reader import committed, read
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import HOSTILE_MODEL, WorkerProcess

IDLE_S, BURST = pick(15, 3600), 300
# In the long form the group has to keep its committed offsets for longer than those of a group without members.
PROPERTIES = pick(
    {"connections.max.idle.ms": "3000"}, {"connections.max.idle.ms": "120000", "offsets.retention.minutes": "5"}
)
# A line that Faust writes after each rebalance.
REBALANCED = "Seek stream partitions to committed offsets"


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(tmp_path, Settings().cache_dir, 0, properties=PROPERTIES) as broker:
        yield broker


def connections(worker: WorkerProcess) -> set[int]:
    """The local ports of the worker's connections to the broker."""
    open_now = psutil.Process(worker.process.pid).net_connections("tcp")
    return {each.laddr.port for each in open_now if each.status == psutil.CONN_ESTABLISHED and each.raddr}


@pytest.mark.long
@pytest.mark.part(18, f"a pipeline without articles, then a burst of {BURST}")
def test_a_burst_after_idle_time_comes_out(own_pipeline: Settings, part: Part) -> None:
    part.extent = f"{IDLE_S:,} s without articles"
    configure_topic(own_pipeline, RAW, {"message.timestamp.type": "LogAppendTime"})  # the enriched topic has it already
    with PipelineRun(own_pipeline, 1, TELEX_NER_MODELS=HOSTILE_MODEL, TELEX_LOG_LEVEL="INFO").wait_ready() as run:
        for _ in range(20):
            run.publish_article()
        run.settle()
        offsets = {stage: committed(own_pipeline, stage) for stage in STAGE_NAMES}
        before = [(connections(worker), worker.log.read_text()) for worker in run.workers]
        time.sleep(IDLE_S)
        for worker, (ports, _) in zip(run.workers, before, strict=True):
            assert ports - connections(worker), f"no connection of the {worker.stage} worker was closed"
        assert {stage: committed(own_pipeline, stage) for stage in STAGE_NAMES} == offsets
        burst = [run.publish_article() for _ in range(BURST)]
        run.verdict(part)
        for worker, (_, log) in zip(run.workers, before, strict=True):
            later = worker.log.read_text().removeprefix(log)
            assert REBALANCED in log
            assert REBALANCED not in later, later
            assert worker.process.poll() is None
    published, enriched = (
        {record.key: record.timestamp / 1000 for record in read(own_pipeline, topic)} for topic in (RAW, ENRICHED)
    )
    for which, key in (("first", burst[0]), ("last", burst[-1])):
        seconds = enriched[key] - published[key]
        part.add_figure(f"from the {which} article of a burst after idle time to its enriched record", seconds, "s")
