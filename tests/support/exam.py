"""The results of the exam: what each part did, what became of the articles, and the figures.

Every test that is a part carries `@pytest.mark.part(number, "what is done")` and takes the fixture `part`. Its result
goes to a file under `build/trust/`, also when it failed. `python -m tests.support.exam` makes the tables of
docs/trust.md from these files.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil

from tests.support.checker import Verdict
from tests.support.processes import HOSTILE_MODEL

ROOT = Path(__file__).parents[2]
# `make trust FULL=1` is the long form.
FULL = bool(os.environ.get("TELEX_TRUST_FULL"))
FORM = "full" if FULL else "short"
RESULTS = ROOT / "build" / "trust"
PAGE = ROOT / "docs" / "trust.md"

T = TypeVar("T")


def pick(short: T, full: T) -> T:
    """The value for the form of the exam that runs."""
    return full if FULL else short


# TELEX_NER_MODELS for a part that is not about the analyses. Every start of a worker loads models, so the short form
# has the real ones of the entities stage in a few parts only.
NER_MODELS = pick(HOSTILE_MODEL, "")


@dataclass
class Figure:
    """A measured quantity.

    Attributes:
        name: the name of the quantity in the published table.
        values: one value for each measurement.
        unit: the unit of the values; empty for a count.
        goal: the aim, in words; empty if there is none.
    """

    name: str
    values: list[float]
    unit: str = ""
    goal: str = ""


@dataclass
class Part:
    """The result of one part.

    Attributes:
        number: the number of the part in the exam.
        what: what is done to the pipeline, in a sentence.
        test: the name of the test.
        extent: how often or how much, in this form of the exam.
        breaches: the breaches of the invariant; empty if it holds.
    """

    number: int
    what: str
    test: str
    extent: str = ""
    records: int = 0
    enriched: int = 0
    dead: int = 0
    copies: int = 0
    breaches: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    outcome: str = "not run"
    seconds: float = 0.0
    date: str = ""
    commit: str = ""
    machine: str = ""

    def add(self, verdict: Verdict) -> Verdict:
        """Add a verdict to the result, and fail if the invariant does not hold."""
        self.records += verdict.records
        self.enriched += verdict.enriched
        self.dead += verdict.dead
        self.copies += verdict.copies
        self.breaches += verdict.breaches
        assert verdict.holds, "\n".join(verdict.breaches[:20])
        return verdict

    def add_figure(self, name: str, values: Sequence[float] | float, unit: str = "", goal: str = "") -> None:
        """Add a figure to the result."""
        measured = [values] if isinstance(values, int | float) else list(values)
        assert measured, f"nothing was measured for {name!r}"
        self.figures.append(Figure(name, measured, unit, goal))

    def save(self, outcome: str, seconds: float) -> None:
        """Write the result to its file."""
        self.outcome, self.seconds, self.date = outcome, seconds, time.strftime("%Y-%m-%d")
        self.commit, self.machine = _commit(), _machine()
        folder = RESULTS / FORM
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.number:02}-{self.test}.json").write_text(
            json.dumps(asdict(self), indent=1, ensure_ascii=False)
        )


def _commit() -> str:
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _machine() -> str:
    memory = psutil.virtual_memory().total / 1e9
    return f"{os.cpu_count()} processors, {memory:.0f} GB, Python {platform.python_version()}, {platform.system()}"


def load(form: str = FORM) -> list[Part]:
    """The saved results, in the order of the parts."""
    found = [json.loads(path.read_text()) for path in sorted((RESULTS / form).glob("*.json"))]
    return [Part(**{**each, "figures": [Figure(**figure) for figure in each["figures"]]}) for each in found]


def table(parts: Sequence[Part]) -> str:
    """A Markdown table of the parts, and one of their figures."""
    lines = [
        "| part | what is done | records | enriched | dead letters | copies | lost | outcome | took |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for part in parts:
        lost = str(sum("neither an output" in breach for breach in part.breaches)) if part.records else "–"
        counts = [
            f"{count:,}" if part.records else "–" for count in (part.records, part.enriched, part.dead, part.copies)
        ]
        what = f"{part.what}: {part.extent}" if part.extent else part.what
        lines.append(
            f"| {part.number} | {what} | {' | '.join(counts)} | {lost} | {part.outcome} | {_duration(part.seconds)} |"
        )
    lines += ["", "| part | figure | median | worst | tries | goal |", "|---|---|---|---|---|---|"]
    for part in parts:
        for each in part.figures:
            cells = [_value(statistics.median(each.values), each.unit), _value(max(each.values), each.unit)]
            lines.append(f"| {part.number} | {each.name} | {' | '.join(cells)} | {len(each.values)} | {each.goal} |")
    return "\n".join(lines)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _value(value: float, unit: str) -> str:
    shown = f"{value:,.0f}" if (value == int(value) and abs(value) >= 1) or value == 0 else f"{value:,.2f}"
    return f"{shown} {unit}".strip()


def summary(form: str) -> str:
    """The saved results of a form, with their dates, machines and commits."""
    parts = load(form)
    if not parts:
        return f"No part of the {form} exam has been run here."
    command = "make trust FULL=1" if form == "full" else "make trust"
    dates, commits, machines = (
        sorted({getattr(part, name) for part in parts}) for name in ("date", "commit", "machine")
    )
    head = f"`{command}`, {' and '.join(dates)}, {'; '.join(machines)}, commit {', '.join(commits)}."
    return f"{head}\n\n{table(parts)}"


def publish(page: str) -> str:
    """The page with new tables between its markers, for the forms that have results here.

    Raises:
        ValueError: the results of a form are incomplete, and the page would lose its results of the other parts.
    """
    for form in ("short", "full"):
        begin, end = f"<!-- {form} -->\n", f"<!-- end of {form} -->"
        parts = load(form)
        if parts:
            head, rest = page.split(begin)
            before, after = rest.split(end, 1)
            rows = before.split("| part | figure |")[0].splitlines()
            present = tuple(f"| {part.number} | {part.what}" for part in parts)
            missing = [row for row in rows if row.startswith("| ") and row[2].isdigit() and not row.startswith(present)]
            if missing:
                raise ValueError(
                    f"{RESULTS / form} has no result of these parts of {PAGE.name}, run them too:\n"
                    + "\n".join(missing)
                )
            page = f"{head}{begin}{summary(form)}\n{end}{after}"
    return page


def main(arguments: Sequence[str]) -> None:
    """Print the tables, or write them into docs/trust.md with the argument `publish`."""
    if list(arguments) == ["publish"]:
        try:
            page = publish(PAGE.read_text())
        except ValueError as error:
            sys.exit(str(error))
        PAGE.write_text(page)
        print(f"{PAGE} now has the figures of this machine.")
    else:
        print("\n\n".join(summary(form) for form in ("short", "full")))


if __name__ == "__main__":
    main(sys.argv[1:])
