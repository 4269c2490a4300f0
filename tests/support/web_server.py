"""A `telex web` as a real process, and readers of its stream."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from streams.settings import Settings
from streams.system.ports import free_port
from tests.support.processes import environment, wait_for

# A server on this port answers no one.
NO_KAFKA = "127.0.0.1:1"


class WebServer:
    """A `telex web`, which is killed at the end of the `with`.

    Args:
        settings: of the cluster.
        more: further environment variables.
    """

    def __init__(self, settings: Settings, **more: str) -> None:
        self.port, self.environment = free_port(), environment(settings, **more)
        self.log = Path(settings.data_dir) / f"web-{self.port}.log"
        self.start()

    def start(self) -> None:
        """Start the process, also once more on the same port, and wait until it listens."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "web", "--port", str(self.port)],
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        wait_for(lambda: self.get("/livez")[0] == 200 or self.process.poll() is not None, 30, self.log.read_text)
        assert self.process.poll() is None, self.log.read_text()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str, Message]:
        """The status, the text and the headers that an address answers; status 0 where nobody answers."""
        return self.ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=dict(headers or {})))

    def post(self, path: str, body: bytes) -> tuple[int, str, Message]:
        """The same for a POST."""
        return self.ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body))

    def ask(self, request: urllib.request.Request) -> tuple[int, str, Message]:
        """The same for any request."""
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), error.headers
        except OSError as error:
            return 0, str(error), Message()

    def json(self, path: str) -> Any:
        """The JSON of an address. The test fails where it is no success."""
        status, text, _ = self.get(path)
        assert status == 200, text
        return json.loads(text)

    def metric(self, line: str) -> float:
        """The sum of the samples whose line begins with `line`; 0 if there are none."""
        lines = self.get("/metrics")[1].splitlines()
        return sum(float(found.rsplit(" ", 1)[1]) for found in lines if found.startswith(line))

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.kill()


class StreamReader:
    """A reader of the stream that connects again when its connection breaks, as a browser does.

    Attributes:
        ids: the ids of the articles that it has got, in their order.
        articles: the articles themselves, to the byte.
        last_id: the id of its last event.
        others: the names of the other events.
    """

    def __init__(self, port: int, query: str = "", last_id: str = "") -> None:
        self.port, self.query, self.last_id = port, query, last_id
        self.ids: list[str] = []
        self.articles: list[bytes] = []
        self.others: list[str] = []
        self.connections = 0

    async def run(self) -> None:
        """Read until the task is cancelled."""
        while True:
            with suppress(OSError):
                await self._read()
            await asyncio.sleep(0.1)

    async def _read(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        try:
            head = f"GET /articles/stream{self.query} HTTP/1.0\r\nHost: 127.0.0.1\r\n"
            writer.write(f"{head}Last-Event-ID: {self.last_id}\r\n\r\n".encode())
            status = await reader.readline()
            if status and b" 200 " not in status:
                raise AssertionError(status + await reader.read())
            self.connections += 1
            while (await reader.readline()).strip():
                pass
            fields: dict[str, str] = {}
            while line := await reader.readline():
                if line == b"\n":
                    self._take(fields)
                    fields = {}
                elif line.endswith(b"\n"):
                    name, _, value = line.decode().rstrip("\n").partition(": ")
                    fields[name] = value
        finally:
            writer.close()

    def _take(self, fields: dict[str, str]) -> None:
        self.last_id = fields.get("id", self.last_id)
        if fields.get("event") == "article":
            self.ids.append(json.loads(fields["data"])["article"]["id"])
            self.articles.append(fields["data"].partition('"article":')[2][:-1].encode())
        elif "event" in fields:
            self.others.append(fields["event"])
