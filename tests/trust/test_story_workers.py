"""The active stories worker is killed and frozen under load: each article has one story, which no fault changes."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack

import pytest

from streams.settings import Settings
from tests.support.exam import Part, pick
from tests.support.processes import WorkerProcess, environment, wait_for
from tests.support.story_stream import StoryStream, breaches, stories

KILLS, FREEZES = pick(2, 100), pick(1, 10)
# Articles a second.
RATE = pick(20.0, 100.0)
# Seconds for which a worker is frozen: longer than its session of 6 s.
FROZEN_S = 9.0


class StoryWorkers:
    """Two workers of which one is active. One that has ended is started again."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self._settings = settings
        self.workers = [
            stack.enter_context(WorkerProcess(settings, "stories", environment(settings))) for _ in range(2)
        ]
        for worker in self.workers:
            worker.wait_ready()

    def active(self) -> WorkerProcess:
        """The active worker. Waits until there is one."""
        wait_for(lambda: self._active(), 60, self.logs)
        return self._active()[0]

    def _active(self) -> list[WorkerProcess]:
        return [worker for worker in self.workers if worker.metric('telex_active{stage="stories"}') == 1]

    def restart(self, worker: WorkerProcess) -> None:
        worker.start()
        worker.wait_ready()

    def logs(self) -> str:
        return "\n".join(worker.log.read_text()[-2_000:] for worker in self.workers)


def seconds_until_stories_flow(settings: Settings, workers: StoryWorkers) -> float:
    begin, before = time.monotonic(), len(stories(settings))
    wait_for(lambda: len(stories(settings)) > before, 60, workers.logs)
    return time.monotonic() - begin


def settle(settings: Settings, stream: StoryStream, workers: StoryWorkers, part: Part) -> None:
    """End the load, wait for all stories, and check them."""
    stream.end_load()
    wait_for(lambda: len(stories(settings)) >= len(stream.published), 120, workers.logs)
    part.records, part.enriched = len(stream.published), len(stories(settings))
    part.copies = part.enriched - len({record.key for record in stories(settings)})
    part.breaches = breaches(settings, stream.published)
    assert part.breaches == []


@pytest.mark.part(19, f"`kill -9` of the active stories worker, beside a standby, at {RATE:.0f} articles a second")
def test_each_article_has_one_story_when_the_active_worker_is_killed(pipeline: Settings, part: Part) -> None:
    part.extent = f"{KILLS} times"
    seconds = []
    with ExitStack() as stack:
        workers = StoryWorkers(pipeline, stack)
        stream = stack.enter_context(StoryStream(pipeline)).start_load(RATE)
        for number in range(KILLS):
            time.sleep(1 + number % 3 / 3)
            killed = workers.active()
            killed.kill()
            seconds.append(seconds_until_stories_flow(pipeline, workers))
            workers.restart(killed)
        settle(pipeline, stream, workers, part)
    part.add_figure("from SIGKILL of the active stories worker until stories flow", seconds, "s", "under 10 s")


@pytest.mark.long
@pytest.mark.part(19, f"the active stories worker is frozen for {FROZEN_S:.0f} s, longer than its session, and thawed")
def test_a_frozen_stories_worker_can_write_nothing_when_it_thaws(pipeline: Settings, part: Part) -> None:
    part.extent = f"{FREEZES} times"
    with ExitStack() as stack:
        workers = StoryWorkers(pipeline, stack)
        stream = stack.enter_context(StoryStream(pipeline)).start_load(RATE)
        for _ in range(FREEZES):
            time.sleep(1)
            frozen = workers.active()
            frozen.process.send_signal(signal.SIGSTOP)
            time.sleep(FROZEN_S)
            seconds_until_stories_flow(pipeline, workers)
            frozen.process.send_signal(signal.SIGCONT)
            assert frozen.process.wait(60) == 1, workers.logs()
            workers.restart(frozen)
        settle(pipeline, stream, workers, part)
