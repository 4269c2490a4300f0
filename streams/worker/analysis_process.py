"""An analysis process: it receives records over a socket and answers with their outcomes.

The pool starts the first one as `python -m streams.worker.analysis_process STAGE PARENT`, with the socket as standard
input. It loads the models and then makes copies of itself (`fork`), which analyse. The copies share the memory of the
models, and a copy that dies is replaced within milliseconds. Only analysis processes load models, so a segmentation
fault or a lack of memory costs the worker one batch, which it tries again. Each process dies with its parent.

A process in which a library runs threads cannot be copied: the copy would have the locks of these threads and not the
threads (https://docs.python.org/3/library/os.html#os.fork). Then the pool starts each process by itself. The same holds
outside of Linux, as system libraries of macOS do not allow it (https://github.com/python/cpython/issues/77906).
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Collection, Sequence

import psutil

from streams import stages
from streams.errors import Reason, RecordError, TelexError
from streams.records import Analysis, Article, NotAnalysed, codec, validation
from streams.records.outcomes import Dead, Done, Outcome, tally
from streams.stage import Stage
from streams.system.lifeline import die_with_parent
from streams.worker import analysers, frames

# Limit of an analysis process's private memory (heap and anonymous mappings), in bytes. Both models need 0.2 GiB. An
# article that makes the memory grow without end must not exhaust the machine.
MEMORY_LIMIT_BYTES = 4 * 1024**3
# Seconds between two looks at a copy that is about to end.
_END_INTERVAL_S = 0.005


def decode(stage: Stage, values: frames.Values) -> list[Article | Dead]:
    """The article of each record, or the dead letter that says what is wrong with the record."""
    read = codec.decode_raw if stage.name == stages.STAGE_NAMES[0] else codec.decode_identified
    decoded: list[Article | Dead] = []
    for value in values:
        try:
            decoded.append(read(value))
        except RecordError as error:
            decoded.append(Dead.of(error.reason, error))
    return decoded


def outcomes_of(stage: Stage, decoded: Sequence[Article | Dead]) -> list[Outcome]:
    """The outcome of each record. When an article of a batch raises, each article is tried alone."""
    outcomes: dict[int, Outcome] = {index: each for index, each in enumerate(decoded) if isinstance(each, Dead)}
    articles = {index: each for index, each in enumerate(decoded) if isinstance(each, Article)}
    try:
        outcomes |= _analyse(stage.name, analysers.find(stage.name).analyse, articles)
    except Exception as error:
        if len(articles) == 1:
            return [outcomes.get(index) or Dead.of(Reason.ANALYSIS_FAILED, error) for index in range(len(decoded))]
        for index, article in articles.items():
            outcomes[index] = outcomes_of(stage, [article])[0]
    return [outcomes[index] for index in range(len(decoded))]


def _analyse(
    name: str, analyse: Callable[[Sequence[Article]], Sequence[Analysis]], articles: dict[int, Article]
) -> dict[int, Outcome]:
    if not articles:
        return {}
    begin = time.perf_counter()
    analyses = list(analyse(list(articles.values())))
    if len(analyses) != len(articles):
        raise TelexError(
            f"The {name} analyser gave {len(analyses)} results for {len(articles)} articles: it must give one for each."
        )
    seconds = (time.perf_counter() - begin) / len(articles)
    return {
        index: _done(name, article, analysis, seconds)
        for (index, article), analysis in zip(articles.items(), analyses, strict=True)
    }


def _done(name: str, article: Article, analysis: Analysis, seconds: float) -> Outcome:
    try:
        validation.check(article, name, analysis)
        value = codec.encode(article, name, analysis)
    except RecordError as error:
        return Dead.of(error.reason, error)
    language = article.language or getattr(analysis, "code", None) or "unknown"
    return Done(value, article.id, language, not isinstance(analysis, NotAnalysed), tally(analysis), seconds)


class AnalysisProcess:
    """This process: its stage, its connection to the worker, and the languages whose models it has loaded."""

    def __init__(self, stage: Stage, connection: socket.socket) -> None:
        self._stage, self._server = stage, frames.Server(connection)
        self._loaded: set[str] = set()
        self._languages: Collection[str] = ()

    def serve(self) -> None:
        """Answer requests until the worker closes the connection."""
        self._server.write(self._load_what_all_need())
        while True:
            request, descriptors = self._server.read()
            match request:
                case None:
                    return
                case frames.Load(languages):
                    self._server.write(self._load(languages))
                case frames.Fork():
                    self._fork(*descriptors)
                case frames.End(pid, patience_s):
                    self._server.write(frames.Ended(_ended(pid, patience_s)))
                case _:
                    self._server.write(self._outcomes(request))

    def _outcomes(self, values: frames.Values) -> frames.Missing | list[Outcome]:
        decoded = decode(self._stage, values)
        languages = {each.language for each in decoded if isinstance(each, Article) and each.language}
        missing = (languages & set(self._languages)) - self._loaded
        return frames.Missing(sorted(missing)) if missing else outcomes_of(self._stage, decoded)

    def _load_what_all_need(self) -> frames.Ready:
        ready = self._load(())
        if not ready.error:
            self._languages = analysers.find(self._stage.name).models()
        return ready

    def _load(self, languages: Collection[str]) -> frames.Ready:
        """Load the models of these languages that there are; without languages, load what all of them need."""
        name = self._stage.name
        offered = [language for language in languages if language in self._languages]
        try:
            if offered or not languages:
                analysers.find(name).load(*([offered] if offered else []))
        except Exception as error:
            message = f"The {name} analyser cannot be loaded: {type(error).__name__}: {error}"
            return frames.Ready(str(error) if isinstance(error, TelexError) else message)
        self._loaded.update(languages)
        # A garbage collection writes to each object, and a copy no longer shares the memory that it has written to.
        gc.collect()
        gc.freeze()
        return frames.Ready(can_fork=sys.platform == "linux" and psutil.Process().num_threads() == 1)

    def _fork(self, descriptor: int) -> None:
        """Make a copy of this process, which serves the socket of this descriptor from now on."""
        parent, connection = os.getpid(), socket.socket(fileno=descriptor)
        if pid := os.fork():
            connection.close()
            self._server.write(frames.Forked(pid))
        else:
            die_with_parent(parent)
            self._server.close()
            self._server = frames.Server(connection)


def _ended(pid: int, patience_s: float) -> int:
    """Wait for the end of a copy of this process, and kill it when `patience_s` seconds are over. Returns its code."""
    deadline = time.monotonic() + patience_s
    while (ended := os.waitpid(pid, os.WNOHANG))[0] == 0:
        if time.monotonic() >= deadline:
            os.kill(pid, signal.SIGKILL)
            ended = os.waitpid(pid, 0)
            break
        time.sleep(_END_INTERVAL_S)
    return os.waitstatus_to_exitcode(ended[1])


def main() -> None:
    """Serve the stage that is named on the command line for the process whose number follows."""
    die_with_parent(int(sys.argv[2]))
    # Ctrl-C at a terminal reaches all foreground processes, but the worker decides when its analysis processes end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    # Nothing but the connection uses standard input, and a library's prints go to stderr.
    connection = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    AnalysisProcess(stages.stage(sys.argv[1]), connection).serve()


if __name__ == "__main__":
    main()
