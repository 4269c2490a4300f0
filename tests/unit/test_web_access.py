"""Who may read the web page, and what every answer has: a real server, which needs no Kafka for this."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest

from streams.errors import TelexError
from streams.settings import Settings
from streams.web.access import MAX_ATTEMPTS, Access, is_loopback, token_of
from streams.web.guard import HEADERS, MAX_TARGET
from streams.web.rate_limit import RateLimit
from streams.web.web_application import STATIC
from tests.support.processes import wait_for
from tests.support.web_server import NO_KAFKA, WebServer

TOKEN = "a-token-of-more-than-16-characters"
DATA = ("/articles", "/articles/stream", "/hour", "/stories", "/watches", "/status", "/sources")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(bootstrap_servers=NO_KAFKA, data_dir=tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="module")
def open_server(settings: Settings) -> Iterator[WebServer]:
    """A server that asks for no token."""
    with WebServer(settings) as server:
        yield server


@pytest.fixture(scope="module")
def closed_server(settings: Settings) -> Iterator[WebServer]:
    """A server that asks for a token, also for its metrics."""
    with WebServer(settings, TELEX_WEB_TOKEN=TOKEN, TELEX_WEB_PROTECT_METRICS="true") as server:
        yield server


@pytest.mark.parametrize("path", [*DATA, "/metrics"])
def test_with_a_token_nobody_reads_anything_without_it(path: str, closed_server: WebServer) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": "telex-session=wrong"}, {"Authorization": TOKEN}):
        status, text, answered = closed_server.get(path, headers)
        assert (status, answered["WWW-Authenticate"]) == (401, "Bearer")
        assert "token" in json.loads(text)["error"]


def test_the_token_opens_the_metrics(closed_server: WebServer) -> None:
    status, text, _ = closed_server.get("/metrics", {"Authorization": f"Bearer {TOKEN}"})
    assert (status, 'telex_web_requests_total{path="/metrics"' in text) == (200, True)


def test_the_token_is_exchanged_for_a_cookie_that_no_script_can_read(closed_server: WebServer) -> None:
    status, text, headers = closed_server.post("/session", TOKEN.encode())
    assert (status, text) == (204, "")
    cookie, *attributes = headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=strict"} <= set(attributes)
    assert TOKEN not in cookie
    assert closed_server.get("/metrics", {"Cookie": cookie})[0] == 200


def test_a_wrong_token_gets_no_cookie_and_a_large_one_is_not_read(closed_server: WebServer) -> None:
    assert closed_server.post("/session", b"wrong")[0] == 401
    assert closed_server.post("/session", b"x" * 100_000)[0] == 413


def test_the_page_and_the_health_need_no_token(closed_server: WebServer) -> None:
    for path in ("/", "/static/js/main.js", "/livez", "/readyz", "/openapi.json"):
        assert closed_server.get(path)[0] == 200


def test_an_address_cannot_try_tokens_without_end_and_locks_out_no_other() -> None:
    access = Access(TOKEN)
    assert [access.cookie_for("wrong", "192.0.2.1") for _ in range(MAX_ATTEMPTS)] == [None] * MAX_ATTEMPTS
    with pytest.raises(PermissionError):
        access.cookie_for(TOKEN, "192.0.2.1")
    assert access.cookie_for(TOKEN, "192.0.2.2")


def test_behind_a_proxy_with_tls_the_cookie_is_for_https_alone(closed_server: WebServer) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{closed_server.port}/session", data=TOKEN.encode(), headers={"X-Forwarded-Proto": "https"}
    )
    assert "; Secure" in closed_server.ask(request)[2]["Set-Cookie"]
    assert "; Secure" not in closed_server.post("/session", TOKEN.encode())[2]["Set-Cookie"]


def test_the_cookie_is_valid_after_a_restart_and_only_for_its_token() -> None:
    cookie = Access(TOKEN).cookie_for(TOKEN, "192.0.2.1")
    assert cookie
    assert Access(TOKEN).allows({}, {"telex-session": cookie})
    assert not Access(TOKEN + "x").allows({}, {"telex-session": cookie})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "news.example.org"])
def test_an_address_that_others_reach_needs_a_token(host: str, tmp_path: Path) -> None:
    with pytest.raises(TelexError, match="TELEX_WEB_TOKEN"):
        token_of(Settings(web_host=host))
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert token_of(Settings(web_host=host, web_token_file=file)) == TOKEN


def test_the_command_refuses_such_an_address_before_it_listens(settings: Settings) -> None:
    for command in (("web",), ("up",)):
        done = subprocess.run(
            [sys.executable, "-m", "streams.cli", *command],
            env={"TELEX_WEB_HOST": "0.0.0.0", "PATH": "", "HOME": str(settings.data_dir)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert re.fullmatch(r"telex: TELEX_WEB_HOST is 0\.0\.0\.0, .*TELEX_WEB_TOKEN.*\n", done.stderr)


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read"), ("short", "fewer than 16"), ("\xff" * 20, "cannot be read")]
)
def test_a_file_without_a_usable_token_is_refused(content: str | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content.encode("latin-1"))
    with pytest.raises(TelexError, match=f"TELEX_WEB_TOKEN_FILE.*{message}"):
        token_of(Settings(web_token_file=file))


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("LOCALHOST", True),
     ("telex.localhost", True), ("0.0.0.0", False), ("10.0.0.1", False), ("localhost.example.org", False), ("", False)],
)  # fmt: skip
def test_which_names_are_this_machine_alone(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_a_foreign_name_for_this_machine_is_refused(open_server: WebServer) -> None:
    for host in ("attacker.example.org", f"attacker.example.org:{open_server.port}", "10.0.0.1"):
        assert open_server.get("/livez", {"Host": host})[0] == 421
    for host in ("localhost", f"127.0.0.1:{open_server.port}", f"[::1]:{open_server.port}"):
        assert open_server.get("/livez", {"Host": host})[0] == 200


def test_a_page_of_another_site_reads_nothing_and_may_link_here(open_server: WebServer) -> None:
    for site in ("cross-site", "same-site"):
        assert open_server.get("/articles/stream", {"Sec-Fetch-Site": site})[0] == 403
        assert open_server.get("/", {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"})[0] == 200
    _, _, headers = open_server.get("/livez", {"Origin": "https://example.org"})
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("path", ["/", "/static/js/main.js", "/livez", "/articles?nonsense=1", "/nothing"])
def test_every_answer_has_the_security_headers(path: str, open_server: WebServer) -> None:
    _, _, headers = open_server.get(path)
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert headers["Cache-Control"]
    assert "server" not in headers


def test_the_page_has_no_inline_code_and_loads_nothing_from_elsewhere() -> None:
    page = (STATIC / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", page) == []
    files = [page, *(path.read_text() for path in STATIC.rglob("*") if path.suffix in (".js", ".css", ".svg"))]
    addresses = {address for text in files for address in re.findall(r"https?://[^\s\"')]+", text)}
    assert {
        address
        for address in addresses
        if not address.startswith(("http://www.w3.org", "https://www.w3.org", "https://doi.org"))
    } == set()
    assert not [
        text for text in files if re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    ]


def test_scripts_and_styles_have_the_types_that_browsers_ask_for(open_server: WebServer) -> None:
    types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    for path in STATIC.rglob("*"):
        if path.suffix in types:
            _, _, headers = open_server.get(f"/static/{path.relative_to(STATIC)}")
            assert headers["Content-Type"].startswith(types[path.suffix])


@pytest.mark.parametrize("path", ["/static/../application.py", "/static/%2e%2e/application.py", "/static//etc/passwd"])
def test_nothing_but_the_static_files_is_served(path: str, open_server: WebServer) -> None:
    assert open_server.get(path)[0] == 404


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/articles?entty=x", 400, "did you mean entity?"),
        ("/articles?language=french", 400, "language"),
        ("/articles?limit=0", 400, "limit"),
        ("/articles?limit=501", 400, "limit"),
        ("/articles?limit=x", 400, "limit"),
        ("/articles/stream?after=1", 400, "a position looks like"),
        ("/articles?stories=second", 400, "stories"),
        (f"/articles?text={'x' * MAX_TARGET}", 414, "characters"),
        ("/nothing", 404, "Not Found"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(path: str, status: int, message: str, open_server: WebServer) -> None:
    found, text, _ = open_server.get(path)
    assert (found, message in json.loads(text)["error"]) == (status, True)


def test_other_methods_than_get_are_refused(open_server: WebServer) -> None:
    for path in (*DATA, "/"):
        assert open_server.post(path, b"{}")[0] == 405


def test_without_kafka_each_question_is_answered_with_the_reason(open_server: WebServer) -> None:
    paths = ("/articles", "/hour", "/status", "/sources", "/stories", "/watches")
    with ThreadPoolExecutor() as threads:  # each answer takes some seconds
        answers = dict(zip(paths, threads.map(open_server.get, paths), strict=True))
    for path in ("/articles", "/hour", "/status", "/sources"):
        status, text, headers = answers[path]
        assert (status, headers["Retry-After"]) == (503, "2")
        assert NO_KAFKA in json.loads(text)["error"]
    for path in ("/stories", "/watches"):
        assert NO_KAFKA in json.loads(answers[path][1])["message"]
    assert (open_server.get("/readyz")[0], open_server.metric("telex_web_ready")) == (503, 0)
    assert open_server.get("/livez")[0] == 200


def test_a_reader_of_the_stream_is_told_that_kafka_does_not_answer(open_server: WebServer) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{open_server.port}/articles/stream", timeout=60) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert stream.readline() == b"event: problem\n"
        assert NO_KAFKA in json.loads(stream.readline().removeprefix(b"data: "))["reason"]


def test_one_address_cannot_ask_without_end() -> None:
    rates = RateLimit(burst=3, rate=0.001)
    assert [rates.allows("a") for _ in range(5)] == [True, True, True, False, False]
    assert rates.allows("b")


def test_the_addresses_that_are_remembered_are_limited() -> None:
    rates = RateLimit(burst=1, rate=0.001)
    for number in range(10_100):
        rates.allows(str(number))
    assert len(rates._left) == 10_000


def test_a_client_that_sends_half_a_request_is_disconnected(open_server: WebServer) -> None:
    with socket.create_connection(("127.0.0.1", open_server.port), timeout=30) as client:
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: 127")
        with suppress(ConnectionResetError):
            assert client.recv(100) == b""


def test_a_port_in_use_is_named_in_one_line(open_server: WebServer) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", "web", "--port", str(open_server.port)],
        env=open_server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert re.fullmatch(rf"telex: The web page cannot be served on 127\.0\.0\.1:{open_server.port} .*\n", done.stderr)


def test_sigterm_ends_the_server_in_order_also_with_a_reader(settings: Settings) -> None:
    with WebServer(settings) as server:
        stream = urllib.request.urlopen(f"http://127.0.0.1:{server.port}/articles/stream", timeout=60)
        stream.readline()
        server.process.terminate()
        assert server.process.wait(20) == 0
        stream.close()
        log = server.log.read_text().splitlines()
        assert [line for line in log if not line.startswith('{"event":"ready"')] == []


def test_the_description_of_the_addresses_is_valid_and_complete(open_server: WebServer) -> None:
    document = open_server.json("/openapi.json")
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {*DATA, "/metrics", "/livez", "/readyz"}
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    references = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert references <= set(document["components"]["schemas"])


def test_the_metrics_are_those_of_the_documentation(open_server: WebServer) -> None:
    wait_for(lambda: open_server.get("/metrics")[0] == 200, 10)
    text = open_server.get("/metrics")[1]
    families = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    page = (Path(__file__).parents[2] / "docs/metrics.md").read_text()
    documented = set(re.findall(r"^\| `(telex_web_\w+)`", page, re.MULTILINE))
    assert {family for family in families if not family.endswith("_created")} == documented
