"""The indexes of the documentation name every page, and the tables of aims have the figures that were measured."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# A folder, or a file in a folder: with a slash at the end, or with a slash and an extension.
A_PATH = re.compile(r"(?<!`)`((?:[\w.-]+/)+(?:[\w.-]+\.[a-z]+)?)`")
# The folders of the project that its pages name by their beginning, and in whose files all paths must exist.
FOLDERS = ("agents", "deploy", "docs", "evaluation", "examples", "peers", "seeds", "streams", "tests", "training")
# Paths that readers make: a stage of their own in the README and in CONTRIBUTING.md.
MADE_BY_READERS = re.compile(r"agents/(length|NAME)/|tests/unit/test_NAME\.py")
PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])
A_CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def linked(index: Path) -> set[Path]:
    """The files of the documentation that an index links to."""
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", index.read_text(encoding="utf-8"))
    return {(index.parent / target).resolve() for target in targets}


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of the headings of a page: small letters, hyphens for spaces, no other signs."""
    headings = re.findall(r"^#+ (.*)$", A_CODE_BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_heading_that_a_page_links_to_exists(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
    missing = [
        (target, anchor)
        for target, anchor in links
        if anchor not in anchors((page.parent / target).resolve() if target else page)
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_path_of_the_project_on_a_page_exists(page: Path) -> None:
    paths = {
        path
        for path in A_PATH.findall(page.read_text(encoding="utf-8"))
        if path.split("/")[0] in FOLDERS and not MADE_BY_READERS.match(path)
    }
    assert {path for path in paths if not (ROOT / path).exists()} == set()


def test_each_module_on_a_page_of_the_decisions_exists() -> None:
    names = {
        name
        for page in (DOCS / "decisions").glob("*.md")
        for name in re.findall(r"(?<!`)`(?:\w+/)*(\w+\.py)`", page.read_text(encoding="utf-8"))
    }
    modules = {file.name for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")}
    assert len(names) > 5
    assert names - modules == set()
