"""The headers of a record: a valid CloudEvent for any input, and all other headers untouched."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.records import headers
from tests.support.event_headers import NOW, TRACE, Before, after
from tests.support.growth import LINEAR, growth


def test_a_new_event_has_all_headers_of_the_binding() -> None:
    event = after()
    assert event["ce_specversion"] == b"1.0"
    assert event["ce_id"] == b"x"
    assert event["ce_type"] == b"telex.article.raw"
    assert event["ce_source"] == b"urn:telex:publisher"
    assert event["ce_time"] == b"2023-11-14T22:13:20.000Z"
    assert event["content-type"] == b"application/json"
    assert event["ce_dataschema"] == b"urn:telex:article:2"
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


# Headers of any number or length, and the names of the headers that are passed on if there are three.
HOSTILE: dict[str, tuple[Callable[[int], Before], list[str]]] = {
    "times": (lambda size: [("ce_time", b"2024-%d" % number) for number in range(size)], []),
    "digits of a time": (lambda size: [("ce_time", b"2024-01-01T00:00:00." + b"0" * size + b"Z")], []),
    "leap seconds": (lambda size: [("ce_time", b":60" * size)], []),
    "attributes": (lambda size: [(f"ce_a{number}", b"1") for number in range(size)], ["ce_a0", "ce_a1", "ce_a2"]),
    "one attribute": (lambda size: [("ce_a", b"1")] * size, ["ce_a"]),
    "line breaks": (lambda size: [("ce_a", b"\n" * size)], []),
    "other headers": (lambda size: [("tag", b"\xff")] * size, ["tag"] * 3),
    "headers of dead letters": (lambda size: [("telex.error.reason", b"x")] * size, []),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_of_hostile_headers_the_valid_ones_are_passed_on(kind: str) -> None:
    make, passed_on = HOSTILE[kind]
    event = headers.event("x", "raw", "urn:telex:publisher", make(3), NOW)
    assert [name for name, _ in event[8:]] == passed_on
    after(*make(1_000))


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_time_grows_in_proportion_to_the_size_of_the_headers(kind: str) -> None:
    make, _ = HOSTILE[kind]
    write = lambda before: headers.event("x", "raw", "urn:telex:publisher", before, NOW)  # noqa: E731
    assert growth(write, make, 2_500) <= LINEAR


def test_the_time_grows_in_proportion_to_the_length_of_an_id() -> None:
    write = lambda identifier: headers.event(identifier, "raw", "urn:telex:publisher", (), NOW)  # noqa: E731
    assert growth(write, lambda size: "\n" * size, 2_500) <= LINEAR
