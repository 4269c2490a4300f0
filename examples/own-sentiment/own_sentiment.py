"""Sentiment for Swahili, which counts good and bad words. All other languages get the sentiment of Telex."""

import re
from collections.abc import Sequence

from agents import sentiment
from streams.records import Article, Label, NotAnalysed, Probabilities, Sentiment

MODEL = "own-sentiment/1.0"
GOOD = {
    "amani",
    "bora",
    "furaha",
    "hongera",
    "mafanikio",
    "matumaini",
    "nzuri",
    "pongezi",
    "shangwe",
    "sherehe",
    "uhuru",
    "ushindi",
}
BAD = {
    "ajali",
    "hasara",
    "hofu",
    "huzuni",
    "kifo",
    "maafa",
    "mashambulizi",
    "mauaji",
    "mbaya",
    "mgogoro",
    "njaa",
    "vifo",
    "vita",
}

load = sentiment.load


def models() -> dict[str, str]:
    """The languages of Telex, and Swahili."""
    return {**sentiment.models(), "sw": MODEL}


def analyse(articles: Sequence[Article]) -> list[Sentiment | NotAnalysed]:
    """The sentiment of each article, in their order."""
    return [_count(article) if article.language == "sw" else sentiment.analyse([article])[0] for article in articles]


def _count(article: Article) -> Sentiment:
    words = re.findall(r"[a-z]+", f"{article.title or ''} {article.text}".lower())
    # Four imaginary words, two of them neutral, are added to every text: a single word then decides nothing.
    counts: dict[Label, int] = {
        "negative": 1 + sum(word in BAD for word in words),
        "neutral": 2,
        "positive": 1 + sum(word in GOOD for word in words),
    }
    parts = {label: round(count / sum(counts.values()), 4) for label, count in counts.items()}
    label = max(parts, key=lambda each: (parts[each], each == "neutral"))
    score = round(parts["positive"] - parts["negative"], 4)
    return Sentiment(
        model=MODEL, label=label, score=score, confidence=parts[label], probabilities=Probabilities(**parts)
    )
