"""TLS, logins and rights on a real Kafka: who gets in, and how clients explain what keeps them out."""

import gc
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from kafka import KafkaProducer
from pydantic import ValidationError

from streams import Publisher, Subscriber
from streams.dead_letters import error_headers
from streams.errors import Reason, TelexError
from streams.kafka import topics
from streams.records.outcomes import Dead
from streams.settings import Settings, load
from streams.stages import DEAD, RAW
from tests.support.commands import RunTelex
from tests.support.dead_letter_records import Origin
from tests.support.processes import WorkerProcess, environment, telex
from tests.support.secured_broker import (
    PASSWORD,
    SCRAM_PASSWORD,
    SecuredBroker,
    secured_broker,
    security_variables,
)

WRONG_PASSWORD = "wrong-Fjord"
LOGIN = {"sasl_username": "telex", "sasl_password": PASSWORD}
REFUSED_LOGIN = r"refused the login: .*TELEX_SASL_USERNAME.*TELEX_SASL_PASSWORD.*TELEX_SASL_MECHANISM\."
FRENCH = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres."


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    with secured_broker(tmp_path_factory.mktemp("secured")) as broker:
        yield broker


def refusal(settings: Settings) -> str:
    """The error of a client that is kept out. It has to be one line."""
    with pytest.raises(TelexError) as refused:
        topics.create(settings)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_every_command_connects_with_a_password(secured: SecuredBroker, tmp_path: Path) -> None:
    settings = secured.settings(tmp_path)
    variables = {**security_variables(settings), "TELEX_LOG_LEVEL": "DEBUG"}
    article = tmp_path / "a.json"
    article.write_text(json.dumps({"id": "a", "text": FRENCH}))
    done = [telex(settings, "topics", **variables)]
    with WorkerProcess(settings, "language", environment(settings, **variables)).wait_ready() as worker:
        done.append(telex(settings, "publish", str(article), **variables))
        options = (
            "--topic",
            "articles.language",
            "--from",
            "beginning",
            "--count",
            "1",
            "--timeout",
            "30",
            "--group",
            "desk",
        )
        done.append(telex(settings, "subscribe", *options, **variables))
        done.append(telex(settings, "status", **variables))
        assert worker.terminate() == 0
        log = worker.log.read_text()
    assert [command.returncode for command in done] == [0, 0, 0, 0], done
    assert done[1].stdout == "a\n"
    assert json.loads(done[2].stdout)["language"]["code"] == "fr"
    assert not any(PASSWORD in text for text in (log, *(command.stdout + command.stderr for command in done)))


@pytest.mark.parametrize(
    ("listener", "more"),
    [
        ("sasl", {"sasl_username": "scram", "sasl_password": SCRAM_PASSWORD, "sasl_mechanism": "SCRAM-SHA-512"}),
        ("tls", {}),
    ],
    ids=["SCRAM", "client certificate"],
)
def test_the_library_and_a_worker_connect_with_scram_and_with_a_client_certificate(
    secured: SecuredBroker, tmp_path: Path, listener: str, more: dict[str, Any]
) -> None:
    settings = secured.settings(tmp_path, listener, **more)
    topics.create(settings)
    with WorkerProcess(
        settings, "language", environment(settings, **security_variables(settings))
    ).wait_ready() as worker:
        with Publisher(settings) as publisher:
            publisher.publish({"id": "a", "text": FRENCH})
        with Subscriber(settings, topic="articles.language", start="beginning", timeout_s=30) as articles:
            assert next(iter(articles)).article["language"]["code"] == "fr"
        assert worker.terminate() == 0


def test_dead_letters_are_redriven_with_a_password(secured: SecuredBroker, tmp_path: Path) -> None:
    settings = secured.settings(tmp_path)
    topics.create(settings)
    failed = Origin(settings.topic_prefix + RAW, 1, 0)
    headers = error_headers.headers("language", failed, Dead(Reason.INVALID_JSON, "why", "RecordError", 1))
    producer = KafkaProducer(bootstrap_servers=f"127.0.0.1:{secured.ports['internal']}")
    producer.send(settings.topic_prefix + DEAD, key=b"a", value=b"{", headers=list(headers)).get(20)
    producer.close()
    done = telex(settings, "dead", "redrive", "--all", **security_variables(settings))
    assert done.returncode == 0, done.stderr
    with Subscriber(settings, topic=RAW, start="beginning", timeout_s=30) as articles:
        assert next(iter(articles)).value == b"{"


@pytest.mark.parametrize("command", ["topics", "publish a.txt", "subscribe", "status", "dead list"])
def test_the_error_for_a_wrong_password_is_one_line_that_names_the_settings(
    secured: SecuredBroker, run_telex: RunTelex, tmp_path: Path, command: str
) -> None:
    settings = secured.settings(tmp_path, sasl_password=WRONG_PASSWORD)
    (tmp_path / "a.txt").write_text(FRENCH)
    arguments = command.replace("a.txt", str(tmp_path / "a.txt")).split()
    code, printed, [message] = run_telex(settings, *arguments, **security_variables(settings))
    assert (code, printed) == (1, [])
    assert re.search(REFUSED_LOGIN, message)
    assert WRONG_PASSWORD not in message


def test_the_error_of_a_worker_for_a_wrong_password_is_one_line_that_names_the_settings(
    secured: SecuredBroker, tmp_path: Path
) -> None:
    settings = secured.settings(tmp_path, sasl_password=WRONG_PASSWORD)
    done = telex(settings, "worker", "language", TELEX_WEB_PORT="0", **security_variables(settings))
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert re.fullmatch(rf"[^\n]*{REFUSED_LOGIN}\n", done.stderr)
    assert WRONG_PASSWORD not in done.stderr


def test_the_password_is_not_even_in_the_debug_log_of_a_refused_worker(secured: SecuredBroker, tmp_path: Path) -> None:
    settings = secured.settings(tmp_path, sasl_password=WRONG_PASSWORD)
    done = telex(
        settings, "worker", "language", TELEX_WEB_PORT="0", TELEX_LOG_LEVEL="DEBUG", **security_variables(settings)
    )
    assert done.returncode == 1
    assert re.search(f"language ERROR .*{REFUSED_LOGIN}$", done.stderr.splitlines()[-1])
    assert WRONG_PASSWORD not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("listener", "more", "message"),
    [
        ("sasl", {"sasl_username": "nobody"}, "refused the login: .*TELEX_SASL_USERNAME"),
        (
            "sasl",
            {"sasl_username": "scram", "sasl_mechanism": "SCRAM-SHA-512"},
            "refused the login: .*TELEX_SASL_PASSWORD",
        ),
        ("sasl", {"sasl_mechanism": "SCRAM-SHA-256"}, "login by SCRAM-SHA-256: set TELEX_SASL_MECHANISM"),
        ("tls", {"security_protocol": "SASL_SSL", **LOGIN}, "wants no login: set TELEX_SECURITY_PROTOCOL to SSL"),
        ("sasl", {"ssl_ca_file": "other-ca.pem"}, "cannot be trusted .*: set TELEX_SSL_CA_FILE"),
        ("sasl", {"ssl_ca_file": None}, "cannot be trusted .*: set TELEX_SSL_CA_FILE"),
        (
            "sasl",
            {"ssl_ca_file": "missing.pem"},
            r"^TELEX_SSL_CA_FILE: .*missing\.pem cannot be read: No such file or directory\. Check its path and its permissions\.$",
        ),
        ("sasl", {"ssl_ca_file": "."}, "^TELEX_SSL_CA_FILE: .* cannot be read: Is a directory"),
        ("sasl", {"ssl_ca_file": "client.key"}, r"^TELEX_SSL_CA_FILE: .*client\.key has no certificate in it"),
        (
            "tls",
            {"ssl_cert_file": None, "ssl_key_file": None},
            "wants another client certificate .*: set TELEX_SSL_CERT_FILE",
        ),
        ("tls", {"ssl_key_file": None}, "^TELEX_SSL_CERT_FILE and TELEX_SSL_KEY_FILE cannot be used: .* its key"),
        ("tls", {"ssl_key_file": "missing.key"}, r"^TELEX_SSL_KEY_FILE: .*missing\.key cannot be read"),
        ("tls", {"ssl_key_file": "locked.key"}, "^TELEX_SSL_CERT_FILE and TELEX_SSL_KEY_FILE .* without a pass phrase"),
        ("other_name", {}, "certificate for other names .*'localhost'.* advertised.listeners"),
    ],
)
def test_the_error_names_what_keeps_a_client_out_and_what_to_do(
    secured: SecuredBroker, tmp_path: Path, listener: str, more: dict[str, Any], message: str
) -> None:
    files = {name: secured.folder / file for name, file in more.items() if name.startswith("ssl") and file}
    assert re.search(message, refusal(secured.settings(tmp_path, listener, **{**more, **files})))


def test_a_certificate_for_other_names_is_refused(secured: SecuredBroker, tmp_path: Path) -> None:
    settings = secured.settings(tmp_path, bootstrap_servers=f"localhost:{secured.ports['sasl']}")
    assert re.search("certificate for other names .*TELEX_BOOTSTRAP_SERVERS", refusal(settings))


def test_the_error_of_a_client_without_tls_names_the_setting(secured: SecuredBroker, tmp_path: Path) -> None:
    assert "TELEX_SECURITY_PROTOCOL" in refusal(secured.settings(tmp_path, security_protocol="PLAINTEXT"))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"sasl_username": None}, "TELEX_SECURITY_PROTOCOL SASL_SSL needs TELEX_SASL_USERNAME and TELEX_SASL_PASSWORD"),
        ({"sasl_password": None}, "TELEX_SECURITY_PROTOCOL SASL_SSL needs TELEX_SASL_USERNAME and TELEX_SASL_PASSWORD"),
        ({"ssl_key_file": "client.key"}, "TELEX_SSL_KEY_FILE needs TELEX_SSL_CERT_FILE"),
    ],
)
def test_incomplete_settings_are_refused_before_a_connection(more: dict[str, Any], message: str) -> None:
    login = {"security_protocol": "SASL_SSL", **LOGIN}
    with pytest.raises(TelexError) as refused:
        load(**{**login, **more})
    assert message in str(refused.value)
    with pytest.raises(ValidationError) as invalid:
        Settings(**{**login, **more})
    assert PASSWORD not in f"{refused.value} {invalid.value}"


def test_a_refused_client_leaves_no_file_descriptor_and_no_thread(secured: SecuredBroker, tmp_path: Path) -> None:
    settings, process = secured.settings(tmp_path, sasl_password=WRONG_PASSWORD), psutil.Process()
    gc.collect()
    before = process.num_fds(), threading.active_count()
    for client in (Publisher, Subscriber, topics.create):
        with pytest.raises(TelexError):
            client(settings)
    gc.collect()
    assert (process.num_fds(), threading.active_count()) == before


def test_the_error_of_a_user_without_rights_says_that_the_right_is_missing(
    secured: SecuredBroker, tmp_path: Path
) -> None:
    settings = secured.settings(tmp_path, sasl_username="stranger")
    topics.create(secured.settings(tmp_path, topic_prefix=settings.topic_prefix))
    for client in (Publisher, Subscriber, topics.check, topics.create):
        with pytest.raises(TelexError, match=r"does not allow this .*not authorized.*ask for the right"):
            client(settings)
