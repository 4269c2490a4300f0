"""The length stage: how many words an article has, and how long they take to read."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from streams.records import Article
from streams.stage import Stage

STAGE = Stage(
    name="length",
    source="articles.sentiment",
    analyser="agents.length.agent",
    target="articles.enriched",
)
WORDS_A_MINUTE = 238  # silent reading of English non-fiction: Brysbaert 2019, https://doi.org/10.1016/j.jml.2019.104047


class Length(Struct, frozen=True, kw_only=True, tag_field="status", tag="analysed"):
    """The number of words in the text, and the minutes to read them."""

    model: str
    words: int
    minutes: float


def load(languages: Collection[str] = ()) -> None:
    """Nothing to load."""


def models() -> dict[str, str]:
    """Every language, by the same rule."""
    return {"*": "length/1"}


def analyse(articles: Sequence[Article]) -> list[Length]:
    """The length of each article: a pure function of its text."""
    words = [len(article.text.split()) for article in articles]
    return [Length(model="length/1", words=count, minutes=round(count / WORDS_A_MINUTE, 1)) for count in words]
