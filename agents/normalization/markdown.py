"""Markdown in a text: emphasis, links, images, headings, lists, code, block quotes and tables.

markdown-it-py and mistune parse Markdown, but neither gives the source offsets of an inline element's text. A mention
needs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.normalization.edits import Edit

# The opening of fenced code. A program is not text to analyse.
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
# Possessive, as white space may stand at the end of the row twice: trying each division of it takes quadratic time.
_TABLE_DELIMITER_ROW = re.compile(
    r"^[ ]{0,3}\|?[ \t]*:?-{3,100}:?[ \t]*+(?:\|[ \t]*:?-{3,100}:?[ \t]*+){0,100}\|?[ \t]*$", re.MULTILINE
)
# White space is read from its beginning only: trying each place of a long run takes quadratic time.
_CELL_EDGE = re.compile(r"(?:(?<![ \t])[ \t]++)?(?<!\\)\|[ \t]*")
# The text of a link, then its address, which may contain one pair of parentheses, and its title.
_LINK = re.compile(
    r"(?P<image>!)?\[(?P<text>(?:!\[[^\[\]]{0,300}\]\([^()\s]{0,500}\)|[^\[\]]){0,1000}+)\]"
    r"(?:\([ \t]*<?(?:[^()\s<>]|\([^()\s]{0,200}\)){0,2000}+>?(?:[ \t\n]+(?:\"[^\"]{0,400}\"|'[^']{0,400}'))?[ \t]*\)"
    r"|\[[^\[\]\n]{0,200}\])"
)
# The mark of a footnote, after a word or the end of a sentence.
_FOOTNOTE = re.compile(r"\[\^[\w-]{1,40}\]|(?<=[\w.,;:!?\"')»”\]])\[[0-9]{1,3}\]")
_CODE = re.compile(r"(?<!`)(`{1,2})(?=[^`\n]{1,400}\1(?!`))")
_ESCAPE = re.compile(r"\\(?=[\\`*_\[\]#~|<>])")
_EMPHASIS_OR_PARAGRAPH = re.compile(r"(?P<paragraph>\n[ \t]*\n)|\*{1,3}(?!\*)|_{1,3}(?!_)|~~(?!~)")
_INLINE_MARKS = ("*", "_", "[", "]", "`", "\\", "|", "~~")
_BLOCK_MARK = re.compile(r"\n[ \t]{0,20}[#>+=-]")


def may_have_markdown(text: str) -> bool:
    """Whether a text may have any Markdown."""
    return any(mark in text for mark in _INLINE_MARKS) or _BLOCK_MARK.search(f"\n{text}") is not None


def remove_block_marks(text: str) -> Iterator[Edit]:
    """Edits that remove fenced code with its content, and the marks of headings, quotes, items, rules and tables."""
    return _without_overlaps(sorted([*_fenced_code(text), *_tables(text), *_line_marks(text)]))


def remove_inline_marks(text: str) -> Iterator[Edit]:
    """Edits that remove the marks of links, images, code, emphasis and escapes inside a line."""
    edits: list[Edit] = []
    for link in _LINK.finditer(text):
        if link["image"]:
            edits.append((link.start(), link.end(), ""))
        else:
            edits += [(link.start(), link.start("text"), ""), (link.end("text"), link.end(), "")]
            edits += ((image.start(), image.end(), "") for image in _LINK.finditer(text, *link.span("text")))
    edits += ((mark.start(), mark.end(), "") for mark in _FOOTNOTE.finditer(text))
    for code in _CODE.finditer(text):
        end = text.index(code[1], code.end())
        edits += [(code.start(), code.end(), ""), (end, end + len(code[1]), "")]
    edits += ((escape.start(), escape.end(), "") for escape in _ESCAPE.finditer(text))
    edits += ((start, end, "") for start, end in _emphasis(text))
    return _without_overlaps(sorted(edits))


def _fenced_code(text: str) -> Iterator[Edit]:
    offset = 0
    while opening := _FENCE.search(text, offset):
        closing = re.compile(f"^[ \t]{{0,8}}{opening[1]}[ \t]*$", re.MULTILINE).search(text, opening.end())
        # Without a closing fence only the marks go: otherwise the whole rest of the article would be lost.
        if closing is None:
            yield from ((fence.start(), fence.end(), "") for fence in _FENCE.finditer(text, opening.start()))
            return
        yield opening.start(), closing.end(), "\n"
        offset = closing.end()


def _line_marks(text: str) -> Iterator[Edit]:
    for mark in _BLOCK.finditer(text):
        yield mark.start(), mark.end(), ""
        if mark["heading"]:
            line_end = text.find("\n", mark.end())
            end = _HEADING_END.search(text, mark.end(), line_end if line_end >= 0 else len(text))
            if end:
                yield end.start(), end.end(), ""


def _tables(text: str) -> Iterator[Edit]:
    """Tables: lines with vertical bars around a line of hyphens; each cell becomes a line."""
    if "|" not in text or not any("|" in row[0] for row in _TABLE_DELIMITER_ROW.finditer(text)):
        return
    lines = [(line.start(), line.end()) for line in re.finditer(r"[^\n]+", text)]
    has_bar = ["|" in text[start:end] for start, end in lines]
    is_delimiter = [
        has_bar[index] and _TABLE_DELIMITER_ROW.fullmatch(text, start, end) is not None
        for index, (start, end) in enumerate(lines)
    ]
    first = 0
    while first < len(lines):
        table_end = first
        while (
            table_end < len(lines)
            and has_bar[table_end]
            and (table_end == first or lines[table_end][0] == lines[table_end - 1][1] + 1)
        ):
            table_end += 1
        if any(is_delimiter[first:table_end]):
            for index in range(first, table_end):
                start, end = lines[index]
                if is_delimiter[index]:
                    yield start, end, ""
                else:
                    yield from ((edge.start(), edge.end(), "\n") for edge in _CELL_EDGE.finditer(text, start, end))
        first = max(table_end, first + 1)


def _emphasis(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the emphasis marks that stand in pairs in a paragraph.

    As in CommonMark a mark opens before a letter and closes after one. Two rules go beyond CommonMark: single marks
    between digits stay (2*3*4), and one mark of a pair stands at the edge of a word, because "f**k" is a word that a
    paper does not print.
    """
    open_marks: dict[str, tuple[int, int, bool]] = {}
    for run in _EMPHASIS_OR_PARAGRAPH.finditer(text):
        if run["paragraph"]:
            open_marks.clear()
            continue
        mark, start, end = run[0], run.start(), run.end()
        before, after = text[start - 1 : start], text[end : end + 1]
        inside_word = before.isalnum() and after.isalnum()
        if before == mark[0] or (inside_word and (mark[0] == "_" or (before.isdigit() and after.isdigit()))):
            continue
        opens, closes = bool(after.strip()) and not (before.isalnum() and not after.isalnum()), bool(before.strip())
        if closes and mark in open_marks and not (inside_word and open_marks[mark][2]) and open_marks[mark][1] < start:
            yield open_marks[mark][:2]
            yield start, end
            del open_marks[mark]
        elif opens and not (len(mark) == 1 and inside_word):
            open_marks[mark] = start, end, inside_word


def _without_overlaps(edits: list[Edit]) -> Iterator[Edit]:
    previous_end = 0
    for start, end, replacement in edits:
        if start >= previous_end and end > start:
            yield start, end, replacement
            previous_end = end
