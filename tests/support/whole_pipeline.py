"""The shared pipeline of the fixture `whole_pipeline`, and how tests find their articles in it."""

from collections.abc import Iterable

from kafka.consumer.fetcher import ConsumerRecord

from streams.settings import Settings
from streams.stages import ENRICHED
from tests.support.independent_reader import read
from tests.support.processes import WorkerProcess, wait_for

# The settings, and the worker of each stage.
WholePipeline = tuple[Settings, dict[str, WorkerProcess]]


def logs(pipeline: WholePipeline) -> str:
    """The logs of all workers."""
    return "\n".join(worker.log.read_text() for worker in pipeline[1].values())


def records_with_keys(settings: Settings, topic: str, *keys: bytes | str) -> list[ConsumerRecord]:
    """The records of a topic that have one of these keys."""
    wanted = {key if isinstance(key, bytes) else key.encode() for key in keys}
    return [record for record in read(settings, topic) if record.key in wanted]


def wait_for_enriched(pipeline: WholePipeline, ids: Iterable[str], count: int = 1) -> dict[str, list[ConsumerRecord]]:
    """Wait until each of these articles has `count` enriched records. Returns the records by id."""
    ids = list(ids)

    def found() -> dict[str, list[ConsumerRecord]]:
        records: dict[str, list[ConsumerRecord]] = {identifier: [] for identifier in ids}
        for record in records_with_keys(pipeline[0], ENRICHED, *ids):
            records[record.key.decode()].append(record)
        return records

    wait_for(lambda: all(len(records) >= count for records in found().values()), 60, lambda: logs(pipeline))
    return found()
