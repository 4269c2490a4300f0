"""The time of an event: the publisher's where it is valid, the record's own where not."""

import re

import pytest

from streams.records import headers
from tests.support.event_headers import Before, after


@pytest.mark.parametrize(
    "time",
    [
        "2024-03-26T18:00:00Z",
        "2024-03-26t18:00:00.5z",
        "2024-03-26T18:00:00.123456789+01:00",
        "2016-12-31T23:59:60Z",
        "2024-03-26T18:00:00-00:00",
    ],
)
def test_a_time_of_rfc_3339_stays_as_it_is(time: str) -> None:
    assert after(("ce_time", time.encode()))["ce_time"] == time.encode()


@pytest.mark.parametrize(
    ("time", "written"),
    [
        ("2024-03-26 18:00:00Z", "2024-03-26T18:00:00Z"),
        ("2024-03-26T18:00:00,5Z", "2024-03-26T18:00:00.500000Z"),
        ("20240326T180000+0100", "2024-03-26T17:00:00Z"),
        ("2024-W13-2T18:00Z", "2024-03-26T18:00:00Z"),
    ],
)
def test_a_time_in_another_form_of_iso_8601_is_rewritten(time: str, written: str) -> None:
    assert after(("ce_time", time.encode()))["ce_time"] == written.encode()


@pytest.mark.parametrize(
    "time",
    [
        "2024-03-26",
        "20240326T1800",
        "2024-W12-3",
        "2024-03-26T18:00:00",
        "yesterday",
        "",
        "2024-02-30T18:00:00Z",
        "2024-03-26T18:00:00Z\n",
        "2024-03-26T18:00:00+24:00",
        "0000-01-01T00:00:00Z",
        "٢٠٢٤-03-26T18:00:00Z",
        "1711476000",
    ],
)
def test_an_invalid_or_ambiguous_time_is_replaced_by_the_records_own(time: str) -> None:
    before = ("ce_time", time.encode())
    assert after(before)["ce_time"] == b"2023-11-14T22:13:20.000Z"
    assert headers.published_at([before]) is None


def test_the_first_valid_time_counts() -> None:
    before: Before = [
        ("ce_time", None),
        ("ce_time", b"\xff"),
        ("ce_time", b"2024-03-26T18:00:00Z"),
        ("ce_time", b"2025-01-01T00:00:00Z"),
    ]
    assert after(*before)["ce_time"] == b"2024-03-26T18:00:00Z"


@pytest.mark.parametrize("time", [None, -0.001, 9.2e15, -9.2e15])
def test_a_missing_or_impossible_timestamp_gives_the_current_time(time: float | None) -> None:
    assert re.match(rb"20[2-9]", after(time=time)["ce_time"] or b"")


def test_the_timestamp_zero_is_valid() -> None:
    assert after(time=0.0)["ce_time"] == b"1970-01-01T00:00:00.000Z"
