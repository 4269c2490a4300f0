"""The worker of a sequential task: it stands by, becomes the active one, and decides record after record.

The worker writes the decisions, the state and the offsets in one transaction. So the state always agrees with the
published records, whenever a worker dies. A worker that has trouble with Kafka ends: its memory may be ahead of the
state topic.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, NoReturn

from kafka import TopicPartition

from streams import logs
from streams.dead_letters import dead_letter_output
from streams.errors import RecordError, TelexError
from streams.kafka import consumer_groups, topics
from streams.kafka.connections import admin, kafka_errors
from streams.records import headers, originals
from streams.records.codec import decode_identified
from streams.records.outcomes import Dead
from streams.records.outputs import Output
from streams.sequential.decider import Decider
from streams.sequential.membership import Membership
from streams.sequential.merged_source import MergedSource
from streams.sequential.state_log import StateLog
from streams.sequential.task_metrics import TaskMetrics
from streams.sequential.transactions import Transactions
from streams.settings import Settings
from streams.stages import DEAD
from streams.task import Decided, SequentialTask
from streams.worker import process_end
from streams.worker.health import HealthServer

logger = logging.getLogger(__name__)

# Most records in a transaction.
BATCH = 500
# Milliseconds that a call for records waits while there are none, and that a standby waits before it reads the state.
IDLE_MS = 1_000
# Seconds after which a worker that was told to end ends at once.
STOP_LIMIT_S = 9.0
# Seconds without a turn of the loop after which the worker is stuck: longer than a transaction may take.
LOOP_LIMIT_S = 60.0
# Seconds between two lines on the state that is restored, and between two measurements of the lag.
PROGRESS_INTERVAL_S, MEASURE_INTERVAL_S = 5.0, 1.0
# Seconds after which offsets are committed again though nothing came. Kafka forgets the offsets of a topic that no
# member of the group subscribes to after `offsets.retention.minutes`, by default a week.
COMMIT_INTERVAL_S = 3_600.0
# The headers of a source record that its output has too: its time and its trace.
_PASSED_ON = frozenset({"ce_time", "traceparent", "tracestate"})


class SequentialWorker:
    """One worker of one task."""

    def __init__(self, settings: Settings, task: SequentialTask) -> None:
        self._settings, self._task = settings, task
        self._group = settings.group(task.name)
        self._source_topic = settings.topic(task.source)
        self._metrics = TaskMetrics(task)
        self._decider: Decider = task.open(settings)
        self._stop = threading.Event()
        self._beat = self._logged = self._measured = time.monotonic()
        self._phase, self._is_ready = "starting", False
        self._lost = 0

    def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises when the worker cannot go on; nothing is committed then."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        HealthServer(self._settings.web_host, self._settings.web_port, self._metrics.registry, self._live, self._ready)
        try:
            self._run()
        except BaseException:
            self._end()  # the clients may wait for a broker that is away, and closing them must not take long
            raise

    def _run(self) -> None:
        partitions = topics.check_for(self._settings, self._task)
        with kafka_errors(self._settings), ExitStack() as stack:
            state = StateLog(self._settings, self._settings.topic(self._task.state), self._decider)
            stack.callback(state.close)
            self._restore(state)
            if state.restored:
                logger.info("The state of the %s is restored: %d records.", self._task.name, state.restored)
            membership = Membership(self._settings, self._group, self._settings.topic(self._task.state))
            stack.callback(membership.close)
            self._stand_by(state, membership)
            if self._stop.is_set():
                return
            # From here on the worker that was active before can write nothing more. Its records are restored first.
            transactions = Transactions(self._settings, self._group)
            stack.callback(transactions.close)
            self._restore(state)
            source = MergedSource(self._settings, self._source_topic, self._committed(), partitions, membership.ends)
            stack.callback(source.close)
            self._metrics.became_active()
            self._phase, self._is_ready = "active", True
            self._work(membership, source, transactions)

    def _stand_by(self, state: StateLog, membership: Membership) -> None:
        while not (membership.is_active or self._stop.is_set()):
            self._turn("standing by: another worker is active", ready=True)
            membership.poll(IDLE_MS)
            self._restore(state)

    def _restore(self, state: StateLog) -> None:
        state.follow(self._on_restored)
        self._metrics.state(self._decider.gauges())

    def _on_restored(self, restored: int, left: int) -> bool:
        # A standby has restored its state already, and stays ready while it follows.
        self._turn(f"restoring the state: {restored} records, some {left} are left", ready=self._is_ready)
        if time.monotonic() - self._logged > PROGRESS_INTERVAL_S:
            self._logged = time.monotonic()
            logger.warning(
                "Restoring the state of the %s: %d records, some %d are left.", self._task.name, restored, left
            )
        return not self._stop.is_set()

    def _work(self, membership: Membership, source: MergedSource, transactions: Transactions) -> None:
        committed, committed_at = dict[TopicPartition, int](), time.monotonic()
        while not self._stop.is_set():
            self._turn("active", ready=True)
            membership.poll()
            if membership.has_lost:
                raise TelexError(
                    f"The group {self._group} has made another worker active, so this one ends. Started again, it stands by."
                )
            records = source.read(IDLE_MS, BATCH)
            self._measure(source)
            offsets = source.positions()
            is_due = time.monotonic() - committed_at > COMMIT_INTERVAL_S
            if records or is_due or (offsets != committed and not any(source.lag().values())):
                self._finish(records, offsets, transactions)
                committed, committed_at = offsets, time.monotonic()

    def _finish(self, records: Sequence[Any], offsets: dict[TopicPartition, int], transactions: Transactions) -> None:
        outputs, kinds, dead, copies = list[Output](), Counter[str](), Counter[str](), 0
        for record in records:
            outcome = self._decide(record)
            match outcome:
                case Dead():
                    outputs.append(self._dead_letter(record, outcome))
                    dead[outcome.reason] += 1
                case None:
                    copies += 1
                case _:
                    outputs += self._outputs(record, outcome)
                    kinds[outcome.kind] += 1
        transactions.write(outputs, offsets)
        self._metrics.finished(kinds, dead, copies)

    def _decide(self, record: Any) -> Decided | Dead | None:
        unreadable = originals.dead_if_unreadable(record.original)
        if unreadable:
            return unreadable
        try:
            return self._decider.decide(decode_identified(record.value), record.timestamp)
        except RecordError as error:
            return Dead(error.reason, str(error), f"{type(error).__module__}.{type(error).__qualname__}")

    def _outputs(self, record: Any, decided: Decided) -> list[Output]:
        before = [(name, value) for name, value in record.headers if name in _PASSED_ON]
        event = headers.event(
            decided.article_id, self._task.name, f"urn:telex:{self._task.name}", before, record.timestamp / 1000
        )
        described = [(name, self._task.schema.encode() if name == "ce_dataschema" else value) for name, value in event]
        described.append((headers.ARTICLE_OFFSET, b"%d" % record.offset))
        key = decided.article_id.encode()
        return [
            Output(self._settings.topic(self._task.target), key, decided.value, described, record.partition),
            Output(self._settings.topic(self._task.state), key, decided.state, [], 0),
        ]

    def _dead_letter(self, record: Any, outcome: Dead) -> Output:
        topic = self._settings.topic(DEAD)
        whole = dead_letter_output.whole(topic, self._task.name, record, outcome, max(0, record.timestamp))
        try:
            for name, _ in whole.headers:
                name.encode()
        except UnicodeEncodeError:  # kafka-python's producer cannot send a name that is not UTF-8
            return dead_letter_output.shortened(topic, self._task.name, record, outcome)
        return whole

    def _committed(self) -> dict[TopicPartition, int]:
        with admin(self._settings) as client:
            committed = consumer_groups.committed(client, [self._group])[self._group]
        return {tp: offset for tp, offset in committed.items() if tp.topic == self._source_topic}

    def _measure(self, source: MergedSource) -> None:
        if time.monotonic() - self._measured > MEASURE_INTERVAL_S:
            self._measured = time.monotonic()
            self._metrics.lag(self._source_topic, source.lag(), source.lost - self._lost)
            self._lost = source.lost
            self._metrics.state(self._decider.gauges())

    def _turn(self, phase: str, *, ready: bool) -> None:
        self._beat = time.monotonic()
        self._phase, self._is_ready = phase, ready

    def _live(self) -> tuple[bool, str]:
        silence = time.monotonic() - self._beat
        return silence < LOOP_LIMIT_S, f"the loop last turned {silence:.1f} s ago"

    def _ready(self) -> tuple[bool, str]:
        alive, why = self._live()
        return alive and self._is_ready, self._phase if alive else why

    def _end(self, *_: object) -> None:
        self._stop.set()
        process_end.end_within(STOP_LIMIT_S)


def run(settings: Settings, task: SequentialTask) -> NoReturn:
    """Run a worker in this process and end the process: with 0 after SIGTERM or SIGINT, and with 1 after a failure."""
    logs.set_up(settings.log_level, settings.log_format, task.name)
    code = 1
    try:
        SequentialWorker(settings, task).run()
        code = 0
    except BaseException as error:
        process_end.log_failure(error, task.name)
    process_end.end(code)
