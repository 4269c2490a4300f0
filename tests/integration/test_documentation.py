"""The README and the pages of docs/ are true: their commands and programs run, and their tables match the code."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import typer
from kafka import KafkaProducer

from streams import Publisher
from streams.dead_letters import error_headers
from streams.errors import Reason
from streams.records import NotAnalysedReason, headers
from streams.settings import Settings
from streams.stages import ALL_TOPICS, ENRICHED, STAGES
from tests.support import command_line
from tests.support.commands import RunTelex
from tests.support.independent_reader import read
from tests.support.processes import WorkerProcess, environment, wait_for
from tests.support.whole_pipeline import WholePipeline

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [
    *sorted(ROOT.glob("*.md")),
    ROOT / "examples/README.md",
    ROOT / "training/README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def blocks(language: str, text: str = README) -> list[str]:
    """The code blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """Every `telex` command of a page, in its blocks and in its sentences."""
    in_blocks = [line.split("#")[0].strip() for block in blocks("sh", text) for line in block.splitlines()]
    in_sentences = re.findall(r"`(telex [^`\n]+)`", text)
    return [found[0] for line in [*in_blocks, *in_sentences] if (found := re.search(r"(?:^|\| )telex .*", line))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_on_a_page_exists_with_its_options(page: Path) -> None:
    for command in commands(page.read_text()):
        words = shlex.split(re.split(r"[|>]", command.removeprefix("| "))[0])[1:]
        at = command_line.ROOT
        while hasattr(at, "commands") and words and not words[0].startswith("-"):
            assert words[0] in at.commands, command
            at = at.commands[words.pop(0)]
        at.make_parser(typer.Context(at, resilient_parsing=True)).parse_args(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_links_to_exists(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_on_a_page_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = page.read_text()
    lines = [line for block in blocks("sh", text) for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", text)
    assert {line.split()[1] for line in lines if line.startswith("make ") and "=" not in line.split()[1]} <= targets


def test_the_commands_and_programs_of_the_readme_run(whole_pipeline: WholePipeline, tmp_path: Path) -> None:
    settings = whole_pipeline[0]
    shown = [line.split("    #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    runnable = [
        line
        for line in shown
        if re.search(r"telex (publish seeds/[a-z]|publish -(?!-)|subscribe --from|status|dead)", line)
    ]
    assert len(runnable) == 11
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    programs = [block for block in blocks("python") if "from streams import" in block]
    assert len(programs) == 2
    with Publisher(settings) as publisher:
        publisher.publish({"id": "biden", "text": "Joe Biden spoke in Washington on Tuesday about the budget."})
    # Publishing comes first: the page shows two terminals side by side.
    for line in sorted(runnable, key=lambda line: "publish" not in line):
        if "subscribe" in line:
            line += " --timeout 60"
        line = line.replace(" > enriched.jsonl --timeout 60", " --timeout 60 > enriched.jsonl")
        done = run(["bash", "-euo", "pipefail", "-c", line], settings, tmp_path)
        assert done.returncode == 0, (line, done.stderr)
    assert len((tmp_path / "enriched.jsonl").read_text().splitlines()) == 3
    for program in programs:
        done = run([sys.executable, "-W", "ignore", "-c", program], settings, tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout


def run(command: list[str], settings: Settings, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        command,
        env=environment(settings, PATH=path),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_article_of_the_readme_comes_out_as_shown(whole_pipeline: WholePipeline) -> None:
    raw = blocks("json")[0].strip()
    shown = json.loads(blocks("json", README[README.index("<!-- enriched -->") :])[0])
    with Publisher(whole_pipeline[0]) as publisher:
        assert publisher.publish(raw.encode()) == shown["id"]
    wait_for(lambda: [record for record in read(whole_pipeline[0], ENRICHED) if record.key == b"my-1"], 60)
    out = next(record for record in read(whole_pipeline[0], ENRICHED) if record.key == b"my-1")
    record = json.loads(out.value)
    # The last digits of the encoder's probabilities depend on the kind of processor.
    given, expected = (each["sentiment"].pop("probabilities") for each in (record, shown))
    assert given == pytest.approx(expected, abs=0.002)
    for figure in ("score", "confidence"):
        assert record["sentiment"].pop(figure) == pytest.approx(shown["sentiment"].pop(figure), abs=0.002)
    assert record == shown


def test_the_stage_of_the_readme_runs_when_it_is_added_as_described(kafka: Settings, tmp_path: Path) -> None:
    (module,) = (block for block in blocks("python") if "The length stage" in block)
    (pipeline,) = (block for block in blocks("python") if block.startswith("STAGE_NAMES = "))
    for package in ("streams", "agents"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (target,) = (block for block in blocks("python") if block.startswith("STAGE = "))
    (tmp_path / "agents" / "length").mkdir()
    (tmp_path / "agents" / "length" / "__init__.py").touch()
    (tmp_path / "agents" / "length" / "agent.py").write_text(module)
    for file, line, added in (
        ("streams/stages.py", r"^STAGE_NAMES = [^\n]*\n", pipeline),
        ("agents/sentiment/agent.py", r"^STAGE = .*?^\)\n", target),
    ):
        before = (tmp_path / file).read_text()
        (tmp_path / file).write_text(re.sub(line, added, before, flags=re.MULTILINE | re.DOTALL))
        assert (tmp_path / file).read_text() != before
    copy = {"PYTHONPATH": str(tmp_path)}
    created = run_in(tmp_path, kafka, "topics", **copy)
    assert f"{kafka.topic_prefix}articles.sentiment" in created
    with WorkerProcess(kafka, "length", environment(kafka, **copy), folder=tmp_path).wait_ready() as worker:
        value = {
            "id": "x",
            "text": "six words are in this text",
            "language": {"status": "not_analysed", "reason": "language_unknown"},
        }
        producer = KafkaProducer(bootstrap_servers=kafka.bootstrap_servers)
        producer.send(kafka.topic_prefix + "articles.sentiment", key=b"x", value=json.dumps(value).encode()).get(20)
        producer.close()
        wait_for(lambda: read(kafka, ENRICHED), 30, lambda: worker.log.read_text())
    (record,) = read(kafka, ENRICHED)
    assert json.loads(record.value)["length"] == {"status": "analysed", "model": "length/1", "words": 6, "minutes": 0.0}
    assert dict(record.headers)["ce_type"] == b"telex.article.enriched"


def run_in(folder: Path, settings: Settings, *arguments: str, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", *arguments],
        env=environment(settings, **more),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readme_has_the_number_of_languages_that_telex_models_lists(kafka: Settings, run_telex: RunTelex) -> None:
    rows = [json.loads(line) for line in run_telex(kafka, "models")[1]]
    count = len([row for row in rows if row["stage"] == "language"])
    assert re.search(rf"^\| language \| .* \| {count} \|$", README, re.MULTILINE)


def test_the_page_on_records_names_every_header_reason_and_topic() -> None:
    page = (ROOT / "docs" / "records.md").read_text()
    named = set(re.findall(r"`([a-z0-9_.\-]+)`", page))
    header_names = {name for name, _ in headers.event("x", "raw", "s", (), 0.0)} | set(error_headers.NAMES)
    reasons = {reason.value for reason in Reason} | set(get_args(NotAnalysedReason))
    assert header_names | reasons | set(ALL_TOPICS) <= named
    assert {f"telex.article.{kind}" for kind in ("raw", "enriched", *list(STAGES)[:-1])} <= named
