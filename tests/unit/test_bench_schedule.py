"""The schedule of the benchmark: articles are sent when they are due, whatever becomes of those before them."""

import threading
import time

import pytest

from streams.bench.open_loop import SHARES, articles_in_all, poisson, send_on_schedule

BLOCKED_S = 0.02


def test_poisson_arrivals_have_the_average_rate_and_differ_as_much_as_those_of_the_distribution() -> None:
    arrivals = poisson(50, 20_000)
    gaps = [after - before for before, after in zip([0.0, *arrivals], arrivals, strict=False)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert min(gaps) >= 0
    assert mean == pytest.approx(1 / 50, rel=0.05)
    assert deviation == pytest.approx(mean, rel=0.05)  # as in an exponential distribution
    assert poisson(50, 20_000) == arrivals


def test_every_load_takes_as_long_as_the_lowest_one_takes_for_all_articles() -> None:
    assert SHARES == (0.1, 0.5, 0.9)
    assert articles_in_all([b"{}"] * 400) == 400 + 2000 + 3600


def test_an_article_is_not_sent_before_it_is_due() -> None:
    sent: list[float] = []
    begin = time.time()
    due = [begin + 0.01 * number for number in range(5)]
    send_on_schedule([b"{}"] * 5, due, lambda _: sent.append(time.time()), threading.Event())
    assert all(at >= moment for at, moment in zip(sent, due, strict=True))


def test_a_publisher_that_blocks_makes_articles_late_and_does_not_move_the_schedule() -> None:
    sent: list[bytes] = []

    def blocks(article: bytes) -> None:
        time.sleep(BLOCKED_S)
        sent.append(article)

    articles = [b"%d" % number for number in range(5)]
    late = send_on_schedule(articles, [time.time()] * 5, blocks, threading.Event())
    assert sent == articles
    assert late >= 4 * BLOCKED_S  # the last one waits for the four before it


def test_nothing_more_is_sent_after_the_end() -> None:
    sent: list[bytes] = []
    ended = threading.Event()
    ended.set()
    send_on_schedule([b"{}"], [time.time() + 3600], sent.append, ended)
    assert sent == []
