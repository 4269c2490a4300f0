"""The parts of a page that a command writes, between two lines that name them."""

from __future__ import annotations

import re


def marked(name: str) -> re.Pattern[str]:
    """Finds what stands between the lines `<!-- NAME -->` and `<!-- end of NAME -->`."""
    begin, end = re.escape(f"<!-- {name} -->\n"), re.escape(f"<!-- end of {name} -->")
    return re.compile(f"(?<=^{begin}).*?(?=^{end})", re.MULTILINE | re.DOTALL)


def with_part(page: str, name: str, content: str) -> str:
    """The page with other content between these lines; the same page where it does not have them."""
    return marked(name).sub(lambda _: content, page)
