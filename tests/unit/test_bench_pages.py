"""What the benchmark writes: tables between the markers of a page, and a picture of each."""

from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from streams.bench.bar_chart import LABELS, VALUES, WIDTH, Bar, Chart, svg
from streams.bench.full import complete
from streams.bench.results import Figures, summarise
from streams.cli import bench_pages
from streams.cli.bench_charts import charts
from streams.cli.bench_tables import parts
from streams.errors import TelexError
from streams.stages import STAGE_NAMES
from tests.support.bench_figures import BASELINE_ROUND, MACHINE, PARTS, PIPELINE_ROUND

ROOT = Path(__file__).parents[2]
LETTER = 7.5  # pixels of a letter in the widest of the fonts, on average
SVG = "{http://www.w3.org/2000/svg}"
PLAIN = summarise([(PIPELINE_ROUND, BASELINE_ROUND)], MACHINE, 1000, 1)
CPU_S = dict.fromkeys(STAGE_NAMES, 0.001)
FULL = msgspec.structs.replace(PLAIN, full=complete(PARTS, CPU_S, CPU_S, 0.001))


def text(figures: Figures, folder: Path, name: str) -> str:
    """What a page has between the markers of a part after the figures are written into it."""
    page = folder / "page.md"
    page.write_text(f"Before.\n<!-- bench {name} -->\nold\n<!-- end of bench {name} -->\nAfter.\n")
    bench_pages.write(figures, folder)
    written = page.read_text()
    assert written.startswith(f"Before.\n<!-- bench {name} -->\n")
    assert written.endswith(f"<!-- end of bench {name} -->\nAfter.\n")
    return written


def test_a_part_is_written_between_its_markers_with_its_picture(tmp_path: Path) -> None:
    written = text(FULL, tmp_path, "latency")
    assert "old" not in written
    assert "at 50 %" in written
    assert "](pictures/bench_latency.svg)" in written
    assert (tmp_path / "pictures" / "bench_latency.svg").exists()


def test_a_part_that_was_not_measured_stays_as_it_is(tmp_path: Path) -> None:
    assert "\nold\n" in text(PLAIN, tmp_path, "latency")


def test_without_pages_the_pictures_are_written(tmp_path: Path) -> None:
    written = bench_pages.write(FULL, tmp_path / "new")
    assert {path.stem for path in written} == {f"bench_{name}" for name, _ in charts(FULL)}
    assert all(path.exists() for path in written)


def test_a_folder_that_cannot_be_created_is_named_before_the_measurement(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TelexError, match=r"file/pictures cannot be created .*: choose another folder"):
        bench_pages.prepare(tmp_path / "file")


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    once = text(FULL, tmp_path, "sizing")
    assert [path.suffix for path in bench_pages.write(FULL, tmp_path)] == [".svg"] * len(list(charts(FULL)))
    assert (tmp_path / "page.md").read_text() == once


@pytest.mark.parametrize(("name", "chart"), list(charts(FULL)), ids=[name for name, _ in charts(FULL)])
def test_a_picture_is_well_formed_and_no_bar_is_longer_than_the_picture(name: str, chart: Chart) -> None:
    picture = ElementTree.fromstring(svg(chart))
    rows: dict[str, float] = {}
    for bar in picture.iter(f"{SVG}rect"):
        if bar.find(f"{SVG}title") is not None:
            rows[bar.attrib["y"]] = rows.get(bar.attrib["y"], 0.0) + float(bar.attrib["width"])
    assert len(rows) == sum(map(len, chart.groups))
    assert max(rows.values()) == pytest.approx(WIDTH - LABELS - VALUES, abs=1)
    assert "prefers-color-scheme: dark" in svg(chart)
    assert max(len(bar.label) for group in chart.groups for bar in group) * LETTER <= LABELS


def test_the_length_of_a_bar_is_its_value() -> None:
    picture = ElementTree.fromstring(
        svg(Chart("a & b", ("x", "y"), [[Bar("<1>", (1, 2), "3"), Bar("2", (6, 0), "6")]]))
    )
    widths = [float(bar.attrib["width"]) for bar in picture.iter(f"{SVG}rect") if bar.find(f"{SVG}title") is not None]
    assert [width / widths[2] for width in widths] == pytest.approx([1 / 6, 2 / 6, 1, 0], abs=0.001)
    assert picture.findtext(f"{SVG}title") == "a & b"


def test_a_chart_without_a_bar_is_an_error() -> None:
    with pytest.raises(ValueError, match="has no bar"):
        svg(Chart("empty", ("x",), []))


def test_the_pages_have_markers_for_every_part() -> None:
    pages = "".join((ROOT / "docs" / name).read_text() for name in ("benchmarks.md", "sizing.md"))
    names = [name for name, _ in parts(FULL)]
    assert len(names) == 8
    assert [name for name in names if f"<!-- bench {name} -->\n```text\n" not in pages] == []
    assert [name for name, _ in charts(FULL) if f"](pictures/bench_{name}.svg)" not in pages] == []
