"""HTML and XML in a text: tags, comments, CDATA, and elements whose content is not text for a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.normalization.edits import Edit


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Elements that begin a paragraph.
_PARAGRAPH_ELEMENTS = _names("""
    address article aside blockquote body center details dialog dir div dl fieldset figure footer form h1 h2 h3 h4
    h5 h6 head header hgroup hr html main menu nav ol p pre search section summary table title ul
""")
# Elements that begin a line.
_LINE_ELEMENTS = _names("br caption dd dt figcaption legend li optgroup option tbody td tfoot th thead tr")
# Elements that stand in a line and separate words.
_SEPARATING_ELEMENTS = _names("audio button canvas embed iframe img input object picture select source svg track video")
# Elements that also stand inside a word.
_INLINE_ELEMENTS = _names("""
    a abbr acronym b base bdi bdo big cite code col colgroup data del dfn em font i ins kbd label link map mark
    meta nobr output param q rp rt ruby s samp small span strike strong sub sup time tt u var wbr
""")
# Elements whose content a reader does not see as text.
_HIDDEN_ELEMENTS = _names("script style template noscript textarea")
_KNOWN_ELEMENTS = _PARAGRAPH_ELEMENTS | _LINE_ELEMENTS | _SEPARATING_ELEMENTS | _INLINE_ELEMENTS | _HIDDEN_ELEMENTS
# In a text with paragraph tags, a line break of the source is a space.
_PARAGRAPH_TAG = re.compile(r"<(?:p|div)[\s>]", re.IGNORECASE)
_LINE_BREAK = re.compile(r"(?<![\r\n])\r?\n(?![\r\n])")

# Each alternative begins with another character and the repetition is possessive, so a text of many "<a" takes linear
# time.
_ATTRIBUTES = (
    r"(?:[^<>\"']|\"[^\"<>]{0,4000}\"|'[^'<>]{0,4000}'|\"[^\"]{0,4000}\"(?=[\s/>])|'[^']{0,4000}'(?=[\s/>])){0,400}+"
)
_TAG = re.compile(
    r"<(?:"
    rf"(?P<close>/)?(?P<name>[a-zA-Z][a-zA-Z0-9]{{0,30}}(?:[:-][a-zA-Z0-9:_-]{{0,40}})?)(?P<attributes>(?:\s"
    rf"|/(?=[\s>])){_ATTRIBUTES})?/?>"
    r"|(?P<comment>!--)"
    r"|(?P<cdata>!\[CDATA\[)"
    r"|(?P<declaration>![a-zA-Z][^<>]{0,400}>|\?[a-zA-Z][^<>]{0,400}\?>)"
    r"|(?P<address>(?:https?|ftp|mailto):[^\s<>]{1,2000}>|[^\s<>@]{1,64}@[^\s<>@]{1,250}>)"
    r"|(?P<cut>/?[a-zA-Z][a-zA-Z0-9]{0,30}\s[^<>]{0,4000}=[^<>]{0,4000}\Z)"
    r")|(?P<cdata_end>\]\]>)"
)
_ATTRIBUTE = re.compile(r"[\w:.-]+\s*=")


def remove_tags(text: str) -> Iterator[Edit]:
    """Edits that replace mark-up with a separator for the words around it: a space, one or two line breaks, or nothing.

    A "<" that begins no tag stays: "a < b", "<3", and a name in angle brackets that is not an element, "<Reuters>".
    """
    has_paragraph_tags = _PARAGRAPH_TAG.search(text) is not None
    element_ends = _ElementEnds(text)
    offset = 0
    while match := _TAG.search(text, offset):
        end, replacement = match.end(), _replacement(match)
        if match["comment"]:
            end = element_ends.comment_end(end) or end
        elif replacement is not None and match["name"] and not match["close"] and not match[0].endswith("/>"):
            end = element_ends.hidden_content_end(match["name"].lower(), end)
        if has_paragraph_tags:
            yield from _replace_line_breaks(text, offset, match.start())
        if replacement is not None:
            yield match.start(), end, replacement
        offset = end
    if has_paragraph_tags:
        yield from _replace_line_breaks(text, offset, len(text))


def has_decoded_tags(text: str) -> bool:
    """Whether a text has tags after its character references were decoded. Feeds encode tags this way."""
    return "</" in text or re.search(r"<(?:p|br|div|img)\b", text, re.IGNORECASE) is not None


class _ElementEnds:
    """Finds the ends of comments and hidden elements.

    It searches each part of a text once for each kind of end, whether there is one or not, which bounds the time.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        # By the name of an element, or "-->": the last end that was found; (len(text), -1) if no other end follows.
        self._found: dict[str, tuple[int, int]] = {}

    def comment_end(self, start: int) -> int | None:
        """The offset behind the next "-->"; None without one."""
        _, end = self._next("-->", re.compile("-->"), start)
        return end if end >= 0 else None

    def hidden_content_end(self, name: str, start: int) -> int:
        """The offset behind the end tag of an element with hidden content; `start` for other elements."""
        if name not in _HIDDEN_ELEMENTS and name != "code":
            return start
        content_end, end = self._next(name, re.compile(f"</{name}\\s*>", re.IGNORECASE), start)
        if end < 0:
            return start
        # Code in one line is a word of the sentence; several lines of code are a program.
        if name == "code" and self._next("\n", re.compile("\n"), start)[0] >= content_end:
            return start
        return end

    def _next(self, kind: str, pattern: re.Pattern[str], start: int) -> tuple[int, int]:
        """The span of the next match; (len(text), -1) without one. Ask in ascending order."""
        if self._found.get(kind, (-1, -1))[0] < start:
            match = pattern.search(self._text, start)
            self._found[kind] = match.span() if match else (len(self._text), -1)
        return self._found[kind]


def _replacement(match: re.Match[str]) -> str | None:
    """The replacement of a match; None where the match is not mark-up."""
    if match["address"]:
        return f" {match[0][1:-1]} "
    if match["cut"]:
        return "" if match["cut"].lstrip("/").split(None, 1)[0].lower() in _KNOWN_ELEMENTS else None
    if not match["name"]:
        return ""
    name = match["name"].lower()
    if name in _PARAGRAPH_ELEMENTS:
        return "\n\n"
    if name in _LINE_ELEMENTS:
        return "\n"
    if name in _SEPARATING_ELEMENTS or name in _HIDDEN_ELEMENTS:
        return " "
    # End tags, prefixes and attributes mark elements of other vocabularies: NITF, SVG, Word.
    is_element = (
        name in _INLINE_ELEMENTS or match["close"] or ":" in name or _ATTRIBUTE.search(match["attributes"] or "")
    )
    return "" if is_element else None


def _replace_line_breaks(text: str, start: int, end: int) -> Iterator[Edit]:
    return ((line_break.start(), line_break.end(), " ") for line_break in _LINE_BREAK.finditer(text, start, end))
