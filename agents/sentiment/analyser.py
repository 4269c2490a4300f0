"""The analyser of the sentiment stage: the sentiment of articles."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

from agents.normalization import normalize
from agents.sentiment import encoder_reading, ngram_reading, target, weights
from agents.sentiment.limits import TEXT_LENGTH, TITLE_LENGTH
from streams import settings
from streams.records import Article, Entities, NotAnalysed, Sentiment


def analyse(articles: Sequence[Article]) -> list[Sentiment | NotAnalysed]:
    """The sentiment of each article, or the reason why there is none.

    It is a pure function of the article's title, text, language and entities. Text beyond the first TEXT_LENGTH code
    points is not read.
    """
    return [_analyse(article) for article in articles]


def load(languages: Collection[str] = ()) -> None:
    """Load the models, whatever the languages. Raises TelexError when a file cannot be read."""
    weights.load()
    if encoder_reading.MODEL in models().values():
        encoder_reading.load()
    else:
        target.load()


@cache
def models() -> dict[str, str]:
    """The languages that are analysed (ISO 639-1), each with its model; loads nothing."""
    if settings.load().fast:
        return dict.fromkeys(sorted(ngram_reading.LANGUAGES), ngram_reading.MODEL)
    return dict.fromkeys(sorted(encoder_reading.LANGUAGES), encoder_reading.MODEL)


def _analyse(article: Article) -> Sentiment | NotAnalysed:
    language = article.language
    if language is None:
        return NotAnalysed(reason="language_unknown")
    model = models().get(language)
    if model is None:
        return NotAnalysed(reason="no_model_for_language")
    readings = {"title": normalize((article.title or "")[:TITLE_LENGTH]), "text": normalize(article.text[:TEXT_LENGTH])}
    entities = article.entities.items if isinstance(article.entities, Entities) else []
    read = ngram_reading.read if model == ngram_reading.MODEL else encoder_reading.read
    return read(readings, entities, language)
