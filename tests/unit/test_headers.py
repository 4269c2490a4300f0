"""The headers: CloudEvents and the trace, and everything else untouched."""

from streams import headers

NOW = 1_700_000_000.0


def test_a_new_event_has_all_headers_of_the_binding() -> None:
    event = dict(headers.event("x", "raw", "urn:telex:publisher", (), NOW))
    assert event["ce_specversion"] == b"1.0"
    assert event["ce_id"] == b"x"
    assert event["ce_type"] == b"telex.article.raw"
    assert event["ce_source"] == b"urn:telex:publisher"
    assert event["ce_time"] == b"2023-11-14T22:13:20.000Z"
    assert event["content-type"] == b"application/json"
    assert event["ce_dataschema"] == b"urn:telex:article:1"
    assert len((event["traceparent"] or b"").split(b"-")) == 4


def test_the_publishers_time_and_trace_travel_along() -> None:
    before = headers.event("x", "raw", "urn:telex:publisher", (), NOW)
    after = dict(headers.event("x", "language", "urn:telex:language", before, NOW + 60))
    assert after["ce_time"] == dict(before)["ce_time"]
    assert after["traceparent"] == dict(before)["traceparent"]
    assert after["ce_type"] == b"telex.article.language"
    assert headers.published_at(before) == NOW


def test_unknown_headers_pass_through_repeated_and_null_ones_too() -> None:
    before = (("tag", b"1"), ("ce_type", b"theirs"), ("tag", b"2"), ("nothing", None))
    after = headers.event("x", "language", "urn:telex:language", before, NOW)
    assert after[-3:] == [("tag", b"1"), ("tag", b"2"), ("nothing", None)]
    assert [value for name, value in after if name == "ce_type"] == [b"telex.article.language"]


def test_a_malformed_trace_or_time_is_replaced() -> None:
    before = (("traceparent", b"00-" + b"0" * 32 + b"-1-01"), ("ce_time", b"yesterday"))
    after = dict(headers.event("x", "raw", "s", before, NOW))
    assert after["traceparent"] != before[0][1]
    assert after["ce_time"] == b"2023-11-14T22:13:20.000Z"
    assert headers.published_at(before) is None


def test_a_timestamp_beyond_all_calendars_does_no_harm() -> None:
    assert dict(headers.event("x", "raw", "s", (), 9.2e15))["ce_time"]
    assert headers.published_at((("ce_time", b"\xff"),)) is None
