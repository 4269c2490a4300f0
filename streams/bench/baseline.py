"""The analyses without a pipeline: what somebody would write who needs no stream, and what `telex bench` compares the pipeline with.

A few processes, each with its share of the articles, all analyses of the share one after the other: no Kafka, no Faust, no
records to decode and encode. Each is started as `python -m streams.bench.baseline PARENT`. It reads its share as one of the pool's
frames, loads the models, warms up, says so with a line, does the work when it is sent one, and answers with what it took.
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
from streams.records import Article, NotAnalysed, codec
from streams.stages import STAGE_NAMES
from streams.system.lifeline import die_with_parent
from streams.system.usage import peak_memory
from streams.worker import analysers, frames
from streams.worker.process_pool import INSTALLED, LOAD_LIMIT_S, ONE_THREAD

# Articles of its share that a process analyses before it is measured: what is only loaded when it is needed is loaded then.
WARM_UP = 32
# Seconds in which the shares have to be done: for each article of a share, and at least.
ARTICLE_LIMIT_S, SHARE_LIMIT_S = 2.0, 60.0


class Work(Struct, frozen=True):
    """What was done, by stage: processor time in seconds, and the number of articles that have a result."""

    cpu_s: dict[str, float]
    analysed: dict[str, int]


class BaselineRound(Struct, frozen=True):
    """The work of all processes together.

    Attributes:
        seconds: from the start of the work to the end of the last process.
        memory: bytes of physical memory, each process at its peak.
    """

    work: Work
    seconds: float
    memory: int


def run(values: Sequence[bytes], processes: int) -> BaselineRound:
    """Analyse the articles in so many processes, which end with it. Raises TelexError when one ends or takes too long."""
    size = -(-len(values) // processes)
    with ExitStack() as stack:
        started = [stack.enter_context(_started(values[begin : begin + size])) for begin in range(0, len(values), size)]
        for process in started:
            _line(process, LOAD_LIMIT_S + SHARE_LIMIT_S)
        begin = time.perf_counter()
        for process in started:
            _write(process, b"\n")
        limit_s = max(SHARE_LIMIT_S, ARTICLE_LIMIT_S * size)
        done = [msgspec.json.decode(_line(process, limit_s), type=Work) for process in started]
        seconds = time.perf_counter() - begin
        memory = sum(peak_memory(process.pid) for process in started)
    work = Work(
        {name: sum(each.cpu_s[name] for each in done) for name in STAGE_NAMES},
        {name: sum(each.analysed[name] for each in done) for name in STAGE_NAMES},
    )
    return BaselineRound(work, seconds, memory)


@contextmanager
def _started(share: Sequence[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, *INSTALLED, "-m", "streams.bench.baseline", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **ONE_THREAD},
    ) as process:
        try:
            _write(process, frames.of_values(share))
            yield process
        finally:
            process.kill()


def _write(process: subprocess.Popen[bytes], content: bytes) -> None:
    assert process.stdin
    try:
        process.stdin.write(content)
        process.stdin.flush()
    except BrokenPipeError:
        with suppress(BrokenPipeError):
            process.stdin.close()  # here, as it fails again on what is left in its buffer
        raise TelexError("A process of the baseline ended: its output stands above.") from None


def _line(process: subprocess.Popen[bytes], limit_s: float) -> bytes:
    assert process.stdout
    # A process writes nothing between two lines that it is sent: none can lie in the buffer, where select would not see it.
    if not select.select([process.stdout], [], [], limit_s)[0]:
        raise TelexError(f"The baseline were not done within {limit_s:g} s: take shorter articles.")
    line = process.stdout.readline()
    if not line:
        raise TelexError("A process of the baseline ended: its output stands above.")
    return line


def analyse(articles: Sequence[Article]) -> Work:
    """Do all analyses, stage after stage, and measure each."""
    cpu_s, analysed = {}, {}
    for stage in STAGE_NAMES:
        begin = time.process_time()
        analyses = analysers.find(stage).analyse(articles)
        cpu_s[stage] = time.process_time() - begin
        analysed[stage] = sum(not isinstance(analysis, NotAnalysed) for analysis in analyses)
        if stage == STAGE_NAMES[0]:
            codes = [getattr(analysis, "code", None) for analysis in analyses]
            articles = [
                msgspec.structs.replace(article, language=code) for article, code in zip(articles, codes, strict=True)
            ]
    return Work(cpu_s, analysed)


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Read a share, and do it when a line comes."""
    articles = [codec.decode_raw(value) for value in frames.read_values(source) or ()]
    for stage in STAGE_NAMES:
        analyser = analysers.find(stage)
        analyser.load(analyser.models())
    analyse(articles[:WARM_UP])
    _answer(target, Work({}, {}))
    source.readline()
    _answer(target, analyse(articles))
    source.readline()  # which never comes: the process stays until its memory has been read


def _answer(target: BinaryIO, work: Work) -> None:
    target.write(msgspec.json.encode(work) + b"\n")
    target.flush()


def main() -> None:
    """Serve the process whose number is on the command line, and end with it."""
    die_with_parent(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # As in an analysis process of the pipeline: what a library prints goes to stderr.
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, target)


if __name__ == "__main__":
    main()
