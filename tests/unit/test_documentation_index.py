"""The indexes of the documentation name every page."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def linked(index: Path) -> set[Path]:
    """The files of the documentation that an index links to."""
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", index.read_text(encoding="utf-8"))
    return {(index.parent / target).resolve() for target in targets}


def test_the_index_names_every_page_and_every_folder_of_pages() -> None:
    folders_with_an_index = {index.parent for index in DOCS.rglob("*/README.md")}
    pages = {page for page in DOCS.rglob("*.md") if page.parent not in folders_with_an_index}
    pages |= {folder / "README.md" for folder in folders_with_an_index}
    assert pages - {DOCS / "README.md"} - linked(DOCS / "README.md") == set()


def test_the_index_of_the_decisions_names_each_once_in_order() -> None:
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    decisions = sorted(page.name for page in (DOCS / "decisions").glob("0*.md"))
    assert re.findall(r"\]\((0\d+-[a-z-]+\.md)\)", index) == decisions
