"""The pool of analysis processes: they share the models of a template, and are replaced when they die."""

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from streams.records.outcomes import Done, Outcome
from streams.worker import frames
from streams.worker.needed_languages import MAX_BYTES, NeededLanguages
from streams.worker.process_pool import Pool
from tests.support.distributions import install
from tests.support.processes import analysis_processes, started_for_analysis, template_process, wait_for

FRENCH = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres."
ENGLISH = "The mayor of London opened a new tram line on Tuesday, and Sadiq Khan spoke for an hour."


def record(language: str, text: str) -> bytes:
    """A record for the entities and the sentiment stage."""
    named = {"status": "analysed", "model": "m", "code": language, "confidence": 1}
    return json.dumps({"id": text[:9], "text": text, "language": named}).encode()


def with_pool(
    stage: str, processes: int, work: Callable[[Pool], Awaitable[None]], needed: NeededLanguages | None = None
) -> list[str]:
    """Start a pool, do the work with it, and end it. Returns the cause of each replacement of a process."""
    causes: list[str] = []

    async def run() -> None:
        pool = Pool(stage, processes, 60, causes.append, needed)
        try:
            await pool.start()
            await work(pool)
        finally:
            await pool.stop()

    asyncio.run(run())
    assert not started_for_analysis(os.getpid())
    return causes


def is_done(outcomes: Sequence[Outcome]) -> bool:
    return all(isinstance(outcome, Done) and outcome.analysed for outcome in outcomes)


async def while_frozen(pool: Pool, then: Callable[[psutil.Process], None], *values: bytes) -> list[Outcome]:
    """The outcomes of a batch, during which `then` was called with its frozen analysis process."""
    processes = analysis_processes(os.getpid())
    for process in processes:
        process.suspend()
    analysis = asyncio.create_task(pool.analyse(values))
    await asyncio.sleep(0.1)
    for process in processes:
        then(process)
    return await analysis


def test_the_processes_share_the_memory_of_the_models() -> None:
    async def work(pool: Pool) -> None:
        first = asyncio.create_task(pool.analyse([record("fr", FRENCH)]))
        # The second process asks for models while the template loads those of the first.
        await asyncio.sleep(0.3)
        assert is_done(await pool.analyse([record("fr", FRENCH), record("en", ENGLISH)]))
        assert is_done(await first)
        # Both analyse at the same time, so that both have the models.
        assert is_done(await pool.analyse([record("fr", FRENCH), record("en", ENGLISH)] * 2))
        template = template_process(os.getpid()).memory_full_info()
        for process in analysis_processes(os.getpid()):
            own = process.memory_full_info()
            assert own.uss < 100e6 < own.rss <= template.rss + own.uss

    assert with_pool("entities", 2, work) == []


def test_a_process_that_is_killed_while_it_has_nothing_to_do_costs_no_article_an_attempt(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work(pool: Pool) -> None:
        (process,) = analysis_processes(os.getpid())
        process.kill()
        # The template waits for the end of a copy when the pool asks for it, and until then the copy is a zombie.
        wait_for(lambda: process.status() == psutil.STATUS_ZOMBIE, 10)
        assert is_done(await pool.analyse([record("en", ENGLISH)] * 3))
        (replacement,) = analysis_processes(os.getpid())
        assert replacement.pid != process.pid

    assert with_pool("sentiment", 1, work) == ["crashed"]
    assert not caplog.text


def test_a_process_that_is_killed_with_a_batch_is_replaced_by_a_copy_of_the_same_template(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work(pool: Pool) -> None:
        template = template_process(os.getpid())
        assert is_done(await while_frozen(pool, psutil.Process.kill, record("en", ENGLISH), record("fr", FRENCH)))
        assert template_process(os.getpid()) == template

    assert with_pool("sentiment", 1, work) == ["crashed"]
    assert "A batch of 2 articles was lost (the process ended with SIGKILL): they are tried one by one." in caplog.text


@pytest.mark.parametrize("with_a_batch", [True, False])
def test_a_template_that_is_killed_starts_again_with_its_processes(*, with_a_batch: bool) -> None:
    async def work(pool: Pool) -> None:
        template = template_process(os.getpid())

        def kill(_: psutil.Process) -> None:
            with suppress(psutil.NoSuchProcess):
                template.kill()

        if with_a_batch:
            assert is_done(await while_frozen(pool, kill, record("en", ENGLISH)))
        else:
            template.kill()
            template.wait(5)
        assert is_done(await pool.analyse([record("en", ENGLISH)]))
        assert template_process(os.getpid()) != template
        assert all(map(is_done, await asyncio.gather(*(pool.analyse([record("en", ENGLISH)]) for _ in range(4)))))
        assert len(analysis_processes(os.getpid())) == 2

    assert set(with_pool("sentiment", 2, work)) == {"crashed"}


def test_a_pool_that_starts_again_loads_the_models_that_it_needed_before(tmp_path: Path) -> None:
    before: list[bool] = []

    async def work(pool: Pool) -> None:
        (process,) = analysis_processes(os.getpid())
        assert is_done(await pool.analyse([record("en", ENGLISH)]))
        # A process without the model makes room for one that has it.
        before.append(analysis_processes(os.getpid()) == [process])

    for _ in range(2):
        with_pool("entities", 1, work, NeededLanguages(tmp_path / "workers" / "a"))
    assert before == [False, True]


@pytest.mark.parametrize(
    "content",
    [b"", b"[1, 2", b'{"en": 1}', b'["' + b"x" * MAX_BYTES + b'"]', b'["xx", "../en", ""]', b"\xff"],
)
def test_a_pool_starts_whatever_the_file_of_needed_languages_has(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "languages.json").write_bytes(content)

    async def work(pool: Pool) -> None:
        assert is_done(await pool.analyse([record("en", ENGLISH)]))

    with_pool("sentiment", 1, work, NeededLanguages(tmp_path))
    assert NeededLanguages(tmp_path).read() >= {"en"}


def test_the_file_of_needed_languages_may_be_impossible(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    needed = NeededLanguages(tmp_path / "file")
    needed.write({"en"})
    assert needed.read() == set()


def test_a_template_that_is_killed_while_it_starts_starts_again() -> None:
    async def work(pool: Pool) -> None:
        former = template_process(os.getpid())
        former.kill()
        former.wait(5)
        analysis = asyncio.create_task(pool.analyse([record("en", ENGLISH)]))
        await asyncio.to_thread(wait_for, lambda: started_for_analysis(os.getpid()), 10)
        starting = template_process(os.getpid())
        starting.kill()
        assert is_done(await analysis)
        assert template_process(os.getpid()) not in (former, starting)

    with_pool("sentiment", 1, work)


# A library that keeps a thread, as PyTorch's and CUDA's pools do.
THREADED = """
import os
import threading
from streams.records import Probabilities, Sentiment

def load(languages=()):
    if languages or LATE not in os.environ:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
def models(): return {"en": "threaded/1", "fr": "threaded/1"}
def analyse(articles):
    even = Probabilities(negative=0, neutral=1, positive=0)
    return [Sentiment(model=f"threaded/{os.getppid()}", label="neutral", score=0, confidence=1, probabilities=even) for _ in articles]
"""


@pytest.mark.parametrize("late", [True, False])
def test_a_process_with_threads_is_not_copied_and_analyses_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, late: bool
) -> None:
    """With `late`, the thread starts with the first model of a language, when copies exist already."""
    folder = install(tmp_path, "threaded", THREADED.replace("LATE", '"THREADS_START_LATE"'))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    if late:
        monkeypatch.setenv("THREADS_START_LATE", "1")

    async def parents(pool: Pool) -> set[str]:
        found = await asyncio.gather(*(pool.analyse([record("en", ENGLISH)]) for _ in range(6)))
        values = [outcome.value for (outcome,) in found if isinstance(outcome, Done)]
        return {json.loads(value)["sentiment"]["model"] for value in values}

    async def work(pool: Pool) -> None:
        own = f"threaded/{os.getpid()}"
        # A copy from before the first thread loads the model too.
        assert own in await parents(pool) if late else {own} == await parents(pool)
        for process in started_for_analysis(os.getpid()):
            process.kill()
            process.wait(5)
        assert await parents(pool) == {own}

    with_pool("sentiment", 2, work)


def test_a_reply_may_come_in_pieces() -> None:
    """A reply may be larger than the buffers of a socket."""
    outcome = Done(b"x" * 3_000_000, "a", "en", True, {}, 0.1)

    async def run() -> frames.Reply:
        ours, theirs = socket.socketpair()
        client, server = frames.Client(ours), frames.Server(theirs)
        answer = asyncio.create_task(client.ask([b"y" * 3_000_000]))

        def serve() -> None:
            values, _ = server.read()
            assert values == [b"y" * 3_000_000]
            server.write([outcome])

        await asyncio.to_thread(serve)
        try:
            return await answer
        finally:
            client.close()
            server.close()

    assert asyncio.run(run()) == [outcome]
