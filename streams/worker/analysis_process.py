"""An analysis process: frames of records on standard input, frames of outcomes on standard output.

The pool starts it as `python -m streams.worker.analysis_process STAGE PARENT`, and it dies with its parent. Only
analysis processes load models, so a segmentation fault or a lack of memory costs the worker one batch, which it tries
again.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Collection, Sequence
from typing import BinaryIO

from streams.errors import Reason, RecordError, TelexError
from streams.records import Analysis, Article, NotAnalysed, codec, validation
from streams.records.outcomes import Dead, Done, Outcome, tally
from streams.stage import Stage
from streams.stages import STAGE_NAMES, stage
from streams.system.lifeline import die_with_parent
from streams.worker import analysers, frames

# Limit of an analysis process's private memory (heap and anonymous mappings), in bytes. Both models need 0.2 GiB. An
# article that makes the memory grow without end must not exhaust the machine.
MEMORY_LIMIT_BYTES = 4 * 1024**3
# Maximum length of an exception's message in a dead letter, in characters.
MAX_MESSAGE = 500

Bytes = bytes | None


def decode(at: Stage, values: Sequence[Bytes]) -> list[Article | Dead]:
    """The article of each record, or the dead letter that says what is wrong with the record."""
    read = codec.decode_raw if at.name == STAGE_NAMES[0] else codec.decode_identified
    decoded: list[Article | Dead] = []
    for value in values:
        try:
            decoded.append(read(value))
        except RecordError as error:
            decoded.append(_dead(error.reason, error))
    return decoded


def process(at: Stage, decoded: Sequence[Article | Dead]) -> list[Outcome]:
    """The outcome of each record. When an article of a batch raises, each article is tried alone."""
    outcomes: dict[int, Outcome] = {index: each for index, each in enumerate(decoded) if isinstance(each, Dead)}
    articles = {index: each for index, each in enumerate(decoded) if isinstance(each, Article)}
    try:
        outcomes |= _analyse(at.name, analysers.find(at.name).analyse, articles)
    except Exception as error:
        if len(articles) == 1:
            return [outcomes.get(index) or _dead(Reason.ANALYSIS_FAILED, error) for index in range(len(decoded))]
        for index, article in articles.items():
            outcomes[index] = process(at, [article])[0]
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
        return _dead(error.reason, error)
    language = article.language or getattr(analysis, "code", None) or "unknown"
    return Done(value, article.id, language, not isinstance(analysis, NotAnalysed), tally(analysis), seconds)


def _dead(reason: Reason, error: Exception) -> Dead:
    return Dead(
        reason, str(error)[:MAX_MESSAGE] or type(error).__name__, f"{type(error).__module__}.{type(error).__qualname__}"
    )


def serve(at: Stage, source: BinaryIO, target: BinaryIO) -> None:
    """Answer frames until the source ends or a model cannot be loaded.

    Each batch gets two replies. The first says that the models of its languages are loaded, so the seconds of loading
    do not count as seconds of the articles. The second has the outcomes.
    """
    loaded = _load(at, None, target)
    while loaded and (values := frames.read_values(source)) is not None:
        decoded = decode(at, values)
        loaded = _load(at, {each.language for each in decoded if isinstance(each, Article) and each.language}, target)
        if loaded:
            _write(target, process(at, decoded))


def _load(at: Stage, languages: Collection[str] | None, target: BinaryIO) -> bool:
    """Load the models of these languages; None loads what all languages need.

    Returns whether everything could be loaded.
    """
    try:
        if languages is None:
            analysers.find(at.name).load()
        elif languages:
            analysers.find(at.name).load(languages)
    except Exception as error:
        message = f"The {at.name} analyser cannot be loaded: {type(error).__name__}: {error}"
        _write(target, frames.Ready(str(error) if isinstance(error, TelexError) else message))
        return False
    _write(target, frames.Ready())
    return True


def _write(target: BinaryIO, reply: frames.Ready | list[Outcome]) -> None:
    target.write(frames.of_reply(reply))
    target.flush()


def main() -> None:
    """Serve the stage that is named on the command line for the process whose number follows."""
    die_with_parent(int(sys.argv[2]))
    # Ctrl-C at a terminal reaches all foreground processes, but the worker decides when its analysis processes end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    # Only frames go to the real standard output. A library's prints go to stderr.
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(stage(sys.argv[1]), sys.stdin.buffer, target)


if __name__ == "__main__":
    main()
