"""The trace of a record: a valid one is passed on, and an invalid one is replaced."""

from collections.abc import Callable

import pytest

from streams.records import headers
from tests.support.event_headers import IDS, NOW, TRACE, Before, after
from tests.support.growth import LINEAR, growth


@pytest.mark.parametrize(
    ("trace", "written"),
    [
        (TRACE, TRACE),
        (f"00-{IDS}-ff".encode(), f"00-{IDS}-ff".encode()),
        # Of a later version the part counts that this version has too.
        (f"01-{IDS}-01".encode(), TRACE),
        (f"cc-{IDS}-03-what-comes".encode(), TRACE),
        (f"fe-{IDS}-02-".encode(), f"00-{IDS}-00".encode()),
    ],
)
def test_a_trace_of_any_version_is_passed_on_with_its_state(trace: bytes, written: bytes) -> None:
    event = after(("traceparent", trace), ("tracestate", b"vendor=x, t@v=1"))
    assert (event["traceparent"], event["tracestate"]) == (written, b"vendor=x, t@v=1")


@pytest.mark.parametrize(
    "traces",
    [
        [TRACE + b"\n"],
        [TRACE + b"-what"],
        [TRACE + b"."],
        [TRACE.upper()],
        [f"ff-{IDS}-01".encode()],
        [f"01-{IDS}-01.what".encode()],
        [f"1-{IDS}-01".encode()],
        [f"00-{'0' * 32}-00f067aa0ba902b7-01".encode()],
        [f"00-{IDS[:33]}{'0' * 16}-01".encode()],
        [b"junk"],
        [b""],
        [b"\xff"],
        [None],
        [],
        [TRACE, TRACE.replace(b"4", b"5")],
        [TRACE, None],
    ],
    ids=repr,
)
def test_an_invalid_trace_is_replaced_and_its_state_is_dropped(traces: list[bytes | None]) -> None:
    event = after(*(("traceparent", trace) for trace in traces), ("tracestate", b"vendor=x"))
    assert b"4bf92f3577b34da6a3ce929d0e0e4736" not in (event["traceparent"] or b"")
    assert "tracestate" not in event


def test_a_trace_that_is_repeated_unchanged_is_passed_on() -> None:
    assert after(("traceparent", TRACE), ("traceparent", TRACE))["traceparent"] == TRACE


def test_several_states_form_one_list() -> None:
    event = headers.event(
        "x",
        "raw",
        "s",
        [("traceparent", TRACE), ("tracestate", b"a=1"), ("tracestate", None), ("tracestate", b"b=2,")],
        NOW,
    )
    assert [value for name, value in event if name == "tracestate"] == [b"a=1,b=2,"]


@pytest.mark.parametrize(
    "state",
    [
        b"A=1",
        b"a",
        b"a=",
        b"a=1,a=2",
        b"a=1\n",
        b"a=\xc3\xa9",
        b"a=b=c",
        b"",
        b",",
        b"1=1",
        b",".join(b"k%d=1" % number for number in range(33)),
    ],
)
def test_an_invalid_state_is_dropped_and_the_trace_is_passed_on(state: bytes) -> None:
    event = after(("traceparent", TRACE), ("tracestate", state))
    assert event["traceparent"] == TRACE
    assert "tracestate" not in event


# Headers of any number or length without a valid state. Some have a valid trace.
HOSTILE: dict[str, Callable[[int], Before]] = {
    "commas": lambda size: [("traceparent", TRACE), ("tracestate", b"," * size)],
    "members": lambda size: [
        ("traceparent", TRACE),
        ("tracestate", b",".join(b"k%d=1" % each for each in range(size))),
    ],
    "states": lambda size: [("traceparent", TRACE), *(("tracestate", b"k%d=1" % each) for each in range(size))],
    "key": lambda size: [("traceparent", TRACE), ("tracestate", b"k" * size + b"=1")],
    "value": lambda size: [("traceparent", TRACE), ("tracestate", b"k=" + b" " * size)],
    "traces": lambda size: [("traceparent", b"00-%d" % each) for each in range(size)],
    "later version": lambda size: [("traceparent", f"01-{IDS}-01-".encode() + b"a" * size)],
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_of_a_hostile_trace_only_the_ids_are_passed_on(kind: str) -> None:
    event = after(*HOSTILE[kind](1_000))
    assert (event["traceparent"] == TRACE) is (kind != "traces")
    assert "tracestate" not in event


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_time_grows_in_proportion_to_the_size_of_the_headers(kind: str) -> None:
    write = lambda before: headers.event("x", "raw", "urn:telex:publisher", before, NOW)  # noqa: E731
    assert growth(write, HOSTILE[kind], 2_500) <= LINEAR
