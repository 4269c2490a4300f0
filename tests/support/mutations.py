"""Faults that somebody could put into the stage runtime, each as a change of its source, and what brings it out.

A swap names code as `ast.unparse` writes it, so it depends on neither the layout nor the comments of the source. The
code has to be there exactly once: when the runtime changes, its mutations change with it.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support import scenarios
from tests.support.trial import Trial

ROOT = Path(__file__).parents[2]
# Breaches as the exam names them.
LOST, NEITHER, BOTH = "is unfinished", "has neither an output nor a dead letter", "has both an output and a dead letter"
ORDER, DIFFERS, STRANGER, ALTERED = "came before", "differ", ", which ", "is not the record that failed"
INNOCENT = "is dead, and nothing was wrong with it"


@dataclass(frozen=True)
class Mutation:
    """A fault in a module of `streams`.

    Attributes:
        what: the fault, in a sentence.
        scenario: what is done to the worker, so that the fault matters.
        breach: what the exam has to say of it.
        swaps: module, text and what stands there instead.
    """

    what: str
    scenario: Callable[[Trial], None]
    breach: str
    swaps: tuple[tuple[str, str, str], ...]


def copy(folder: Path, *swaps: tuple[str, str, str]) -> Path:
    """A copy of Telex with the swaps made, each in code as `ast.unparse` writes it; it runs where PYTHONPATH names
    it.
    """
    changed: dict[Path, str] = {}
    shutil.copytree(ROOT / "streams", folder / "streams")
    (folder / "agents").symlink_to(ROOT / "agents")
    for module, old, new in swaps:
        file = folder / "streams" / f"{module}.py"
        source = changed.get(file) or ast.unparse(ast.parse(file.read_text()))
        assert source.count(old) == 1, f"{file.name} has it {source.count(old)} times: {old}"
        changed[file] = source.replace(old, new)
    for file, source in changed.items():
        file.write_text(source)
    for compiled in (folder / "streams").rglob("*.pyc"):
        compiled.unlink()
    return folder


_OUTPUTS = "[self._output(record, outcome) for record, outcome in zip(records, outcomes, strict=True)]"
_ACK = "            for record in records:\n                record.ack()\n"
_DELIVER = f"            outputs = {_OUTPUTS}\n            outcomes = await self._deliver(outputs, records, outcomes)\n"
_ALONE = "        if len(values) == 1:\n            return [await self._alone(values[0])]\n"
_ONE_BY_ONE = "[await self._alone(value, 1) for value in values]"

# Those of the short form: a fault of every kind. What starts a worker twice comes first, as it takes the longest.
FIRST = (
    Mutation(
        "acknowledges before the output is delivered",
        scenarios.output_gone,
        LOST,
        (("worker/runtime", _DELIVER + _ACK, _ACK + _DELIVER),),
    ),
    Mutation(
        "does not wait for the broker's confirmation",
        scenarios.output_refused,
        LOST,
        (
            (
                "worker/runtime",
                "await asyncio.gather(*deliveries, return_exceptions=True)",
                "[asyncio.gather(*deliveries)] * 0",
            ),
        ),
    ),
    Mutation(
        "drops the batch that is in hand on SIGTERM, and acknowledges it",
        scenarios.stopped,
        LOST,
        (("worker/runtime", _OUTPUTS, f"{_OUTPUTS}[: 0 if self._draining else None]"),),
    ),
    Mutation(
        "takes a batch for done when its process died",
        scenarios.child_killed,
        LOST,
        (
            ("worker/process_pool", _ALONE, ""),
            ("worker/process_pool", _ONE_BY_ONE, "[]"),
            ("worker/runtime", "[dead or next(analysed) for dead in unreadable]", "list(analysed)"),
            ("worker/runtime", "zip(records, outcomes, strict=True)", "zip(records, outcomes)"),
            ("worker/metrics", "zip(headers, outcomes, strict=True)", "zip(headers, outcomes)"),
        ),
    ),
    Mutation(
        "writes the time of the analysis into the article",
        scenarios.killed,
        DIFFERS,
        (
            (
                "worker/analysis_process",
                "codec.encode(article, name, analysis)",
                "codec.encode(article, name, analysis)[:-1] + b',\"at\":%d}' % time.time_ns()",
            ),
        ),
    ),
    Mutation(
        "drops an output of each batch",
        scenarios.backlog,
        LOST,
        (("worker/runtime", "for output in outputs]", "for output in outputs[1:]]"),),
    ),
    Mutation(
        "drops dead letters",
        scenarios.backlog,
        LOST,
        (("worker/runtime", "for output in outputs]", "for output in outputs if not output.topic.endswith(DEAD)]"),),
    ),
    Mutation(
        "finishes the newest batch first",
        scenarios.backlog,
        ORDER,
        (("worker/runtime", "= asyncio.Queue(in_flight)", "= asyncio.LifoQueue(in_flight)"),),
    ),
    Mutation(
        "lets the producer choose the partition",
        scenarios.backlog,
        STRANGER,
        (("worker/runtime", "event, record.partition)", "event, None)"),),
    ),
    Mutation(
        "makes an empty value of none in a dead letter",
        scenarios.backlog,
        ALTERED,
        (
            (
                "worker/runtime",
                "(self._prefix + DEAD, record.key, record.value,",
                "(self._prefix + DEAD, record.key, record.value or b'',",
            ),
        ),
    ),
    Mutation(
        "writes a dead letter beside an output",
        scenarios.backlog,
        BOTH,
        (("worker/runtime", _OUTPUTS, f'{_OUTPUTS} + [self._output(records[0], Dead("analysis_failed", "", ""))]'),),
    ),
    Mutation(
        "puts the parts of a batch together the wrong way round",
        scenarios.backlog,
        NEITHER,
        (("worker/process_pool", "for part in parts for", "for part in parts[::-1] for"),),
    ),
    Mutation(
        "gives what cannot be read before what can",
        scenarios.backlog,
        NEITHER,
        (
            (
                "worker/analysis_process",
                "return [outcomes[index] for index in range(len(decoded))]",
                "return list(outcomes.values())",
            ),
        ),
    ),
    Mutation(
        "names another record in a dead letter",
        scenarios.backlog,
        NEITHER,
        (("dead_letters/error_headers", "str(origin.offset)", "str(origin.offset + 1)"),),
    ),
)
REST = (
    Mutation(
        "takes a refused output for a delivered one",
        scenarios.output_refused,
        LOST,
        (("worker/runtime", "for at, answer in enumerate(answers) if", "for at, answer in enumerate(answers[:0]) if"),),
    ),
    Mutation(
        "takes an output for delivered when the time for it is over",
        scenarios.output_gone,
        LOST,
        (
            ("kafka/connections", "DELIVERY_LIMIT_S = 30.0", "DELIVERY_LIMIT_S = 1.0"),
            (
                "worker/runtime",
                "        except TimeoutError:\n",
                "        except TimeoutError:\n            return {}\n",
            ),
        ),
    ),
    Mutation(
        "keeps the publisher's key",
        scenarios.backlog,
        NEITHER,
        (("worker/runtime", "outcome.article_id.encode(), outcome", "record.key, outcome"),),
    ),
    Mutation(
        "acknowledges the batch behind the one that is finished",
        scenarios.killed_halfway,
        LOST,
        (
            (
                "worker/runtime",
                _ACK,
                _ACK.replace(
                    "in records", "in [*records, *(later for waiting in self._queue._queue for later in waiting[0])]"
                ),
            ),
        ),
    ),
    Mutation(
        "takes every article of a batch for the one that made its process die",
        scenarios.child_killed,
        INNOCENT,
        (
            ("worker/process_pool", _ALONE, ""),
            ("worker/process_pool", _ONE_BY_ONE, '[Dead(Reason.ANALYSIS_CRASHED, "", "") for _ in values]'),
        ),
    ),
    Mutation(
        "gives up an article at the first death of its process",
        scenarios.child_killed_alone,
        INNOCENT,
        (("worker/process_pool", "ATTEMPTS_ALONE = 2", "ATTEMPTS_ALONE = 1"),),
    ),
)
