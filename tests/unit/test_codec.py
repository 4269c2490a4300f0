"""Decoding and encoding of records: accepted articles, refused records with their reasons, and untouched fields."""

import json
import uuid

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import Reason, RecordError
from streams.records import Entities, Language, NotAnalysed, Probabilities, Sentiment, codec

IDENTIFIED = Language(model="m/1", code="fr", script="Latn", confidence=0.9)


def deep(levels: int) -> bytes:
    return b'{"text":"a","x":' + b"[" * levels + b"]" * levels + b"}"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.EMPTY),
        (b"", Reason.EMPTY),
        (b'{"text":"\xff"}', Reason.INVALID_UTF8),
        (b"{", Reason.INVALID_JSON),
        (b'{"text":"a"} x', Reason.INVALID_JSON),
        (b'{"text":"a","x":NaN}', Reason.INVALID_JSON),
        (b'{"text":"a","x":"\\ud800"}', Reason.INVALID_JSON),
        (b'{"text":"a","x":[1e400]}', Reason.INVALID_JSON),
        (b'{"text":"a","x":-' + b"9" * 5000 + b"}", Reason.INVALID_JSON),
        (b'{"text":"a","text":"b"}', Reason.INVALID_JSON),
        (b'{"text":"a","x":[{"y":1,"\\u0079":1}]}', Reason.INVALID_JSON),
        (b"[]", Reason.NOT_AN_OBJECT),
        (b"null", Reason.NOT_AN_OBJECT),
        (b'"text"', Reason.NOT_AN_OBJECT),
        (deep(codec.MAX_DEPTH), Reason.TOO_DEEP),
        (b"[" * 1_000_000, Reason.TOO_DEEP),
        (b'{"title":"a"}', Reason.MISSING_TEXT),
        (b'{"text":null}', Reason.MISSING_TEXT),
        (b'{"text":""}', Reason.MISSING_TEXT),
        (b'{"text":"12 % \\ud83d\\ude00"}', Reason.MISSING_TEXT),
        (b'{"text":1}', Reason.INVALID_FIELD),
        (b'{"text":["a"]}', Reason.INVALID_FIELD),
        (b'{"text":"a","title":1}', Reason.INVALID_FIELD),
        (b'{"text":"a","id":""}', Reason.INVALID_FIELD),
        (b'{"text":"a","id":7}', Reason.INVALID_FIELD),
        (b'{"text":"a","id":"' + b"x" * 201 + b'"}', Reason.INVALID_FIELD),
        (b'{"text":"a","published":"yesterday"}', Reason.INVALID_FIELD),
        (b'{"text":"a","published":"2024-13"}', Reason.INVALID_FIELD),
        (b'{"text":"a","published":"2023-02-29"}', Reason.INVALID_FIELD),
        (b'{"text":"a","language":"french"}', Reason.INVALID_FIELD),
        (b'{"text":"a","language":"fr\\n"}', Reason.INVALID_FIELD),
        (b'{"text":"a","published":"2024-03\\n"}', Reason.INVALID_FIELD),
        (b'{"text":"a","language":{"code":"fr"}}', Reason.INVALID_FIELD),
        (b'{"text":"a","entities":[]}', Reason.INVALID_FIELD),
        (b'{"text":"a","entities":null}', Reason.INVALID_FIELD),
        (b'{"text":"a","sentiment":"good"}', Reason.INVALID_FIELD),
    ],
)
def test_a_record_that_is_no_article_is_refused_with_its_reason(value: bytes | None, reason: Reason) -> None:
    with pytest.raises(RecordError) as refused:
        codec.decode_raw(value)
    assert refused.value.reason is reason
    assert str(refused.value)


@pytest.mark.parametrize("field", ["title", "url", "source", "published", "id", "text"])
def test_the_message_names_the_field_and_the_expected_value(field: str) -> None:
    record = {"text": "a", field: {}}
    with pytest.raises(RecordError, match=f"`{field}`.* should be "):
        codec.decode_raw(json.dumps(record).encode())


@pytest.mark.parametrize(
    "published",
    ["2024", "2024-03", "2024-02-29", "2024-03-26T18:00Z", "2024-03-26T18:00:00.123+01:00", "2024-03-26 18:00:00"],
)
def test_dates_of_reduced_precision_are_accepted(published: str) -> None:
    article = codec.decode_raw(json.dumps({"text": "a", "published": published}).encode())
    assert bytes(article.fields["published"]) == json.dumps(published).encode()


def test_nesting_up_to_the_limit_and_brackets_in_strings_are_accepted() -> None:
    assert codec.decode_raw(deep(codec.MAX_DEPTH - 1)).text == "a"
    assert codec.decode_raw(json.dumps({"text": 'a" \\' + "[{" * 1000}).encode()).text.startswith('a"')


def test_unknown_fields_come_out_byte_for_byte() -> None:
    value = b'{"text":"a","n":123456789012345678901234567890,"d":1.10,"e":-0,"o": {"b" : [1 ,2],  "a":null}}'
    encoded = codec.encode(codec.decode_raw(value), "language", IDENTIFIED)
    for part in (b'"n":123456789012345678901234567890', b'"d":1.10', b'"e":-0', b'"o":{"b" : [1 ,2],  "a":null}'):
        assert part in encoded


def test_an_article_without_an_id_gets_the_same_id_each_time() -> None:
    plain, spaced = b'{"text":"\\u00e9t\\u00e9","n":[1,2]}', '{ "n": [1, 2],\n "text": "été" }'.encode()
    identifier = codec.decode_raw(plain).id
    assert codec.decode_raw(spaced).id == identifier
    assert uuid.UUID(identifier).version == 5
    assert codec.decode_raw(b'{"text":"\\u00e9t\\u00e9","n":[1,3]}').id != identifier
    assert codec.identify(plain)[0] == identifier
    assert json.loads(codec.identify(plain)[1])["id"] == identifier


def test_a_record_with_an_id_is_published_as_it_is() -> None:
    value = b'{ "text":"a", "id" : "x" }'
    assert codec.identify(value) == ("x", value)


def test_an_enriched_record_published_again_gives_the_same_bytes() -> None:
    raw = b'{"id":"x","text":"a","language":"en","n":1.0}'

    def enrich(value: bytes) -> bytes:
        article = codec.decode_raw(value)
        value = codec.encode(
            article,
            "language",
            Language(model="m/1", code="fr", script="Latn", confidence=0.9, declared=article.declared),
        )
        value = codec.encode(codec.decode_identified(value), "entities", Entities(model="m/1", items=[]))
        probabilities = Probabilities(negative=0.1, neutral=0.8, positive=0.1)
        sentiment = Sentiment(model="m/1", label="neutral", score=0.0, confidence=0.8, probabilities=probabilities)
        return codec.encode(codec.decode_identified(value), "sentiment", sentiment)

    enriched = enrich(raw)
    assert enrich(enriched) == enriched
    assert json.loads(enriched)["language"]["declared"] == "en"


def test_an_article_that_was_not_analysed_has_a_reason_and_no_result() -> None:
    value = codec.encode(
        codec.decode_raw(b'{"text":"a"}'), "language", NotAnalysed(reason="language_unknown", model="m/1")
    )
    assert json.loads(value)["language"] == {"status": "not_analysed", "reason": "language_unknown", "model": "m/1"}
    assert codec.decode_identified(value).language is None


def test_a_record_after_the_language_stage_has_an_identified_language() -> None:
    for value in (
        b'{"id":"x","text":"a"}',
        b'{"id":"x","text":"a","language":"fr"}',
        b'{"text":"a","language":{"status":"not_analysed","reason":"language_unknown"}}',
    ):
        with pytest.raises(RecordError) as refused:
            codec.decode_identified(value)
        assert refused.value.reason is Reason.INVALID_FIELD


def test_a_record_after_the_entities_stage_has_the_entities_as_an_analyser_gets_them() -> None:
    identified = codec.encode(codec.decode_raw(b'{"text":"Paris"}'), "language", IDENTIFIED)
    assert codec.decode_identified(identified).entities is None
    entities = NotAnalysed(reason="no_model_for_language")
    value = codec.encode(codec.decode_identified(identified), "entities", entities)
    assert codec.decode_identified(value).entities == entities
    with pytest.raises(RecordError, match="`entities`: ") as refused:
        codec.decode_identified(value.replace(b'"reason"', b'"why"'))
    assert refused.value.reason is Reason.INVALID_FIELD


def test_entities_of_schema_1_are_read_and_keep_their_bytes() -> None:
    mention = b'{"field":"text","start":0,"end":5,"text":"Paris"}'
    of_schema_1 = b'"sentiment":{"status":"not_analysed","reason":"no_model_for_type"}'
    entities = (
        b'{"status":"analysed","model":"m/1","items":[{"name":"Paris","type":"LOCATION","count":1,"mentions":['
        + mention
        + b"],"
        + of_schema_1
        + b"}]}"
    )
    language = b'{"status":"analysed","model":"m/1","code":"fr","confidence":1.0}'
    value = b'{"id":"x","text":"Paris","language":' + language + b',"entities":' + entities + b"}"
    article = codec.decode_identified(value)
    assert isinstance(article.entities, Entities)
    assert [entity.name for entity in article.entities.items] == ["Paris"]
    analysis = NotAnalysed(reason="text_too_short")
    assert codec.encode(article, "sentiment", analysis).startswith(value.removesuffix(b"}"))


def test_a_result_that_does_not_fit_is_too_large() -> None:
    article = codec.decode_raw(b'{"text":"a","x":"' + b"x" * (codec.MAX_VALUE_BYTES - 60) + b'"}')
    with pytest.raises(RecordError) as refused:
        codec.encode(article, "language", IDENTIFIED)
    assert refused.value.reason is Reason.TOO_LARGE


def decodes_or_is_refused(value: bytes) -> None:
    for decode in (codec.decode_raw, codec.decode_identified):
        try:
            article = decode(value)
        except RecordError as refused:
            assert refused.reason in Reason
        else:
            again = codec.decode_raw(codec.encode(article, "language", IDENTIFIED))
            assert (again.id, again.text, again.title) == (article.id, article.text, article.title)


@pytest.mark.parametrize("value", [b'""\x00', b'"{" x', b'"\\ud83d"', b"[1] 2", b"1 2"])
def test_a_value_that_is_neither_an_object_nor_json_has_a_reason(value: bytes) -> None:
    with pytest.raises(RecordError):
        codec.decode_raw(value)


@given(st.binary(max_size=200))
def test_random_bytes_give_an_article_or_a_coded_error(value: bytes) -> None:
    decodes_or_is_refused(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from(["text", "id", "title", "url", "source", "published", "language", "entities", "sentiment", "x"])


@given(
    JSON
    | st.dictionaries(NAMES, JSON, max_size=6)
    | st.fixed_dictionaries({"text": st.text(min_size=1)}, optional={"x": JSON, "title": st.text()})
)
def test_random_json_gives_an_article_or_a_coded_error(value: object) -> None:
    decodes_or_is_refused(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


@given(
    st.fixed_dictionaries({"text": st.text(min_size=1)}, optional={"x": JSON}),
    st.integers(0, 200),
    st.binary(min_size=1, max_size=3),
)
def test_a_damaged_record_gives_an_article_or_a_coded_error(value: object, at: int, damage: bytes) -> None:
    encoded = json.dumps(value).encode()
    decodes_or_is_refused(encoded[:at] + damage + encoded[at + 1 :])


def test_analyses_decode_to_equal_analyses() -> None:
    assert msgspec.json.decode(msgspec.json.encode(IDENTIFIED), type=Language | NotAnalysed) == IDENTIFIED
