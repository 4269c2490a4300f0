"""The measures give the known figures of known answers, and `telex evaluate` reads a folder of the documented form."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from evaluation import report
from evaluation.coreference import Place, sums
from evaluation.data import Data, tagged
from evaluation.marked import PARTS, articles, marked
from evaluation.measures import (
    Estimate,
    b_cubed,
    calibration_error,
    least_calibration_error,
    macro_f1,
    micro_f1,
    reliability,
    share,
)
from evaluation.plot import MARGIN, SIDE, reliability_plot
from evaluation.sentence_forms import short, with_byline, without_accents
from evaluation.tables import Table
from streams.errors import TelexError
from streams.stages import STAGE_NAMES

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.mark.parametrize("part", report.PARTS)
def test_the_pages_have_a_place_for_the_tables_of_each_part(part: str) -> None:
    page = report.page_of(part).read_text(encoding="utf-8")
    assert page.count(f"<!-- {part} -->\n") == page.count(f"\n<!-- end of {part} -->") == 1


def test_a_share_has_the_interval_of_wilson() -> None:
    # Agresti and Coull 1998, The American Statistician 52: of 10 with none, 0 to 0.278.
    none, half = share(0, 10), share(5, 10)
    assert none
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(0.2775, abs=1e-4)
    assert half
    assert half.value == 0.5
    assert (half.low, half.high) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert share(0, 0) is None


def test_micro_f1_counts_spans_and_not_sentences() -> None:
    found = micro_f1(np.array([(1, 1, 1), (0, 3, 0), (2, 2, 4)]))
    assert found.value == pytest.approx(2 * 3 / (6 + 5))
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_macro_f1_is_the_mean_of_the_classes_and_counts_texts_without_an_answer_as_wrong() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2])
    assert macro_f1(labels, labels).value == 1
    assert macro_f1(labels, np.array([0, -1, 1, 1, 2, 2])).value == pytest.approx((2 / 3 + 1 + 1) / 3)
    assert macro_f1(labels, np.full(6, 1)).value == pytest.approx(0.5 / 3)


def test_confidence_that_is_right_has_no_calibration_error() -> None:
    honest = [(0.75, True), (0.75, True), (0.75, True), (0.75, False)]
    assert calibration_error(honest) == 0
    assert calibration_error([(0.95, False), *honest]) == pytest.approx(0.95 / 5)
    assert [(each.number, each.right) for each in reliability(honest)] == [(4, 0.75)]
    assert calibration_error([]) is None


def test_a_few_answers_have_a_calibration_error_by_chance_alone() -> None:
    random = np.random.default_rng(1)
    few, many = ([float(sure) for sure in random.uniform(0.34, 1, number)] for number in (300, 30_000))
    least_of_few, least_of_many = least_calibration_error(few), least_calibration_error(many)
    assert least_of_few == pytest.approx(0.05, abs=0.03)
    assert least_of_many == pytest.approx(0.005, abs=0.003)
    assert least_calibration_error([]) is None


def test_a_table_is_written_for_people_and_for_programs() -> None:
    table = Table(
        "demo", "A demo", [{"language": "fr", "sentences": 1200, "right": Estimate(0.5, 0.4, 0.6), "also right": None}]
    )
    assert table.shown()[1] == ["fr", "1,200", "0.500 (0.400–0.600)", ""]
    assert "| fr | 1,200 | 0.500 (0.400–0.600) |" in table.markdown()
    assert table.records() == [
        {
            "table": "demo",
            "language": "fr",
            "sentences": 1200,
            "right": 0.5,
            "right_low": 0.4,
            "right_high": 0.6,
            "also_right": None,
        }
    ]


def test_b_cubed_gives_the_figures_of_its_authors() -> None:
    # Bagga and Baldwin 1998, figures 1 to 3: of entities with 5, 2 and 5 mentions, the second and the third, or the
    # first and the third, are taken for one.
    gold: dict[Place, str] = {("text", at, at): entity for at, entity in enumerate("aaaaabbccccc")}
    for said, precision in (("aaaaabbbbbbb", 0.762), ("aaaaabbaaaaa", 0.583)):
        found = b_cubed(np.array([sums(gold, dict(zip(gold, said, strict=True)))]))
        assert [each.value for each in found[:2]] == pytest.approx([precision, 1.0], abs=1e-3)


def test_a_mention_that_is_not_found_or_not_marked_is_wrong() -> None:
    gold: dict[Place, str] = {("text", 0, 1): "P1", ("text", 2, 3): "P1"}
    found: dict[Place, int] = {("text", 0, 1): 0, ("text", 4, 5): 0}
    assert sums(gold, found) == (0.5, 2, 0.5, 2)


def test_marks_are_read_as_mentions() -> None:
    [article] = marked("=== en demo\n= [MERKEL|P1] speaks\n[Angela Merkel|P1] is in [Bonn|L1].\n")
    assert article.fields == {"title": "MERKEL speaks", "text": "Angela Merkel is in Bonn."}
    assert article.entities == {("title", 0, 6): "P1", ("text", 0, 13): "P1", ("text", 20, 24): "L1"}


def test_the_marked_articles_have_two_parts_and_equal_the_samples() -> None:
    parts = [{each.name: each for each in articles(part)} for part in PARTS]
    assert not parts[0].keys() & parts[1].keys()
    assert len(parts[1]) >= len(parts[0]) >= 40
    samples = "\n".join(path.read_text(encoding="utf-8") for path in SEEDS.iterdir() if path.is_file())
    texts = {name: each.fields["text"] for part in parts for name, each in part.items()}
    of_samples = [name for name in texts if f'"{name}"' in samples or (SEEDS / f"{name}.txt").is_file()]
    assert len(of_samples) >= 24
    for name in of_samples:
        assert texts[name] in samples or json.dumps(texts[name], ensure_ascii=False)[1:-1] in samples, name


def test_a_reliability_plot_is_a_picture_of_its_bins() -> None:
    answers = [(0.75, True), (0.75, False), (0.95, True)]
    picture = ElementTree.fromstring(reliability_plot("demo & co", reliability(answers)))
    dots = [each for each in picture.iter() if each.tag.endswith("circle")]
    assert [round(float(dot.attrib["cx"])) for dot in dots] == [
        MARGIN + round(SIDE * 0.75),
        MARGIN + round(SIDE * 0.95),
    ]
    assert float(dots[1].attrib["cy"]) < float(dots[0].attrib["cy"])


def test_names_are_found_in_the_sentence_as_it_is_written() -> None:
    [first, second] = tagged(
        "# text = Zoran je u Novom Sadu.\nZoran\tB-PER\nje\tO\nu\tO\nNovom\tB-LOC\nSadu\tI-LOC\n.\tO\n\nLe\tO\nMonde\tB-ORG\n"
    )
    assert {(first.text[start:end], kind) for start, end, kind in first.spans} == {
        ("Zoran", "PER"),
        ("Novom Sadu", "LOC"),
    }
    assert (second.text, second.spans) == ("Le Monde", frozenset({(3, 8, "ORG")}))


def test_sentences_are_changed_as_writers_change_them() -> None:
    assert (
        without_accents("Đorđe Žižka œuvre Győr Tiếng Việt Москва й") == "Dorde Zizka oeuvre Gyor Tieng Viet Москва й"
    )
    assert len(short("word " * 40)) <= 80
    assert with_byline("The bridge is open.").endswith("\nThe bridge is open.")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(TelexError, match="no folder"):
        Data([tmp_path / "none"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Labelled text of each kind, in the form that docs/accuracy.md describes."""
    for name, content in {
        "language/fr.txt": "Le pont sera rouvert mardi, a annoncé le conseil.\nLa ville attend des milliers de visiteurs cet été.\n",
        "language/cy.txt": "Bydd y bont yn agor eto ddydd Mawrth, meddai'r cyngor.\n",
        "sentiment/tweets.french.val.jsonl": json.dumps({"text": "Quel désastre, quelle honte !", "label": "negative"})
        + "\n",
        "sentiment/mine.da.val.jsonl": json.dumps({"text": "En dejlig dag for hele byen.", "label": "positive"}) + "\n",
        "entities/mine.fr.tsv": "Angela\tB-PER\nMerkel\tI-PER\nvisite\tO\nParis\tB-LOC\n.\tO\n",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return tmp_path


def evaluate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", "evaluate", *arguments], capture_output=True, text=True, timeout=240
    )


def test_every_stage_is_measured_on_a_given_folder(folder: Path) -> None:
    done = evaluate(*STAGE_NAMES, "grouping", "--data", str(folder))
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    tables = {row["table"] for row in rows}
    assert {
        "language",
        "language_by_language",
        "not_language",
        "entities",
        "places",
        "sentiment",
        "sentiment_others",
    } <= tables
    assert [row["texts"] for row in rows if row["table"] == "sentiment"] == ["tweets, fr", "mine, da"]
    [names] = [row for row in rows if row["table"] == "entities"]
    assert (names["language"], names["F1"]) == ("fr", 1.0)
    assert {row["part"] for row in rows if row["table"] == "grouping"} == set(PARTS)
    assert [row["sentences"] for row in rows if row["table"] == "language_by_language"] == [1, 2]


def test_an_unknown_stage_and_a_missing_folder_are_named(folder: Path) -> None:
    for wrong, said in {("grammar",): "grammar", ("--data", str(folder / "none")): "no folder"}.items():
        done = evaluate(*wrong)
        assert (done.returncode, done.stdout) == (1 if "--data" in wrong else 2, "")
        assert said in done.stderr
