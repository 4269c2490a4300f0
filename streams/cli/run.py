"""`telex up`, `telex broker` and `telex worker`: the commands that run until they are stopped."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer

from streams import logs
from streams.cli.help_text import OPERATE, examples
from streams.cli.terminal import choice_argument, json_line, out, progress, tell
from streams.errors import TelexError
from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings, load
from streams.stages import ALL_TOPICS, SENDER, STAGES, TASKS, WORKERS, stage
from streams.system.ports import free_port
from streams.web.access import token_of
from streams.worker.supervisor import BACK_OFF_S, TEND_INTERVAL_S, WEB, Supervisor, ports_after, require_free
from streams.worker.webhooks.signing import are_set

logger = logging.getLogger(__name__)

# Seconds after which a start says what it still waits for. Loading the models takes 10 on a slow machine.
SLOW_START_S = 30.0

Stage = Annotated[str, choice_argument(f"One of {', '.join(WORKERS)}.", WORKERS, "STAGE")]


def register(app: typer.Typer) -> None:
    """Add the commands to `telex`."""
    app.command(
        rich_help_panel=OPERATE,
        epilog=examples("telex up", "telex up --no-broker # on the cluster of TELEX_BOOTSTRAP_SERVERS"),
    )(up)
    app.command(rich_help_panel=OPERATE, epilog=examples("telex broker", "telex broker --port 19092"))(broker)
    app.command(
        rich_help_panel=OPERATE,
        epilog=examples(
            "telex worker entities",
            "telex worker entities --processes 4 --web-port 8612 # beside the first one",
            "telex worker stories --web-port 8604",
        ),
    )(worker)


def up(
    no_broker: Annotated[
        bool, typer.Option("--no-broker", help="Use the cluster of TELEX_BOOTSTRAP_SERVERS, not the embedded broker.")
    ] = False,
) -> None:
    """Run everything: the embedded broker, the topics, one worker of each stage, and the web page, until Ctrl-C.

    The webhooks worker runs where a secret for webhooks is set.
    """
    settings = load()
    logs.set_up(settings.log_level, settings.log_format, "up")
    if not no_broker:
        _require_no_cluster(settings)
    token_of(settings)  # an open page is refused before anything starts
    ports = {WEB: settings.web_port or free_port(), **ports_after(settings.web_port)}
    if not are_set(settings):
        del ports[SENDER.name]
    require_free(settings.web_host, ports)
    with interrupts(), ExitStack() as stack:
        embedded = None if no_broker else stack.enter_context(started_broker(settings))
        if embedded:
            settings = load(bootstrap_servers=embedded.bootstrap_servers)
        topics.create(settings)
        environment = {"TELEX_BOOTSTRAP_SERVERS": settings.bootstrap_servers}
        supervisor = Supervisor(ports, settings.web_host, environment, first=STAGES)
        stack.callback(supervisor.stop)
        wait_until_ready(supervisor, lambda: _keep_running(embedded))
        _announce(settings, ports)
        stack.callback(tell, "[dim]Stopping: the workers finish what they have …[/]")
        while True:
            supervisor.tend()
            _keep_running(embedded)
            time.sleep(TEND_INTERVAL_S)


def broker(
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port to listen on, 0 for a free one; by default TELEX_BROKER_PORT."),
    ] = None,
) -> None:
    """Run only the embedded broker, which is Apache Kafka, until Ctrl-C. Its data stays on the disk."""
    settings = load(broker_port=port)
    logs.set_up(settings.log_level, settings.log_format, "broker")
    with interrupts(), started_broker(settings) as embedded:
        if out.is_terminal:
            out.print(
                f"Apache Kafka listens on [bold]{embedded.bootstrap_servers}[/], its data is in {settings.data_dir}. "
                "Ctrl-C stops it."
            )
            _tell_how_to_connect(embedded.bootstrap_servers)
        else:
            json_line({"event": "ready", "bootstrap_servers": embedded.bootstrap_servers, "pid": embedded.pid})
        while embedded.poll() is None:
            time.sleep(TEND_INTERVAL_S)
        embedded.raise_ended()


def worker(
    stage_name: Stage,
    processes: Annotated[
        int | None, typer.Option(min=1, help="Number of analysis processes; by default TELEX_PROCESSES.")
    ] = None,
    web_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of metrics and health, 0 for a free one; by default TELEX_WEB_PORT."),
    ] = None,
) -> None:
    """Run one worker of one stage. Start more workers, here or elsewhere, and they share the articles.

    Only one worker of `stories` is active, because it needs all articles in one order. The others stand by.

    An analyser that is installed beside Telex replaces Telex's own analyser of the stage.
    `telex models` shows which analysers are used, and docs/analysers.md shows how to make one.
    """
    settings = load(processes=processes, web_port=web_port)
    if stage_name in TASKS:
        from streams.sequential.sequential_worker import run as run_task

        run_task(settings, TASKS[stage_name])
    # Imported here: it loads Faust, which no other command needs.
    from streams.worker.process import run

    run(settings, stage(stage_name))


@contextmanager
def started_broker(settings: Settings) -> Iterator[EmbeddedBroker]:
    """Start the embedded broker and stop it at the end. A progress bar shows the first download of its jars."""
    with progress() as bar:
        task = bar.add_task("Apache Kafka", total=None)

        def show_progress(done: int, total: int) -> None:
            bar.update(task, description="Fetching Apache Kafka", completed=done, total=total)

        embedded = EmbeddedBroker(settings.data_dir, settings.cache_dir, settings.broker_port, progress=show_progress)
        embedded.start()
    with embedded:
        yield embedded


@contextmanager
def interrupts() -> Iterator[None]:
    """Make SIGTERM end a command in order, as Ctrl-C does. Once one of the two has come, further ones are ignored."""

    def interrupt(number: int, _: object) -> None:
        for ignored in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ignored, signal.SIG_IGN)
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(0)

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, action in before.items():
            if signal.getsignal(number) is interrupt:
                signal.signal(number, action)


def wait_until_ready(supervisor: Supervisor, check: Callable[[], None] = lambda: None) -> None:
    """Tend the workers until all are ready. When that takes long, log what they wait for.

    Args:
        supervisor: runs the workers.
        check: is called every TEND_INTERVAL_S. An exception that it raises ends the wait.
    """
    # A line and no progress bar: the workers write their messages to the same terminal.
    tell("[dim]Loading the models …[/]")
    begin = last_warning = time.monotonic()
    while True:
        supervisor.tend()
        waiting = supervisor.waiting()
        if not waiting:
            return
        check()
        now = time.monotonic()
        if now - last_warning > SLOW_START_S:
            last_warning = now
            why = ", ".join(f"{name} ({reason})" for name, reason in waiting.items())
            logger.warning("After %.0f s these are not ready: %s.", now - begin, why)
        time.sleep(TEND_INTERVAL_S)


def _require_no_cluster(settings: Settings) -> None:
    """Raises TelexError when the settings name a cluster, which `telex up` would not use beside the embedded broker."""
    embedded_broker_addresses = {f"{host}:{settings.broker_port}" for host in ("127.0.0.1", "localhost")}
    names_servers = "bootstrap_servers" in settings.model_fields_set
    is_elsewhere = names_servers and settings.bootstrap_servers not in embedded_broker_addresses
    if is_elsewhere or settings.security_protocol != "PLAINTEXT":
        raise TelexError(
            f"The settings name a cluster ({settings.bootstrap_servers}, {settings.security_protocol}): use it with "
            "`telex up --no-broker`, or unset TELEX_BOOTSTRAP_SERVERS and TELEX_SECURITY_PROTOCOL."
        )


def _keep_running(embedded: EmbeddedBroker | None) -> None:
    """Start the embedded broker again if it has ended. Raises TelexError when it does not start."""
    if embedded and embedded.poll() is not None:
        logger.warning("%s It starts again.", embedded.why_ended())
        time.sleep(BACK_OFF_S)
        embedded.start()


def _tell_how_to_connect(bootstrap_servers: str) -> None:
    """Print the setting that other terminals need to use this broker, where they need one."""
    if bootstrap_servers != load().bootstrap_servers:
        out.print(f"In other terminals first: [bold]export TELEX_BOOTSTRAP_SERVERS={bootstrap_servers}[/]")


def _announce(settings: Settings, ports: dict[str, int]) -> None:
    """Print the addresses of the page, the broker and the metrics, and what to do next; in a pipe one JSON line."""
    urls = {name: f"http://{settings.web_host}:{port}/metrics" for name, port in ports.items()}
    page = f"http://{settings.web_host}:{ports[WEB]}/"
    if not out.is_terminal:
        json_line(
            {
                "event": "ready",
                "bootstrap_servers": settings.bootstrap_servers,
                "topics": [settings.topic(topic) for topic in ALL_TOPICS],
                "metrics": urls,
                "web": page,
            }
        )
        return
    out.print(f"[bold green]Telex is up.[/] The page: [bold]{page}[/]")
    out.print(f"Kafka: [bold]{settings.bootstrap_servers}[/], metrics:")
    for name, url in urls.items():
        out.print(f"  {name:10} {url}")
    _tell_how_to_connect(settings.bootstrap_servers)
    out.print(
        "Now, in other terminals: [bold]telex subscribe[/] and [bold]telex publish FILE…[/]. Ctrl-C stops everything."
    )
