"""An analyser of one's own: installed, it does a stage's work, and one that cannot be used stops the stage."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from streams.errors import Reason, TelexError
from streams.records import (
    ANALYSES,
)
from streams.records.outcomes import Dead, Done, Outcome
from streams.stages import STAGE_NAMES
from streams.worker.process_pool import Pool
from tests.support.distributions import EXAMPLE, install, install_example

SWAHILI = "Wananchi wa mji huo walisherehekea ushindi wa timu yao kwa furaha na shangwe kubwa."

ENGLISH = "The town celebrated the wonderful victory of its brave team on Saturday."


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example of the documentation."""
    return install_example(tmp_path_factory.mktemp("installed"))


def identified(text: str, language: str) -> bytes:
    """A record for the sentiment stage."""
    return json.dumps(
        {
            "id": text[:9],
            "text": text,
            "language": {"status": "analysed", "model": "m", "code": language, "confidence": 1},
        }
    ).encode()


def analysed(path: Path | str, monkeypatch: pytest.MonkeyPatch, *values: bytes) -> list[Outcome]:
    """The outcomes of the records in a real analysis process of the sentiment stage.

    Args:
        path: the folders with the installed packages.
    """
    monkeypatch.setenv("PYTHONPATH", str(path))

    async def run() -> list[Outcome]:
        pool = Pool("sentiment", 1, 60, lambda cause: None)
        try:
            await pool.start()
            return await pool.analyse(values)
        finally:
            await pool.stop()

    return asyncio.run(run())


def sentiments(outcomes: Sequence[Outcome]) -> list[dict[str, object]]:
    return [json.loads(outcome.value)["sentiment"] for outcome in outcomes if isinstance(outcome, Done)]


def telex(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("telex")), *arguments]
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_example_analyses_its_own_language_and_leaves_the_others_to_telex(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = [
        identified(ENGLISH, "en"),
        identified(SWAHILI, "sw"),
        identified("Neno moja tu.", "sw"),
        identified("Een mooie dag.", "xx"),
    ]
    with_it = sentiments(analysed(example, monkeypatch, *values))
    assert [found["model"] for found in with_it[:3]] == [
        "telex-sentiment-encoder/2",
        "own-sentiment/1.0",
        "own-sentiment/1.0",
    ]
    assert [found.get("label") for found in with_it] == ["positive", "positive", "neutral", None]
    without = sentiments(analysed(tmp_path, monkeypatch, *values))
    assert without[1] == {"status": "not_analysed", "reason": "no_model_for_language"}
    assert [without[0], without[3]] == [with_it[0], with_it[3]]


def test_the_page_on_analysers_shows_the_settings_of_the_example() -> None:
    page = (EXAMPLE.parents[1] / "docs" / "analysers.md").read_text()
    [shown] = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert shown in (EXAMPLE / "pyproject.toml").read_text()
    assert all(f"`{stage}`" in page for stage in ANALYSES)


def test_telex_models_names_the_analyser_of_every_stage(example: Path) -> None:
    rows = [json.loads(line) for line in telex(example, "models").stdout.splitlines()]
    assert {(row["stage"], row["analyser"].split()[0]) for row in rows} == {
        ("language", "telex"),
        ("entities", "telex"),
        ("sentiment", "own-sentiment"),
    }
    assert {
        "stage": "sentiment",
        "language": "sw",
        "model": "own-sentiment/1.0",
        "analyser": "own-sentiment 1.0",
    } in rows


def test_an_analyser_in_the_current_folder_alone_is_not_installed(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(example)
    assert "reason" in sentiments(analysed(tmp_path, monkeypatch, identified(SWAHILI, "sw")))[0]


@pytest.mark.parametrize(
    ("code", "stage", "message"),
    [
        ("import no_such_module", "sentiment", "The sentiment analyser of broken 1.0 cannot be imported (ModuleNotFoundError: No module named 'no_such_module'): correct it or uninstall it."),
        ("1 / 0", "sentiment", "The sentiment analyser of broken 1.0 cannot be imported (ZeroDivisionError: division by zero): correct it or uninstall it."),
        ("def load(languages=()): pass", "sentiment", "The sentiment analyser of broken 1.0, broken, has no function analyse and no models: define what is missing, or uninstall it."),
        ("", "sentimnet", f"broken 1.0 offers an analyser for 'sentimnet': the stages are {', '.join(STAGE_NAMES)}."),
    ],
)  # fmt: skip
def test_an_analyser_that_cannot_be_used_stops_the_stage_with_its_name(
    code: str, stage: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install(tmp_path, "broken", code, stage)
    with pytest.raises(TelexError) as error:
        analysed(folder, monkeypatch, identified(ENGLISH, "en"))
    assert str(error.value) == message
    done = telex(folder, "models")
    assert (done.returncode, done.stderr) == (1, f"telex: {message}\n")


def test_two_analysers_of_one_stage_stop_it_with_both_names(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install(tmp_path, "another-sentiment", "")
    with pytest.raises(TelexError) as error:
        analysed(f"{folder}{os.pathsep}{example}", monkeypatch, identified(ENGLISH, "en"))
    assert str(error.value) == (
        "The sentiment stage has several analysers, of another-sentiment 1.0 and of own-sentiment 1.0: uninstall all but one."
    )


CARELESS = """
from streams.records import NotAnalysed, Probabilities, Sentiment

def load(languages=()): pass
def models(): return {"en": "careless/1"}
def one(article):
    word = article.text.split()[0]
    if word == "Dict": return {"status": "analysed", "label": "positive"}
    if word == "Liar": return Sentiment(model="c/1", label="positive", score=0.9, confidence=0.9, probabilities=Probabilities(negative=0.9, neutral=0.1, positive=0.0))
    if word == "Many": return Sentiment(model="c/1", label="positive", score=9, confidence=0.9, probabilities=Probabilities(negative=0, neutral=0, positive=1))
    if word == "Reason": return NotAnalysed(reason="no_idea")
    if word == "Object": return Sentiment(model=object(), label="positive", score=1, confidence=1, probabilities=None)
    return Sentiment(model="c/1", label="neutral", score=0.0, confidence=1.0, probabilities=Probabilities(negative=0, neutral=1, positive=0))
def analyse(articles):
    return [one(article) for article in articles if not article.text.startswith("Dropped")]
"""


def test_a_wrong_result_of_an_analyser_becomes_a_dead_letter_with_the_reason_and_right_results_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = {
        "Dict": "of the type dict",
        "Liar": "`confidence` is not the probability of `label`",
        "Many": "<= 1.0 - at `$.score`",
        "Reason": "Invalid enum value 'no_idea' - at `$.reason`",
        "Object": "unsupported",
        "Dropped": "The sentiment analyser gave 0 results for 1 articles: it must give one for each.",
    }
    texts = ["Right first.", *messages, "Right last."]
    outcomes = analysed(
        install(tmp_path, "careless", CARELESS), monkeypatch, *(identified(text, "en") for text in texts)
    )
    assert len(outcomes) == len(texts)
    for text, outcome in zip(texts, outcomes, strict=True):
        if text.startswith("Right"):
            assert isinstance(outcome, Done)
            assert json.loads(outcome.value)["text"] == text
        else:
            assert isinstance(outcome, Dead)
            assert outcome.reason is Reason.ANALYSIS_FAILED
            assert messages[text] in outcome.message


NEUTRAL = """
from streams.records import Probabilities, Sentiment

NOTHING = Sentiment(model="n/1", label="neutral", score=0.0, confidence=1.0, probabilities=Probabilities(negative=0, neutral=1, positive=0))

def load(languages=()): pass
def models(): return {"en": "n/1"}
def analyse(articles): return [NOTHING for _ in articles]
"""


def test_telex_evaluate_measures_the_installed_analyser(tmp_path: Path) -> None:
    tweets = tmp_path / "data" / "sentiment" / "tweets.english.val.jsonl"
    tweets.parent.mkdir(parents=True)
    tweets.write_text(json.dumps({"text": "What a disaster, what a shame!", "label": "negative"}) + "\n")
    found = []
    for folder in (tmp_path, install(tmp_path / "installed", "neutral", NEUTRAL)):
        done = telex(folder, "evaluate", "sentiment", "--data", str(tmp_path / "data"))
        [row] = [row for row in map(json.loads, done.stdout.splitlines()) if row["table"] == "sentiment"]
        found.append(row["macro-F1"])
    assert found == [pytest.approx(1 / 3, abs=1e-4), 0]
