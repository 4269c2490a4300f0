"""The headers of a record: a valid CloudEvent and a valid trace for any input, and all other headers untouched."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.records import headers
from tests.support.specifications import breaches

NOW = 1_700_000_000.0
IDS = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
TRACE = f"00-{IDS}-01".encode()

Before = list[tuple[str, bytes | None]]


def after(
    *before: tuple[str, bytes | None], identifier: str = "x", time: float | None = NOW
) -> dict[str, bytes | None]:
    """The headers of the record after one with the headers `before`. They have to comply with the specifications."""
    event = headers.event(identifier, "raw", "urn:telex:publisher", before, time)
    assert not breaches(identifier.encode(), f'{{"id":"{identifier}","text":"a"}}'.encode(), event)
    return dict(event)


def test_a_new_event_has_all_headers_of_the_binding() -> None:
    event = after()
    assert event["ce_specversion"] == b"1.0"
    assert event["ce_id"] == b"x"
    assert event["ce_type"] == b"telex.article.raw"
    assert event["ce_source"] == b"urn:telex:publisher"
    assert event["ce_time"] == b"2023-11-14T22:13:20.000Z"
    assert event["content-type"] == b"application/json"
    assert event["ce_dataschema"] == b"urn:telex:article:1"
    assert "tracestate" not in event


def test_the_publishers_time_and_trace_are_passed_on() -> None:
    before = headers.event("x", "raw", "urn:telex:publisher", (), NOW)
    after = dict(headers.event("x", "language", "urn:telex:language", before, NOW + 60))
    assert after["ce_time"] == dict(before)["ce_time"]
    assert after["traceparent"] == dict(before)["traceparent"]
    assert after["ce_type"] == b"telex.article.language"
    assert headers.published_at(before) == NOW


def test_unknown_headers_pass_through_even_repeated_and_null_ones() -> None:
    before = (
        ("tag", b"1"),
        ("ce_type", b"theirs"),
        ("tag", b"2"),
        ("nothing", None),
        ("ce_subject", b"politics"),
        ("odd", b"\xff\n"),
    )
    after = headers.event("x", "language", "urn:telex:language", before, NOW)
    assert after[-5:] == [
        ("tag", b"1"),
        ("tag", b"2"),
        ("nothing", None),
        ("ce_subject", b"politics"),
        ("odd", b"\xff\n"),
    ]
    assert [value for name, value in after if name == "ce_type"] == [b"telex.article.language"]


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


@pytest.mark.parametrize(
    ("trace", "written"),
    [
        (TRACE, TRACE),
        (f"00-{IDS}-ff".encode(), f"00-{IDS}-ff".encode()),
        # A later version is read as far as this one is the same.
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_Desk", b"7"),
        ("ce_my-desk", b"7"),
        ("ce_", b"7"),
        ("ce_desk", None),
        ("ce_desk", b"\xff"),
        ("ce_desk", b"a\nb"),
        ("ce_desk", b"\xef\xbf\xbf"),
        ("ce_data", b"{}"),
        ("ce_datacontenttype", b"text/plain"),
        ("ce_subject", b""),
        ("ce_traceparent", b"junk"),
        ("ce_specversion", b"0.3"),
    ],
)
def test_an_attribute_that_cloudevents_does_not_allow_is_left_out(name: str, value: bytes | None) -> None:
    assert (name, value) not in after((name, value)).items()


def test_a_repeated_attribute_is_written_once() -> None:
    before = [("ce_desk", b"1"), ("ce_desk", b"2"), ("ce_traceparent", TRACE)]
    event = headers.event("x", "raw", "urn:telex:publisher", before, NOW)
    assert event[-2:] == [("ce_desk", b"1"), ("ce_traceparent", TRACE)]


def test_forbidden_characters_in_an_id_are_percent_encoded() -> None:
    event = dict(headers.event("é\n\x85\uffff%", "raw", "urn:telex:publisher", (), NOW))
    assert event["ce_id"] == "é%0A%C2%85%EF%BF%BF%".encode()


def test_a_redriven_record_loses_the_headers_of_its_dead_letter() -> None:
    event = after(("telex.error.reason", b"too_deep"), ("__connect.errors.topic", b"t"), ("telex.error", b"mine"))
    assert not [name for name in event if name.startswith(("telex.error.", "__connect.errors."))]
    assert event["telex.error"] == b"mine"


NAMES = st.sampled_from(
    [
        "ce_id",
        "ce_time",
        "ce_type",
        "ce_source",
        "ce_specversion",
        "ce_subject",
        "ce_desk",
        "ce_A",
        "ce_data",
        "ce_traceparent",
        "content-type",
        "traceparent",
        "tracestate",
        "telex.error.reason",
        "tag",
    ]
)
VALUES = (
    st.none()
    | st.binary(max_size=8)
    | st.sampled_from([TRACE, TRACE + b"\n", b"a=1", b"2024-03-26", b"2024-03-26 18:00Z", b"x"])
)


@given(
    st.lists(st.tuples(NAMES, VALUES), max_size=8),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"\\'), min_size=1, max_size=9).filter(
        str.isprintable
    ),
    st.none() | st.floats(allow_nan=False),
)
def test_the_headers_comply_with_the_specifications_for_any_input(
    before: Before, identifier: str, time: float | None
) -> None:
    after(*before, identifier=identifier, time=time)
