"""An installed analyser in a real worker on a real Kafka: a broken one loses no article, and its successor works."""

import json
from pathlib import Path

from kafka import KafkaProducer

from streams.settings import Settings
from streams.stages import DEAD, ENRICHED
from tests.support.distributions import install, install_example
from tests.support.independent_reader import read
from tests.support.processes import WorkerProcess, environment, wait_for


def test_a_broken_analyser_stops_the_worker_and_its_successor_analyses_every_article(
    pipeline: Settings, tmp_path: Path
) -> None:
    producer = KafkaProducer(bootstrap_servers=pipeline.bootstrap_servers)
    language = {"status": "analysed", "model": "m", "code": "sw", "confidence": 1}
    for number in range(3):
        value = {"id": f"a{number}", "text": "Walisherehekea ushindi kwa furaha.", "language": language}
        producer.send(pipeline.topic_prefix + "articles.entities", key=b"k", value=json.dumps(value).encode()).get(20)
    producer.close()
    broken = install(tmp_path / "broken", "broken", "import no_such_module")
    with WorkerProcess(pipeline, "sentiment", environment(pipeline, PYTHONPATH=str(broken))) as worker:
        assert worker.process.wait(60) == 1
        assert "The sentiment analyser of broken 1.0 cannot be imported" in worker.log.read_text()
    own = install_example(tmp_path / "own")
    with WorkerProcess(pipeline, "sentiment", environment(pipeline, PYTHONPATH=str(own))) as worker:
        wait_for(lambda: len(read(pipeline, ENRICHED)) == 3, 60, lambda: worker.log.read_text())
        assert worker.metric('telex_build_info{analyser="own-sentiment 1.0"') == 1
    found = [json.loads(record.value)["sentiment"] for record in read(pipeline, ENRICHED)]
    assert {(each["model"], each["label"]) for each in found} == {("own-sentiment/1.0", "positive")}
    assert not read(pipeline, DEAD)
