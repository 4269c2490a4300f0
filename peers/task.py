"""What each worker of a peer gets: the topics of its stage, and the analysis as a function from JSON to JSON.

The analyses are those of Telex. A peer gets an article as `json.loads` returns it, and gives what `json.dumps` takes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import msgspec

from streams.records import ANALYSES, Article
from streams.settings import Settings
from streams.stages import stage
from streams.worker import analysers

# The environment variable that names the stage of a worker.
STAGE = "PEER_STAGE"

Json = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """The work of one worker.

    Attributes:
        servers: addresses of Kafka brokers, `host:port`.
        group: the consumer group of the stage.
        source, target: the topics that the stage reads and writes.
        name: the name of the stage, and of the field that it adds to an article.
    """

    servers: str
    group: str
    source: str
    target: str
    name: str

    def analyse(self, article: Json) -> Json:
        """The article with the analysis of the stage."""
        (analysis,) = analysers.find(self.name).analyse([_article(article)])
        return {**article, self.name: msgspec.to_builtins(analysis)}


def load_task() -> Task:
    """The task that the environment describes. Its models are loaded."""
    settings, described = Settings(), stage(os.environ[STAGE])
    analyser = analysers.find(described.name)
    analyser.load(analyser.models())
    return Task(
        settings.bootstrap_servers,
        settings.group(described.name),
        settings.topic(described.source),
        settings.topic(described.target),
        described.name,
    )


def _article(article: Json) -> Article:
    """The article as Telex's analysers take it."""
    language, entities = article.get("language"), article.get("entities")
    identified = language if isinstance(language, dict) else {"declared": language}
    return Article(
        id=article["id"],
        text=article["text"],
        title=article.get("title"),
        language=identified.get("code"),
        declared=identified.get("declared"),
        entities=msgspec.convert(entities, ANALYSES["entities"]) if entities else None,
        fields={},
    )
