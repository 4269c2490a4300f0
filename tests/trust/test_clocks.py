"""Wrong clocks, records from 1970 and 2100, and two versions of the models and of the records side by side."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest

from streams.settings import Settings
from streams.stages import DEAD, ENRICHED, RAW
from tests.support.article_publisher import TEXTS
from tests.support.broker_changes import configure_topic
from tests.support.exam import Part, pick
from tests.support.independent_reader import read
from tests.support.pipeline_run import PipelineRun
from tests.support.processes import HOSTILE_MODEL, MODELS

ARTICLES, KILLS = pick(200, 2000), pick(2, 20)
# After this many articles both halves of the workers have had some. A worker that is killed later may come back only
# after all articles are out.
BOTH_HALVES = 40
DAY_S = 86_400
SKEW = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "skew"), str(MODELS)])}
YEAR_2100_MS = 4_102_444_800_000
TIMESTAMPS_MS = (0, 1, YEAR_2100_MS, None)


@pytest.mark.long
@pytest.mark.part(
    11,
    "half of the workers with clocks a day slow, other models and the older record schema, the others with clocks 30 days fast; records "
    "from 1970 and 2100; `kill -9` in between",
)
def test_wrong_clocks_and_different_models_lose_no_record(pipeline: Settings, part: Part) -> None:
    part.extent = f"{ARTICLES:,} articles, {KILLS} kills"
    chance = random.Random(11)
    # By default Kafka refuses records from the future; a cluster may be configured to accept them.
    configure_topic(pipeline, RAW, {"message.timestamp.after.max.ms": str(2**63 - 1)})
    halves = [{"SKEW_S": str(-DAY_S), "TELEX_NER_MODELS": HOSTILE_MODEL, "SCHEMA": "1"}, {"SKEW_S": str(30 * DAY_S)}]
    with PipelineRun(pipeline, each=[{**SKEW, **half} for half in halves]).wait_ready() as run:
        for number in range(ARTICLES):
            timestamp = TIMESTAMPS_MS[number % 7 % 4]
            identifier = f"t{number}"
            value = (
                b"{"
                if number % 20 == 0
                else json.dumps({"id": identifier, "text": TEXTS[number % len(TEXTS)]}).encode()
            )
            run.publish(value, identifier.encode(), number % pipeline.partitions, timestamp)
            if number == BOTH_HALVES:
                run.wait_until_out()
            if number % (ARTICLES // KILLS) == ARTICLES // KILLS // 2:
                run.close_producer()
                time.sleep(0.3)
                worker = run.pick_worker(chance)
                worker.kill()
                worker.start()
        verdict = run.verdict(part)
    assert verdict.dead == ARTICLES / 20
    models = {json.loads(record.value)["entities"].get("model") for record in read(pipeline, ENRICHED)}
    assert {"hostile_model/1.0", "telex-encoder/2"} <= models, models
    assert {0, YEAR_2100_MS} <= {record.timestamp for record in read(pipeline, DEAD)}
    # The schema of a record is that of the worker that wrote it last, and any stage may be ahead of its neighbours.
    schemas = {dict(record.headers)["ce_dataschema"] for record in read(pipeline, ENRICHED)}
    assert schemas == {b"urn:telex:article:1", b"urn:telex:article:2"}
    ahead = max(record.timestamp for record in read(pipeline, ENRICHED)) / 1000 - time.time()
    assert ahead < DAY_S, "the enriched records have the time of a worker's clock"
