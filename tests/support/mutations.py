"""Deliberate faults in the stage runtime: each is a change of its source, with the scenario that reveals it.

A swap names code as `ast.unparse` writes it, so it depends on neither the layout nor the comments of the source. The
code has to occur exactly once: when the runtime changes, its mutations change with it.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support import scenarios
from tests.support.pipeline_run import PipelineRun

ROOT = Path(__file__).parents[2]
# Parts of the checker's sentences, by the breach.
OTHER_KEY = "the key is"
LOST, NEITHER, BOTH = "is unfinished", "has neither an output nor a dead letter", "has both an output and a dead letter"
ORDER, DIFFERS, UNKNOWN, ALTERED = "came before", "differ", ", which ", "is not the record that failed"
# A breach that the test of the mutations adds: a dead letter of a sound article.
SOUND_ARTICLE_DEAD = "is a dead letter, but the article was sound"


@dataclass(frozen=True)
class Mutation:
    """A fault in a module of `streams`.

    Attributes:
        what: the fault, in a sentence.
        scenario: what is done to the worker, so that the fault has an effect.
        breach: a part of the sentence in which the exam has to name the breach.
        swaps: module, code, and its replacement.
    """

    what: str
    scenario: Callable[[PipelineRun], None]
    breach: str
    swaps: tuple[tuple[str, str, str], ...]


def copy(folder: Path, *swaps: tuple[str, str, str]) -> Path:
    """Copy Telex into a folder and make the swaps. The copy runs in processes whose PYTHONPATH names the folder."""
    changed: dict[Path, str] = {}
    shutil.copytree(ROOT / "streams", folder / "streams", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "agents").symlink_to(ROOT / "agents")
    for module, old, new in swaps:
        file = folder / "streams" / f"{module}.py"
        source = changed.get(file) or ast.unparse(ast.parse(file.read_text()))
        assert source.count(old) == 1, f"{file.name} contains this {source.count(old)} times: {old}"
        changed[file] = source.replace(old, new)
    for file, source in changed.items():
        file.write_text(source)
    return folder


_OUTPUTS = "[self._output(record, outcome) for record, outcome in zip(records, outcomes, strict=True)]"
_ACK = "        for record in records:\n            record.ack()\n"
_DELIVER = "        outcomes = await self._delivery.deliver(records, outcomes)\n"
_ALONE = "        if len(values) == 1:\n            return [await self._alone(values[0])]\n"
_ONE_BY_ONE = "[await self._alone(value, 1) for value in values]"

# The mutations of the short form: a fault of every kind. The first ones start a worker twice, and take the longest.
FIRST = (
    Mutation(
        "acknowledges before the output is delivered",
        scenarios.output_topic_deleted,
        LOST,
        (("worker/runtime", _DELIVER + _ACK, _ACK + _DELIVER),),
    ),
    Mutation(
        "does not wait for the broker's confirmation",
        scenarios.output_refused,
        LOST,
        (
            (
                "worker/delivery",
                "await asyncio.gather(*deliveries, return_exceptions=True)",
                "[asyncio.gather(*deliveries)] * 0",
            ),
        ),
    ),
    Mutation(
        "drops the batch that it has at a SIGTERM, and acknowledges it",
        scenarios.stopped,
        LOST,
        (("worker/runtime", _DELIVER, f"        if not self._draining:\n    {_DELIVER}"),),
    ),
    Mutation(
        "treats a batch as done when its analysis process died",
        scenarios.analysis_process_killed,
        LOST,
        (
            ("worker/process_pool", _ALONE, ""),
            ("worker/process_pool", _ONE_BY_ONE, "[]"),
            ("worker/runtime", "[dead or next(analysed) for dead in unreadable]", "list(analysed)"),
            ("worker/runtime", "zip(records, outcomes, strict=True)", "zip(records, outcomes)"),
            ("worker/runtime", "pairs = [", "taken_records, pairs = records, ["),
            ("worker/runtime", "if not pairs", "if not records"),
            ("worker/runtime", _ACK, _ACK.replace("in records", "in taken_records")),
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
        (("worker/delivery", "for output in outputs]", "for output in outputs[1:]]"),),
    ),
    Mutation(
        "drops dead letters",
        scenarios.backlog,
        LOST,
        (("worker/delivery", "for output in outputs]", "for output in outputs if not output.topic.endswith(DEAD)]"),),
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
        UNKNOWN,
        (("worker/delivery", "event, record.partition)", "event, None)"),),
    ),
    Mutation(
        "replaces a null value with an empty one in a dead letter",
        scenarios.backlog,
        ALTERED,
        (
            (
                "worker/delivery",
                "(self._prefix + DEAD, record.key, record.value,",
                "(self._prefix + DEAD, record.key, record.value or b'',",
            ),
        ),
    ),
    Mutation(
        "writes a dead letter beside an output",
        scenarios.backlog,
        BOTH,
        (("worker/delivery", _OUTPUTS, f'{_OUTPUTS} + [self._output(records[0], Dead("analysis_failed", "", ""))]'),),
    ),
    Mutation(
        "joins the parts of a batch in the wrong order",
        scenarios.backlog,
        NEITHER,
        (("worker/process_pool", "for part in parts for", "for part in parts[::-1] for"),),
    ),
    Mutation(
        "returns unreadable records before readable ones",
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
        "treats a refused output as delivered",
        scenarios.output_refused,
        LOST,
        (
            (
                "worker/delivery",
                "for at, answer in enumerate(answers) if",
                "for at, answer in enumerate(answers[:0]) if",
            ),
        ),
    ),
    Mutation(
        "treats an output as delivered when its time limit ends",
        scenarios.output_topic_deleted,
        LOST,
        (
            ("kafka/connections", "DELIVERY_LIMIT_S = 30.0", "DELIVERY_LIMIT_S = 1.0"),
            (
                "worker/delivery",
                "        except TimeoutError:\n",
                "        except TimeoutError:\n            return {}\n",
            ),
        ),
    ),
    Mutation(
        "keeps the publisher's key",
        scenarios.backlog,
        OTHER_KEY,
        (("worker/delivery", "outcome.article_id.encode(), outcome", "record.key, outcome"),),
    ),
    Mutation(
        "acknowledges the batch after the one that is finished",
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
        "blames every article of a batch for the death of its analysis process",
        scenarios.analysis_process_killed,
        SOUND_ARTICLE_DEAD,
        (
            ("worker/process_pool", _ALONE, ""),
            ("worker/process_pool", _ONE_BY_ONE, '[Dead(Reason.ANALYSIS_CRASHED, "", "") for _ in values]'),
        ),
    ),
    Mutation(
        "gives up an article at the first death of its analysis process",
        scenarios.analysis_process_killed_with_one_article,
        SOUND_ARTICLE_DEAD,
        (("worker/process_pool", "ATTEMPTS_ALONE = 2", "ATTEMPTS_ALONE = 1"),),
    ),
)
