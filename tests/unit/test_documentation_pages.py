"""The indexes of the documentation name every page, and the tables of aims have the figures that were measured."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def linked(index: Path) -> set[Path]:
    """The files of the documentation that an index links to."""
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", index.read_text(encoding="utf-8"))
    return {(index.parent / target).resolve() for target in targets}


def aims_and_measured(page: str) -> tuple[str, str]:
    """The table of aims of a page, and the blocks between its generated markers."""
    text = (DOCS / page).read_text(encoding="utf-8")
    aims = text.split("\n## Aims and results\n")[1].split("\n## ")[0]
    measured = re.findall(r"^<!-- (\w+) -->\n(.*?)^<!-- end of \1 -->", text, re.MULTILINE | re.DOTALL)
    return aims, "\n".join(block for _, block in measured)


def test_the_index_names_every_page_and_every_folder_of_pages() -> None:
    folders_with_an_index = {index.parent for index in DOCS.rglob("*/README.md")}
    pages = {page for page in DOCS.rglob("*.md") if page.parent not in folders_with_an_index}
    pages |= {folder / "README.md" for folder in folders_with_an_index}
    assert pages - {DOCS / "README.md"} - linked(DOCS / "README.md") == set()


def test_the_index_of_the_decisions_names_each_once_in_order() -> None:
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    decisions = sorted(page.name for page in (DOCS / "decisions").glob("0*.md"))
    assert re.findall(r"\]\((\d+-[a-z-]+\.md)\)", index) == decisions


def test_the_aims_of_the_page_on_accuracy_have_the_measured_intervals() -> None:
    aims, measured = aims_and_measured("accuracy.md")
    figures = re.findall(r"\d\.\d{3} \(\d\.\d{3}–\d\.\d{3}\)", aims)
    assert figures
    assert [figure for figure in figures if figure not in measured] == []


def test_the_aims_of_the_page_on_trust_have_the_measured_figures() -> None:
    aims, measured = aims_and_measured("trust.md")
    figures = re.findall(r"\d+\.\d{2}\b", aims)
    assert figures
    assert [figure for figure in figures if f"| {figure} " not in measured] == []
