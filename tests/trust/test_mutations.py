"""A test of the exam itself: it has to fail a worker with a deliberate fault, and to pass one without."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from streams.kafka import topics
from streams.settings import Settings
from tests.support import scenarios
from tests.support.checker import Verdict, check
from tests.support.evidence import dead_letter_reasons
from tests.support.exam import Part, pick
from tests.support.independent_reader import SpecificationBreachError
from tests.support.mutations import FIRST, REST, SOUND_ARTICLE_DEAD, Mutation, copy
from tests.support.pipeline_run import PipelineRun

MUTATIONS = pick(FIRST, FIRST + REST)
# Runs at the same time: a worker takes 1.5 s of a processor to start, and then mostly waits.
AT_ONCE = 4
# Time limit for a worker to commit every record after the scenario, in seconds.
COMMIT_LIMIT_S = 60.0

Scenario = Callable[[PipelineRun], None]


def judge(settings: Settings, telex: Path, scenario: Scenario, *modules: str) -> Verdict:
    """The exam's verdict on the copy of Telex in a folder, of which these modules have a fault."""
    topics.create(settings)
    variables = {"PYTHONPATH": str(telex), **scenarios.SETTINGS.get(scenario, {})}
    with PipelineRun(settings, {"language": 1}, folder=telex, each=[variables]).wait_ready() as run:
        compiled = {
            (path.parents[1] / path.name.partition(".")[0]).relative_to(telex / "streams").as_posix()
            for path in (telex / "streams").rglob("__pycache__/*")
        }
        assert compiled >= {"worker/runtime", *modules}, "the worker does not run the copy"
        scenario(run)
        try:
            evidence = run.wait_ready().settle_commits(COMMIT_LIMIT_S)
        except SpecificationBreachError as breach:
            return Verdict([str(breach)])
    verdict = check(evidence)
    verdict.breaches += [
        f"{key!r} {SOUND_ARTICLE_DEAD}"
        for key in dead_letter_reasons(evidence)
        if not (key or b"").startswith(scenarios.POISON)
    ]
    return verdict


@pytest.mark.long
@pytest.mark.part(14, "deliberate faults in the stage runtime, one at a time; the exam has to find each")
def test_the_exam_fails_every_worker_that_breaks_a_rule_and_passes_one_that_breaks_none(
    kafka: Settings, tmp_path: Path, part: Part
) -> None:
    part.extent = f"{len(MUTATIONS)} faults"

    def examine(name: str, scenario: Scenario, mutation: Mutation | None = None) -> Verdict:
        data = tmp_path / name / "data"
        data.mkdir(parents=True)
        settings = kafka.model_copy(
            update={"topic_prefix": f"{kafka.topic_prefix}{name}.", "partitions": 2, "data_dir": data}
        )
        swaps = mutation.swaps if mutation else ()
        return judge(settings, copy(tmp_path / name / "telex", *swaps), scenario, *(module for module, _, _ in swaps))

    used_scenarios = dict.fromkeys(mutation.scenario for mutation in MUTATIONS)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sound = [pool.submit(examine, f"sound-{scenario.__name__}", scenario) for scenario in used_scenarios]
        broken = [
            pool.submit(examine, f"broken-{number}", each.scenario, each) for number, each in enumerate(MUTATIONS)
        ]
    for examined in sound:
        part.add(examined.result())
    verdicts = {
        mutation.what: (mutation.breach, examined.result().breaches)
        for mutation, examined in zip(MUTATIONS, broken, strict=True)
    }
    missed = {
        what: found[:5] for what, (breach, found) in verdicts.items() if not any(breach in each for each in found)
    }
    part.add_figure("faults made", len(MUTATIONS))
    part.add_figure("faults found", len(MUTATIONS) - len(missed), goal="all")
    assert not missed
