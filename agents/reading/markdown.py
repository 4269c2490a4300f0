"""Markdown in a text: emphasis, links, images, headings, lists, code, block quotes and tables.

markdown-it-py and mistune parse it, but neither says where in the source the text of an inline element stands, and a mention needs that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.reading.layer import Edit

# Fenced code, by its opening. A program is not read.
_FENCE = re.compile(r"^[ \t]{0,8}(```+|~~~+)[^`\n]{0,200}$", re.MULTILINE)
_BLOCK = re.compile(
    r"^(?:"
    r"(?P<heading>[ ]{0,3}\#{1,6}[ \t]+)"
    r"|(?P<quote>[ ]{0,3}(?:>[ \t]?){1,20})"
    r"|(?P<item>[ \t]{0,20}[*+-][ \t]+(?=\S))"
    r"|(?P<rule>[ ]{0,3}(?:(?:\*[ \t]?){3,200}|(?:-[ \t]?){3,200}|(?:_[ \t]?){3,200}|={3,200})$)"
    r"|(?P<definition>[ ]{0,3}\[[^\]\n]{1,200}\]:[ \t]+\S{1,2000}(?:[ \t]+[\"'(][^\n]{0,400})?$)"
    r")",
    re.MULTILINE | re.VERBOSE,
)
_HEADING_END = re.compile(r"(?<![ \t])[ \t]{1,8}#{1,6}[ \t]{0,8}$", re.MULTILINE)
_DELIMITERS = re.compile(
    r"^[ ]{0,3}\|?[ \t]*:?-{3,100}:?[ \t]*(?:\|[ \t]*:?-{3,100}:?[ \t]*){0,100}\|?[ \t]*$", re.MULTILINE
)
_CELL_EDGE = re.compile(r"[ \t]*(?<!\\)\|[ \t]*")
# The text of a link, and what stands behind it: an address that may have one pair of parentheses in it, and a title.
_LINK = re.compile(
    r"(?P<image>!)?\[(?P<text>(?:!\[[^\[\]]{0,300}\]\([^()\s]{0,500}\)|[^\[\]]){0,1000}+)\]"
    r"(?:\([ \t]*<?(?:[^()\s<>]|\([^()\s]{0,200}\)){0,2000}+>?(?:[ \t\n]+(?:\"[^\"]{0,400}\"|'[^']{0,400}'))?[ \t]*\)|\[[^\[\]\n]{0,200}\])"
)
# The mark of a footnote, behind a word or the end of a sentence.
_FOOTNOTE = re.compile(r"\[\^[\w-]{1,40}\]|(?<=[\w.,;:!?\"')»”\]])\[[0-9]{1,3}\]")
_CODE = re.compile(r"(?<!`)(`{1,2})(?=[^`\n]{1,400}\1(?!`))")
_ESCAPE = re.compile(r"\\(?=[\\`*_\[\]#~|<>])")
_RUN = re.compile(r"(?P<paragraph>\n[ \t]*\n)|\*{1,3}(?!\*)|_{1,3}(?!_)|~~(?!~)")
_SIGNS = ("*", "_", "[", "]", "`", "\\", "|", "~~")
_BLOCK_SIGN = re.compile(r"\n[ \t]{0,20}[#>+=-]")


def possible(text: str) -> bool:
    """Whether a text may have any Markdown."""
    return any(sign in text for sign in _SIGNS) or _BLOCK_SIGN.search(f"\n{text}") is not None


def blocks(text: str) -> Iterator[Edit]:
    """What marks blocks: fenced code with its content, headings, quotes, items, rules, definitions of links, tables."""
    return iter(_without_overlaps(sorted([*_code(text), *_tables(text), *_marks(text)])))


def inline(text: str) -> Iterator[Edit]:
    """What marks parts of a line: links, images, code, emphasis, escapes."""
    found: list[Edit] = []
    for link in _LINK.finditer(text):
        if link["image"]:
            found.append((link.start(), link.end(), ""))
        else:
            found += [(link.start(), link.start("text"), ""), (link.end("text"), link.end(), "")]
            found += ((image.start(), image.end(), "") for image in _LINK.finditer(text, *link.span("text")))
    found += ((mark.start(), mark.end(), "") for mark in _FOOTNOTE.finditer(text))
    for code in _CODE.finditer(text):
        end = text.index(code[1], code.end())
        found += [(code.start(), code.end(), ""), (end, end + len(code[1]), "")]
    found += ((escape.start(), escape.end(), "") for escape in _ESCAPE.finditer(text))
    found += ((start, end, "") for start, end in _emphasis(text))
    return iter(_without_overlaps(sorted(found)))


def _code(text: str) -> Iterator[Edit]:
    at = 0
    while opening := _FENCE.search(text, at):
        closing = re.compile(f"^[ \t]{{0,8}}{opening[1]}[ \t]*$", re.MULTILINE).search(text, opening.end())
        # Without an end, only the marks of it: else the whole rest of an article would be lost.
        if closing is None:
            yield from ((each.start(), each.end(), "") for each in _FENCE.finditer(text, opening.start()))
            return
        yield opening.start(), closing.end(), "\n"
        at = closing.end()


def _marks(text: str) -> Iterator[Edit]:
    for mark in _BLOCK.finditer(text):
        yield mark.start(), mark.end(), ""
        if mark["heading"]:
            line_end = text.find("\n", mark.end())
            end = _HEADING_END.search(text, mark.end(), line_end if line_end >= 0 else len(text))
            if end:
                yield end.start(), end.end(), ""


def _tables(text: str) -> Iterator[Edit]:
    """Tables: lines with vertical bars around a line of hyphens; each cell becomes a line."""
    if "|" not in text or not any("|" in each[0] for each in _DELIMITERS.finditer(text)):
        return
    lines = [(line.start(), line.end()) for line in re.finditer(r"[^\n]+", text)]
    barred = ["|" in text[start:end] for start, end in lines]
    delimiters = [
        barred[index] and _DELIMITERS.fullmatch(text, start, end) is not None
        for index, (start, end) in enumerate(lines)
    ]
    first = 0
    while first < len(lines):
        last = first
        while last < len(lines) and barred[last] and (last == first or lines[last][0] == lines[last - 1][1] + 1):
            last += 1
        if any(delimiters[first:last]):
            for index in range(first, last):
                start, end = lines[index]
                if delimiters[index]:
                    yield start, end, ""
                else:
                    yield from ((edge.start(), edge.end(), "\n") for edge in _CELL_EDGE.finditer(text, start, end))
        first = max(last, first + 1)


def _emphasis(text: str) -> Iterator[tuple[int, int]]:
    """The signs of emphasis that stand in pairs in a paragraph.

    As in CommonMark a sign opens before a letter and closes behind one. More than there, single signs between digits stay (2*3*4),
    and of a pair one stands at the edge of a word: "f**k" is a word that a paper does not print.
    """
    open_at: dict[str, tuple[int, int, bool]] = {}
    for run in _RUN.finditer(text):
        if run["paragraph"]:
            open_at.clear()
            continue
        sign, start, end = run[0], run.start(), run.end()
        before, after = text[start - 1 : start], text[end : end + 1]
        inside = before.isalnum() and after.isalnum()
        if before == sign[0] or (inside and (sign[0] == "_" or (before.isdigit() and after.isdigit()))):
            continue
        opens, closes = bool(after.strip()) and not (before.isalnum() and not after.isalnum()), bool(before.strip())
        if closes and sign in open_at and not (inside and open_at[sign][2]) and open_at[sign][1] < start:
            yield open_at[sign][:2]
            yield start, end
            del open_at[sign]
        elif opens and not (len(sign) == 1 and inside):
            open_at[sign] = start, end, inside


def _without_overlaps(edits: list[Edit]) -> Iterator[Edit]:
    last = 0
    for start, end, replacement in edits:
        if start >= last and end > start:
            yield start, end, replacement
            last = end
