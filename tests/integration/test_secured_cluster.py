"""A cluster that asks who is there: TLS, SASL and rights, on a real Kafka with certificates made here."""

import base64
import datetime
import gc
import ipaddress
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from kafka import KafkaAdminClient, KafkaProducer
from pydantic import ValidationError

from streams import Publisher, Subscriber
from streams.dead_letters import error_headers
from streams.errors import Reason, TelexError
from streams.kafka import jars, topics
from streams.records.outcomes import Dead
from streams.settings import Settings, load
from streams.stages import DEAD, RAW
from streams.system.lifeline import die_with_parent
from streams.system.ports import free_port
from tests.support.processes import WorkerProcess, environment, telex, wait_for

_numbers = itertools.count()
PASSWORD, SCRAM_PASSWORD, WRONG_PASSWORD = "9k-Fjord", "7v-Gletscher", "wrong-Fjord"
LOGIN = {"sasl_username": "telex", "sasl_password": PASSWORD}
REFUSED_LOGIN = r"refused the login: .*TELEX_SASL_USERNAME.*TELEX_SASL_PASSWORD.*TELEX_SASL_MECHANISM\."
FRENCH = "Le maire de Paris a inauguré mardi une nouvelle ligne de tramway, longue de onze kilomètres."

SERVER = """\
process.roles=broker,controller
node.id=1
listeners=SASL_SSL://127.0.0.1:{sasl},SSL://127.0.0.1:{tls},RENAMED://127.0.0.1:{renamed},INSIDE://127.0.0.1:{inside},\
CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://127.0.0.1:{sasl},SSL://127.0.0.1:{tls},RENAMED://localhost:{renamed},INSIDE://127.0.0.1:{inside}
listener.security.protocol.map=SASL_SSL:SASL_SSL,SSL:SSL,RENAMED:SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INSIDE
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
listener.name.ssl.ssl.client.auth=required
listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
user_telex="{password}" user_stranger="{password}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:telex;User:scram;User:CN=telex;User:ANONYMOUS
"""


@dataclass(frozen=True)
class Origin:
    """Where a dead letter's record stood."""

    topic: str
    partition: int
    offset: int


class Authority:
    """A certificate authority, and the certificates that it signs."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._certificate = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM)

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
        )

    def sign(self, name: str, usage: x509.ObjectIdentifier) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
        """A key and a certificate for it as PEM. It is for 127.0.0.1 and no other address."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
            )
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return key, certificate.public_bytes(serialization.Encoding.PEM)


def pem(key: ec.EllipticCurvePrivateKey, pass_phrase: str | None = None) -> bytes:
    lock = serialization.BestAvailableEncryption(pass_phrase.encode()) if pass_phrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


@dataclass(frozen=True)
class Cluster:
    """A running Kafka, its doors, and the folder with the files that open them."""

    folder: Path
    ports: dict[str, int]

    def settings(self, data_dir: Path, door: str = "sasl", **more: Any) -> Settings:
        """Those that open the door, unless `more` says otherwise."""
        login = {"security_protocol": "SASL_SSL", "sasl_username": "telex", "sasl_password": PASSWORD}
        certificate = {
            "security_protocol": "SSL",
            "ssl_cert_file": self.folder / "client.pem",
            "ssl_key_file": self.folder / "client.key",
        }
        chosen: dict[str, Any] = {
            "bootstrap_servers": f"127.0.0.1:{self.ports[door]}",
            "topic_prefix": f"t{next(_numbers)}.",
            "partitions": 2,
            "data_dir": data_dir,
            "web_port": 0,
            "ssl_ca_file": self.folder / "ca.pem",
            **(login if door == "sasl" else certificate),
            **more,
        }
        return load(**chosen)


def variables(settings: Settings) -> dict[str, str]:
    """The settings that open the door, as the environment of a process."""
    names = ("security_protocol", "sasl_mechanism", "sasl_username", "ssl_ca_file", "ssl_cert_file", "ssl_key_file")
    values = {f"TELEX_{name.upper()}": str(getattr(settings, name)) for name in names if getattr(settings, name)}
    if settings.sasl_password:
        values["TELEX_SASL_PASSWORD"] = settings.sasl_password.get_secret_value()
    return values


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("secured")
    authority = Authority("Telex test authority")
    (folder / "ca.pem").write_bytes(authority.pem)
    (folder / "other-ca.pem").write_bytes(Authority("Somebody else").pem)
    key, certificate = authority.sign("broker", ExtendedKeyUsageOID.SERVER_AUTH)
    (folder / "broker.pem").write_bytes(pem(key) + certificate)
    key, certificate = authority.sign("telex", ExtendedKeyUsageOID.CLIENT_AUTH)
    (folder / "client.pem").write_bytes(certificate)
    (folder / "client.key").write_bytes(pem(key))
    (folder / "locked.key").write_bytes(pem(key, "pass phrase"))
    ports = {name: free_port() for name in ("sasl", "tls", "renamed", "inside", "controller")}
    (folder / "server.properties").write_text(SERVER.format(folder=folder, password=PASSWORD, **ports))
    classpath = ":".join(map(str, jars.fetch(Settings().cache_dir, jars.locked())))
    java = [str(jars.find_java()), "-Xmx512m", "-XX:+UseSerialGC", "-cp", classpath]
    identifier = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    scram = f"SCRAM-SHA-512=[name=scram,password={SCRAM_PASSWORD}]"
    formatting = [
        "format",
        "--standalone",
        f"--cluster-id={identifier}",
        "--add-scram",
        scram,
        "-c",
        "server.properties",
    ]
    log = folder / "broker.log"
    with log.open("wb") as lines:
        subprocess.run(
            [*java, "kafka.tools.StorageTool", *formatting], cwd=folder, stdout=lines, stderr=lines, check=True
        )
        broker = subprocess.Popen(
            [*java, "kafka.Kafka", "server.properties"],
            cwd=folder,
            stdout=lines,
            stderr=lines,
            preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
        )
    try:
        wait_for(lambda: answers(ports["inside"]) or broker.poll() is not None, 60, log.read_text)
        assert broker.poll() is None, log.read_text()
        yield Cluster(folder, ports)
    finally:
        broker.terminate()
        broker.wait(30)


def answers(port: int) -> bool:
    """Whether the broker is there, by the door without a lock that it has for itself."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)):
            return False
    KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}", bootstrap_timeout_ms=30_000).close()
    return True


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What a command that failed said, if it was one line and gave no password away."""
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert re.fullmatch(r"[^\n]+\n", done.stderr)
    assert not any(password in done.stderr for password in (PASSWORD, SCRAM_PASSWORD, WRONG_PASSWORD))
    return done.stderr


def refusal(settings: Settings) -> str:
    with pytest.raises(TelexError) as refused:
        topics.create(settings)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_every_command_gets_in_with_a_password(cluster: Cluster, tmp_path: Path) -> None:
    settings = cluster.settings(tmp_path)
    secret = {**variables(settings), "TELEX_LOG_LEVEL": "DEBUG"}
    article = tmp_path / "a.json"
    article.write_text(json.dumps({"id": "a", "text": FRENCH}))
    said = [telex(settings, "topics", **secret)]
    with WorkerProcess(settings, "language", environment(settings, **secret)).wait_ready() as worker:
        said.append(telex(settings, "publish", str(article), **secret))
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
        said.append(telex(settings, "subscribe", *options, **secret))
        said.append(telex(settings, "status", **secret))
        assert worker.terminate() == 0
        log = worker.log.read_text()
    assert [done.returncode for done in said] == [0, 0, 0, 0], said
    assert said[1].stdout == "a\n"
    assert json.loads(said[2].stdout)["language"]["code"] == "fr"
    assert not any(PASSWORD in text for text in (log, *(done.stdout + done.stderr for done in said)))


@pytest.mark.parametrize(
    ("door", "more"),
    [
        ("sasl", {"sasl_username": "scram", "sasl_password": SCRAM_PASSWORD, "sasl_mechanism": "SCRAM-SHA-512"}),
        ("tls", {}),
    ],
    ids=["SCRAM", "client certificate"],
)
def test_the_library_and_a_worker_get_in_otherwise_too(
    cluster: Cluster, tmp_path: Path, door: str, more: dict[str, Any]
) -> None:
    settings = cluster.settings(tmp_path, door, **more)
    topics.create(settings)
    with WorkerProcess(settings, "language", environment(settings, **variables(settings))).wait_ready() as worker:
        with Publisher(settings) as publisher:
            publisher.publish({"id": "a", "text": FRENCH})
        with Subscriber(settings, topic="articles.language", start="beginning", timeout_s=30) as articles:
            assert next(iter(articles)).article["language"]["code"] == "fr"
        assert worker.terminate() == 0


def test_dead_letters_get_back_on_the_pipeline(cluster: Cluster, tmp_path: Path) -> None:
    settings = cluster.settings(tmp_path)
    topics.create(settings)
    failed = Origin(settings.topic_prefix + RAW, 1, 0)
    said = error_headers.headers("language", failed, Dead(Reason.INVALID_JSON, "why", "RecordError", 1))
    producer = KafkaProducer(bootstrap_servers=f"127.0.0.1:{cluster.ports['inside']}")
    producer.send(settings.topic_prefix + DEAD, key=b"a", value=b"{", headers=list(said)).get(20)
    producer.close()
    done = telex(settings, "dead", "redrive", "--all", **variables(settings))
    assert done.returncode == 0, done.stderr
    with Subscriber(settings, topic=RAW, start="beginning", timeout_s=30) as articles:
        assert next(iter(articles)).value == b"{"


@pytest.mark.parametrize("command", ["topics", "publish a.txt", "subscribe", "status", "dead list", "worker language"])
def test_a_wrong_password_is_said_in_one_line_that_names_the_settings(
    cluster: Cluster, tmp_path: Path, command: str
) -> None:
    settings = cluster.settings(tmp_path, sasl_password=WRONG_PASSWORD)
    (tmp_path / "a.txt").write_text(FRENCH)
    arguments = command.replace("a.txt", str(tmp_path / "a.txt")).split()
    said = one_line(telex(settings, *arguments, TELEX_WEB_PORT="0", **variables(settings)))
    assert re.search(REFUSED_LOGIN, said)


def test_the_password_is_not_in_the_log_of_a_worker_that_is_refused_whatever_it_logs(
    cluster: Cluster, tmp_path: Path
) -> None:
    settings = cluster.settings(tmp_path, sasl_password=WRONG_PASSWORD)
    done = telex(settings, "worker", "language", TELEX_WEB_PORT="0", TELEX_LOG_LEVEL="DEBUG", **variables(settings))
    assert done.returncode == 1
    assert re.search(f"language ERROR .*{REFUSED_LOGIN}$", done.stderr.splitlines()[-1])
    assert WRONG_PASSWORD not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("door", "more", "said"),
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
            r"^TELEX_SSL_CA_FILE: .*missing\.pem cannot be read: No such file or directory\.$",
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
        ("renamed", {}, "certificate for other names .*'localhost'.* advertised.listeners"),
    ],
)
def test_what_keeps_a_client_out_is_said_with_what_to_do(
    cluster: Cluster, tmp_path: Path, door: str, more: dict[str, Any], said: str
) -> None:
    files = {name: cluster.folder / file for name, file in more.items() if name.startswith("ssl") and file}
    assert re.search(said, refusal(cluster.settings(tmp_path, door, **{**more, **files})))


def test_a_certificate_for_other_names_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    settings = cluster.settings(tmp_path, bootstrap_servers=f"localhost:{cluster.ports['sasl']}")
    assert re.search("certificate for other names .*TELEX_BOOTSTRAP_SERVERS", refusal(settings))


def test_a_client_that_forgot_to_ask_for_tls_is_told_which_setting_that_is(cluster: Cluster, tmp_path: Path) -> None:
    assert "TELEX_SECURITY_PROTOCOL" in refusal(cluster.settings(tmp_path, security_protocol="PLAINTEXT"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sasl_username": None}, "TELEX_SECURITY_PROTOCOL SASL_SSL needs TELEX_SASL_USERNAME and TELEX_SASL_PASSWORD"),
        ({"sasl_password": None}, "TELEX_SECURITY_PROTOCOL SASL_SSL needs TELEX_SASL_USERNAME and TELEX_SASL_PASSWORD"),
        ({"ssl_key_file": "client.key"}, "TELEX_SSL_KEY_FILE needs TELEX_SSL_CERT_FILE"),
    ],
)
def test_settings_that_open_no_door_are_refused_without_a_try(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    login = {"security_protocol": "SASL_SSL", **LOGIN}
    with pytest.raises(TelexError) as refused:
        load(**{**login, **more})
    assert said in str(refused.value)
    with pytest.raises(ValidationError) as invalid:
        Settings(**{**login, **more})
    assert PASSWORD not in f"{refused.value} {invalid.value}"


def test_a_client_that_was_kept_out_leaves_nothing_behind(cluster: Cluster, tmp_path: Path) -> None:
    settings, process = cluster.settings(tmp_path, sasl_password=WRONG_PASSWORD), psutil.Process()
    gc.collect()
    before = process.num_fds(), threading.active_count()
    for client in (Publisher, Subscriber, topics.create):
        with pytest.raises(TelexError):
            client(settings)
    gc.collect()
    assert (process.num_fds(), threading.active_count()) == before


def test_whoever_may_not_use_a_topic_is_told_so(cluster: Cluster, tmp_path: Path) -> None:
    settings = cluster.settings(tmp_path, sasl_username="stranger")
    topics.create(cluster.settings(tmp_path, topic_prefix=settings.topic_prefix))
    for client in (Publisher, Subscriber, topics.check, topics.create):
        with pytest.raises(TelexError, match=r"does not allow this .*not authorized.*ask for the right"):
            client(settings)
