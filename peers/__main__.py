"""`python -m peers`: compares Telex with other Kafka clients on this machine."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from peers.comparison import Plan, compare
from peers.report import PAGE, introduction, publish, terminal_table
from peers.systems import SYSTEMS
from streams.cli.help_text import examples
from streams.cli.run import interrupts
from streams.cli.terminal import FormatOption, complain, json_line, out, progress, tell, wants_json
from streams.errors import TelexError

DEFAULTS = Plan()

app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False, add_completion=False)


@app.command(
    epilog=examples(
        "python -m peers",
        "python -m peers telex faust --kills 50",
        "python -m peers --delay 3 --rate 0.2 --articles 8 --rounds 1",
        "python -m peers --publish",
        "python -m peers --format json > peers.json",
    )
)
def main(
    systems: Annotated[
        list[str] | None,
        typer.Argument(help=f"Some of {', '.join(SYSTEMS)}; by default all.", metavar="[SYSTEM…]", show_default=False),
    ] = None,
    articles: Annotated[int, typer.Option(min=1, help="Articles that are sent at once.")] = DEFAULTS.articles,
    rounds: Annotated[int, typer.Option(min=1, help="How often they are sent.")] = DEFAULTS.rounds,
    kills: Annotated[int, typer.Option(min=0, help="Workers that are killed.")] = DEFAULTS.kills,
    rate: Annotated[float, typer.Option(min=0.1, help="Articles a second meanwhile.")] = DEFAULTS.rate,
    seed: Annotated[int, typer.Option(help="Seed of the schedule of kills.")] = DEFAULTS.seed,
    delay: Annotated[
        float, typer.Option(min=0, help="Seconds that each analysis takes longer, as if it asked a large model.")
    ] = DEFAULTS.delay_s,
    to_page: Annotated[
        bool, typer.Option("--publish", help="Write the table and the picture into docs/peers.md too.")
    ] = False,
    form: FormatOption = None,
) -> None:
    """Compare Telex with other Kafka clients that do the same analyses: speed, cost, and lost articles.

    Each system takes 5 to 20 minutes: most clients wait up to a minute after a killed worker. Do not use the machine
    for anything else meanwhile.
    """
    names = list(dict.fromkeys(systems or SYSTEMS))
    for name in names:
        if name not in SYSTEMS:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(SYSTEMS)}")
    if to_page and names != list(SYSTEMS):
        raise typer.BadParameter("--publish needs all systems: the page shows each of them")
    plan = Plan(articles=articles, rounds=rounds, kills=kills, rate=rate, seed=seed, delay_s=delay)
    with interrupts(), progress() as bar:
        task = bar.add_task("", total=plan.steps * len(names))
        done = compare(
            names,
            plan,
            begin=lambda name: bar.update(task, description=SYSTEMS[name].title),
            step=lambda: bar.advance(task),
        )
    if to_page:
        publish(done)
        tell(f"{PAGE} has these figures.")
    if wants_json(form):
        json_line(done)
    else:
        out.print(introduction(done), "")
        out.print(terminal_table(done))


if __name__ == "__main__":
    try:
        app(prog_name="python -m peers")
    except TelexError as error:
        complain(str(error))
        sys.exit(1)
