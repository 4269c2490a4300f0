"""The baseline of `telex bench`: the same analyses without a pipeline, as a user without a stream would write them.

A few processes each analyse a share of the articles, one stage after the other: no Kafka, no Faust, no records to
decode and encode. Each process is started as `python -m streams.bench.baseline PARENT`. It reads its share in the
format of the process pool's frames, loads the models, warms up, and writes a line when it is ready. When it receives a
line, it does the work that the line names, answers with its figures, and reads the next share.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import BinaryIO

import msgspec
from msgspec import Struct

from streams.errors import TelexError
from streams.records import Analysis, Article, NotAnalysed, codec
from streams.stages import STAGE_NAMES
from streams.system.lifeline import die_with_parent
from streams.system.usage import peak_memory
from streams.worker import analysers
from streams.worker.analysis_connection import INSTALLED, LOAD_LIMIT_S, ONE_THREAD

# Articles of its share that a process analyses before the measurement, which load the models.
WARM_UP_ARTICLES = 32
# Seconds within which a process has to finish its share: for each article, and at least for the whole share.
ARTICLE_LIMIT_S, SHARE_LIMIT_S = 2.0, 60.0
# The lines that name the work: all articles of the share together, or each by itself.
TOGETHER, ONE_BY_ONE = b"together\n", b"one by one\n"


class Work(Struct, frozen=True):
    """The work of one or more processes, by stage: processor time in seconds, and number of articles with a result."""

    cpu_s: dict[str, float]
    analysed: dict[str, int]


class BaselineRound(Struct, frozen=True):
    """One round of the baseline.

    Attributes:
        work: the work of all processes together.
        seconds: from the start of the work to the end of the last process.
        memory: bytes of physical memory, the sum over the processes of the peak of each.
        latencies: seconds that all analyses of an article take, of the articles that were analysed one by one.
    """

    work: Work
    seconds: float
    memory: int
    latencies: list[float]


def run(values: Sequence[bytes], processes: int, one_by_one: int = 0) -> BaselineRound:
    """Analyse the articles in that many processes, and then some of them one by one in one process.

    Args:
        values: the articles.
        processes: the number of processes that share them.
        one_by_one: how many of the articles to analyse one by one, from the first one on.

    Raises:
        TelexError: a process ends early or takes too long.
    """
    size = -(-len(values) // processes)
    shares = [values[first : first + size] for first in range(0, len(values), size)]
    with ExitStack() as stack:
        running = [stack.enter_context(_started()) for _ in shares]
        for process, share in zip(running, shares, strict=True):
            _send(process, share)
        for process in running:
            _line(process, LOAD_LIMIT_S + SHARE_LIMIT_S)
        begin = time.perf_counter()
        for process in running:
            _write(process, TOGETHER)
        limit_s = max(SHARE_LIMIT_S, ARTICLE_LIMIT_S * size)
        works = [msgspec.json.decode(_line(process, limit_s), type=Work) for process in running]
        seconds = time.perf_counter() - begin
        memory = sum(peak_memory(process.pid) for process in running)
        latencies = _one_by_one(running[0], values[:one_by_one]) if one_by_one else []
    total = Work(
        {name: sum(work.cpu_s[name] for work in works) for name in STAGE_NAMES},
        {name: sum(work.analysed[name] for work in works) for name in STAGE_NAMES},
    )
    return BaselineRound(total, seconds, memory, latencies)


def _one_by_one(process: subprocess.Popen[bytes], values: Sequence[bytes]) -> list[float]:
    _send(process, values)
    _line(process, SHARE_LIMIT_S)
    _write(process, ONE_BY_ONE)
    return msgspec.json.decode(_line(process, max(SHARE_LIMIT_S, ARTICLE_LIMIT_S * len(values))), type=list[float])


@contextmanager
def _started() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, *INSTALLED, "-m", "streams.bench.baseline", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **ONE_THREAD},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _send(process: subprocess.Popen[bytes], share: Sequence[bytes]) -> None:
    content = msgspec.msgpack.encode(list(share))
    _write(process, b"%d\n%b" % (len(content), content))


def _write(process: subprocess.Popen[bytes], content: bytes) -> None:
    assert process.stdin
    try:
        process.stdin.write(content)
        process.stdin.flush()
    except BrokenPipeError:
        with suppress(BrokenPipeError):
            process.stdin.close()  # closed here, because it fails again on the rest of its buffer
        raise TelexError("A process of the baseline ended: see its output above.") from None


def _line(process: subprocess.Popen[bytes], limit_s: float) -> bytes:
    assert process.stdout
    # select does not see a line in Python's buffer. None can be there: a process writes one line for each that it
    # receives.
    if not select.select([process.stdout], [], [], limit_s)[0]:
        raise TelexError(f"The baseline did not finish within {limit_s:g} s: use shorter articles.")
    line = process.stdout.readline()
    if not line:
        raise TelexError("A process of the baseline ended: see its output above.")
    return line


def analyse(articles: Sequence[Article]) -> Work:
    """Do the analyses of all stages, one stage after the other, and measure each."""
    cpu_s, analysed = {}, {}
    for stage in STAGE_NAMES:
        begin = time.process_time()
        analyses = analysers.find(stage).analyse(articles)
        cpu_s[stage] = time.process_time() - begin
        analysed[stage] = sum(not isinstance(analysis, NotAnalysed) for analysis in analyses)
        articles = [_with(article, stage, analysis) for article, analysis in zip(articles, analyses, strict=True)]
    return Work(cpu_s, analysed)


def _with(article: Article, stage: str, analysis: Analysis) -> Article:
    """The article as the next stage gets it."""
    if stage == "language":
        return msgspec.structs.replace(article, language=getattr(analysis, "code", None))
    return msgspec.structs.replace(article, entities=analysis) if stage == "entities" else article


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Read shares, and analyse each in the way that a line names when it arrives."""
    while size := source.readline():
        share = msgspec.msgpack.decode(source.read(int(size)), type=list[bytes])
        articles = [codec.decode_raw(value) for value in share]
        for stage in STAGE_NAMES:
            analyser = analysers.find(stage)
            analyser.load(analyser.models())
        analyse(articles[:WARM_UP_ARTICLES])
        _answer(target, None)
        together = source.readline() == TOGETHER
        _answer(target, analyse(articles) if together else [_seconds(article) for article in articles])


def _seconds(article: Article) -> float:
    begin = time.perf_counter()
    analyse([article])
    return time.perf_counter() - begin


def _answer(target: BinaryIO, figures: Work | list[float] | None) -> None:
    target.write(msgspec.json.encode(figures) + b"\n")
    target.flush()


def main() -> None:
    """Serve the parent, whose process id is on the command line, and end when it ends."""
    die_with_parent(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # As in an analysis process of the pipeline, the output of libraries goes to stderr.
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, target)


if __name__ == "__main__":
    main()
