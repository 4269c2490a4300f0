"""The exam itself is examined: it has to fail a worker whose rules were broken on purpose, and to pass one that keeps
them.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from streams.kafka import topics
from streams.settings import Settings
from tests.support import scenarios
from tests.support.checker import Verdict, check
from tests.support.exam import Part, pick
from tests.support.mutations import FIRST, INNOCENT, REST, Mutation, copy
from tests.support.trial import Trial, reasons

MUTATIONS = pick(FIRST, FIRST + REST)
# Trials that run at the same time: a worker takes 1.5 s of a processor to start, and then mostly waits.
AT_ONCE = 4
# Seconds until a worker has committed all, once nobody interferes any more.
REST_LIMIT_S = 60.0

Scenario = Callable[[Trial], None]


def judge(settings: Settings, telex: Path, scenario: Scenario, *modules: str) -> Verdict:
    """What the exam says of the Telex in a folder."""
    topics.create(settings)
    needs = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": str(telex), **scenarios.SETTINGS.get(scenario, {})}
    with Trial(settings, {"language": 1}, folder=telex, **needs).ready() as trial:
        compiled = {
            (path.parents[1] / path.name.partition(".")[0]).relative_to(telex / "streams").as_posix()
            for path in (telex / "streams").rglob("__pycache__/*")
        }
        assert compiled >= {"worker/runtime", *modules}, "it is not the copy that runs"
        scenario(trial)
        evidence = trial.ready().rest(REST_LIMIT_S)
    verdict = check(evidence)
    verdict.faults += [
        f"{key!r} {INNOCENT}" for key in reasons(evidence) if not (key or b"").startswith(scenarios.POISON)
    ]
    return verdict


@pytest.mark.part(14, "the stage runtime is given faults on purpose, one at a time, and the exam has to find each")
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

    needed = dict.fromkeys(mutation.scenario for mutation in MUTATIONS)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sound = [pool.submit(examine, f"sound-{scenario.__name__}", scenario) for scenario in needed]
        broken = [
            pool.submit(examine, f"broken-{number}", each.scenario, each) for number, each in enumerate(MUTATIONS)
        ]
    for examined in sound:
        part.holds(examined.result())
    verdicts = {
        mutation.what: (mutation.breach, examined.result().faults)
        for mutation, examined in zip(MUTATIONS, broken, strict=True)
    }
    missed = {
        what: faults[:5] for what, (breach, faults) in verdicts.items() if not any(breach in fault for fault in faults)
    }
    part.figure("faults put in", len(MUTATIONS))
    part.figure("faults found", len(MUTATIONS) - len(missed), goal="all")
    assert not missed
