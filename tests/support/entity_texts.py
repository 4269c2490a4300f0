"""Two articles that name people, places and organisations, and the entities of a text."""

from __future__ import annotations

from agents import entities
from streams.records import Article, Entities, Entity

FRENCH = (
    "Le Premier ministre Gabriel Attal a reçu mardi Emmanuel Macron à Marseille. "
    "« L'ONU doit agir », a dit M. Macron. Mme Simone Veil parlait déjà de l'ONU aux États-Unis. "
    "M. Attal se rend ensuite aux Etats-Unis."
)
ENGLISH = (
    "Angela Merkel met Joe Biden in Washington on Tuesday. Mr. Biden thanked the United Nations, and Mrs Merkel left for Berlin. "
    "Biden's talks with the United Nations go on in New York City."
)


def article(text: str, code: str | None = "fr", title: str | None = None) -> Article:
    return Article(id="1", text=text, title=title, language=code, declared=None, fields={})


def found(text: str, code: str = "fr", title: str | None = None) -> dict[str, Entity]:
    (result,) = entities.analyse([article(text, code, title)])
    assert isinstance(result, Entities)
    assert all(
        {"title": title or "", "text": text}[mention.field][mention.start : mention.end] == mention.text
        and mention.text
        for item in result.items
        for mention in item.mentions
    )
    assert all(item.count == len(item.mentions) for item in result.items)
    return {item.name: item for item in result.items}
