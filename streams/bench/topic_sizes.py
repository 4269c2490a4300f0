"""The bytes that articles take in each topic on disk, compressed as their producers sent them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from streams.kafka.connections import admin
from streams.settings import Settings
from streams.stages import RAW, STAGES

# The topics that every article passes.
PASSED = (RAW, *(stage.target for stage in STAGES.values()))


def topic_sizes(settings: Settings) -> Counter[str]:
    """The bytes of each topic on all brokers now. Raises TelexError when the cluster cannot be used."""
    sizes: Counter[str] = Counter()
    with admin(settings) as client:
        for broker in client.describe_log_dirs([settings.topic(topic) for topic in PASSED]):
            for folder in broker["log_dirs"]:
                for topic in folder["topics"]:
                    name = topic["name"].removeprefix(settings.topic_prefix)
                    sizes[name] += sum(partition["partition_size"] for partition in topic["partitions"])
    return sizes


def an_article(before: Mapping[str, int], after: Mapping[str, int], articles: int) -> dict[str, float]:
    """The bytes of an article in each topic, from two readings with so many articles between them."""
    return {topic: (after[topic] - before[topic]) / articles for topic in PASSED}
