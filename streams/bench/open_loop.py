"""The latency of articles that are published on a schedule, whatever becomes of the articles before them.

A benchmark that waits for an article before it sends the next one measures no queue: while the pipeline is slow it
sends less. Here each article has a time at which it is due, and its latency counts from that time. So the latency
includes the wait behind other articles, and the delay of a publisher that sends late.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, cycle, islice

from msgspec import Struct

from streams.bench.distributions import Latencies
from streams.bench.driver import Driver, since, with_ids

# The parts of the pipeline's capacity at which the latency is measured.
SHARES = (0.1, 0.5, 0.9)


class Load(Struct, frozen=True, kw_only=True):
    """The latency of articles at one load.

    Attributes:
        share: the load as a part of the pipeline's capacity.
        articles_per_s: articles a second of the schedule, on average.
        articles: how many articles were sent.
        latency: from the time at which each article was due to the timestamp of its enriched record.
        sent_late_s: the most seconds by which the publisher sent an article after it was due.
        cpu_s, kafka_cpu_s: processor time an article, of the workers with their analysis processes, and of the broker.
    """

    share: float
    articles_per_s: float
    articles: int
    latency: Latencies
    sent_late_s: float
    cpu_s: float
    kafka_cpu_s: float


class OpenLoop(Struct, frozen=True):
    """The latency at several loads. `capacity_articles_per_s` is the pipeline's rate in the same run."""

    capacity_articles_per_s: float
    loads: list[Load]


def measure(driver: Driver, values: Sequence[bytes], capacity: float) -> OpenLoop:
    """Measure the latency at SHARES of the capacity.

    Each load lasts as long as the lowest one needs for all articles.

    Args:
        driver: of a pipeline that is warm.
        values: the articles, which repeat at the higher loads.
        capacity: articles a second.

    Raises:
        TelexError: an article does not come out, or a worker ends.
    """
    loads = [
        _at_load(driver, list(islice(cycle(values), _count(values, share))), share, share * capacity)
        for share in SHARES
    ]
    return OpenLoop(capacity, loads)


def articles_in_all(values: Sequence[bytes]) -> int:
    """The number of articles that `measure` sends."""
    return sum(_count(values, share) for share in SHARES)


def _count(values: Sequence[bytes], share: float) -> int:
    return round(len(values) * share / SHARES[0])


def _at_load(driver: Driver, values: Sequence[bytes], share: float, rate: float) -> Load:
    before = driver.cpu_seconds()
    latencies, late = latencies_on_schedule(driver, values, poisson(rate, len(values)), f"load-{share:g}")
    used = {name: sum(both) for name, both in since(before, driver.cpu_seconds()).items()}
    kafka = used.pop("kafka")
    return Load(
        share=share,
        articles_per_s=rate,
        articles=len(values),
        latency=Latencies.of(latencies),
        sent_late_s=late,
        cpu_s=sum(used.values()) / len(values),
        kafka_cpu_s=kafka / len(values),
    )


def poisson(rate: float, count: int) -> list[float]:
    """The times of arrivals that do not depend on each other, in seconds from the beginning; always the same ones.

    Args:
        rate: arrivals a second, on average.
        count: the number of arrivals.
    """
    gaps = random.Random(1)  # noqa: S311 # a schedule is no secret
    return list(accumulate(gaps.expovariate(rate) for _ in range(count)))


def latencies_on_schedule(
    driver: Driver, values: Sequence[bytes], arrivals: Sequence[float], prefix: str
) -> tuple[list[float], float]:
    """Send each article when it is due, and wait for all of them.

    Args:
        driver: of the pipeline.
        values: the articles.
        arrivals: when each article is due, in seconds from the beginning.
        prefix: of the ids that the articles get.

    Returns:
        The seconds of each article from its due time to its enriched record, and the most seconds by which one was sent
        after it was due.
    """
    articles, ended = list(with_ids(values, prefix)), threading.Event()
    begin = time.time()
    due = {f"{prefix}-{number}": begin + arrival for number, arrival in enumerate(arrivals)}
    # The publisher has a thread of its own, because the receiver waits for records in this one.
    with ThreadPoolExecutor(1) as executor:
        sending = executor.submit(send_on_schedule, articles, list(due.values()), driver.publisher.publish, ended)
        try:
            latencies = [
                received.timestamp - due[(received.key or b"").decode()] for received in driver.receive(set(due))
            ]
        finally:
            ended.set()
    return latencies, sending.result()


def send_on_schedule(
    articles: Sequence[bytes], due: Sequence[float], send: Callable[[bytes], object], ended: threading.Event
) -> float:
    """Send each article when it is due, or at once where that time has passed.

    Args:
        articles: in the order of their times.
        due: when to send each of them, in seconds since 1970.
        send: sends an article.
        ended: set when no further article has to be sent.

    Returns:
        The most seconds by which an article was sent after it was due.
    """
    late = 0.0
    for article, moment in zip(articles, due, strict=True):
        if ended.wait(max(0.0, moment - time.time())):
            break
        late = max(late, time.time() - moment)
        send(article)
    return late
