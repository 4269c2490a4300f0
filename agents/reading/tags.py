"""HTML and XML in a text: tags, comments, CDATA, and the elements whose content nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.reading.layer import Edit

# Elements that begin a paragraph, those that begin a line, and those that stand in one and part words.
_PARAGRAPHS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hgroup",
        "hr",
        "html",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "table",
        "title",
        "ul",
    ]
)
_LINES = frozenset(
    [
        "br",
        "caption",
        "dd",
        "dt",
        "figcaption",
        "legend",
        "li",
        "optgroup",
        "option",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
    ]
)
_PARTING = frozenset(
    [
        "audio",
        "button",
        "canvas",
        "embed",
        "iframe",
        "img",
        "input",
        "object",
        "picture",
        "select",
        "source",
        "svg",
        "track",
        "video",
    ]
)
# Elements that stand inside a word as well.
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "base",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "col",
        "colgroup",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "link",
        "map",
        "mark",
        "meta",
        "nobr",
        "output",
        "param",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_UNREAD = frozenset(["script", "style", "template", "noscript", "textarea"])
_KNOWN = _PARAGRAPHS | _LINES | _PARTING | _INLINE | _UNREAD
# A feed's paragraphs: there a line break in the source is a space.
_IN_PARAGRAPHS = re.compile(r"<(?:p|div)[\s>]", re.IGNORECASE)
_LINE_BREAK = re.compile(r"(?<![\r\n])\r?\n(?![\r\n])")

# Every part begins with another sign and nothing is given back (possessive), so a text of "<a" alone takes linear time.
_ATTRIBUTES = (
    r"(?:[^<>\"']|\"[^\"<>]{0,4000}\"|'[^'<>]{0,4000}'|\"[^\"]{0,4000}\"(?=[\s/>])|'[^']{0,4000}'(?=[\s/>])){0,400}+"
)
_TAG = re.compile(
    r"<(?:"
    rf"(?P<close>/)?(?P<name>[a-zA-Z][a-zA-Z0-9]{{0,30}}(?:[:-][a-zA-Z0-9:_-]{{0,40}})?)(?P<attributes>(?:\s|/(?=[\s>])){_ATTRIBUTES})?/?>"
    r"|(?P<comment>!--)"
    r"|(?P<cdata>!\[CDATA\[)"
    r"|(?P<declaration>![a-zA-Z][^<>]{0,400}>|\?[a-zA-Z][^<>]{0,400}\?>)"
    r"|(?P<address>(?:https?|ftp|mailto):[^\s<>]{1,2000}>|[^\s<>@]{1,64}@[^\s<>@]{1,250}>)"
    r"|(?P<cut>/?[a-zA-Z][a-zA-Z0-9]{0,30}\s[^<>]{0,4000}=[^<>]{0,4000}\Z)"
    r")|(?P<cdata_end>\]\]>)"
)
_ATTRIBUTE = re.compile(r"[\w:.-]+\s*=")


def removed(text: str) -> Iterator[Edit]:
    """The mark-up in a text, with what parts the words around it: nothing, a space, a line or a paragraph.

    A "<" that begins no tag stays: "a < b", "<3", and a name in angle brackets that is no element, "<Reuters>".
    """
    breaks = _IN_PARAGRAPHS.search(text) is not None
    found = _Closings(text)
    at = 0
    while match := _TAG.search(text, at):
        end, replacement = match.end(), _instead(match)
        if match["comment"]:
            closed = found.after("-->", end)
            end, replacement = (closed, "") if closed else (end, "")
        elif replacement is not None and match["name"] and not match["close"] and not match[0].endswith("/>"):
            end = found.content(match["name"].lower(), end)
        if breaks:
            yield from _spaces(text, at, match.start())
        if replacement is not None:
            yield match.start(), end, replacement
        at = end
    if breaks:
        yield from _spaces(text, at, len(text))


def encoded(text: str) -> bool:
    """Whether a text whose character references were decoded has tags in it that were encoded: feeds do so."""
    return "</" in text or re.search(r"<(?:p|br|div|img)\b", text, re.IGNORECASE) is not None


class _Closings:
    """Where elements end that nobody reads. A sign that is missing once is not looked for again, which bounds the time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._missing: set[str] = set()

    def after(self, sign: str, start: int) -> int | None:
        """The end of the next such sign; None without one."""
        at = -1 if sign in self._missing else self._text.find(sign, start)
        if at < 0:
            self._missing.add(sign)
            return None
        return at + len(sign)

    def content(self, name: str, start: int) -> int:
        """The end of an element's content where it is not read, else where it begins."""
        if name not in _UNREAD and name != "code":
            return start
        if name in self._missing:
            return start
        closing = re.compile(f"</{name}\\s*>", re.IGNORECASE).search(self._text, start)
        if closing is None:
            self._missing.add(name)
            return start
        # Code in a line is a word of the sentence; several lines of it are a program.
        if name == "code" and "\n" not in self._text[start : closing.start()]:
            return start
        return closing.end()


def _instead(match: re.Match[str]) -> str | None:
    """What stands in place of a match; None where it is no mark-up."""
    if match["address"]:
        return f" {match[0][1:-1]} "
    if match["cut"]:
        return "" if match["cut"].lstrip("/").split(None, 1)[0].lower() in _KNOWN else None
    if not match["name"]:
        return ""
    name = match["name"].lower()
    if name in _PARAGRAPHS:
        return "\n\n"
    if name in _LINES:
        return "\n"
    if name in _PARTING or name in _UNREAD:
        return " "
    # Elements of other vocabularies: NITF, SVG, Word.
    known = name in _INLINE or match["close"] or ":" in name or _ATTRIBUTE.search(match["attributes"] or "")
    return "" if known else None


def _spaces(text: str, start: int, end: int) -> Iterator[Edit]:
    return ((found.start(), found.end(), " ") for found in _LINE_BREAK.finditer(text, start, end))
