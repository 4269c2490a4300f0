"""A Kafka broker that asks for TLS, a login and rights, on a listener for each kind of client."""

import base64
import itertools
import os
import signal
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.x509.oid import ExtendedKeyUsageOID
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from streams.kafka import jars
from streams.settings import Settings, load
from streams.system.lifeline import die_with_parent
from streams.system.ports import free_port
from tests.support.certificates import Authority, key_pem
from tests.support.processes import wait_for

_numbers = itertools.count()
PASSWORD, SCRAM_PASSWORD = "9k-Fjord", "7v-Gletscher"
SERVER = """\
process.roles=broker,controller
node.id=1
listeners=SASL_SSL://127.0.0.1:{sasl},SSL://127.0.0.1:{tls},OTHER_NAME://127.0.0.1:{other_name},\
INTERNAL://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://127.0.0.1:{sasl},SSL://127.0.0.1:{tls},OTHER_NAME://localhost:{other_name},\
INTERNAL://127.0.0.1:{internal}
listener.security.protocol.map=SASL_SSL:SASL_SSL,SSL:SSL,OTHER_NAME:SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
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
class SecuredBroker:
    """A running broker.

    Attributes:
        folder: the folder with the certificates and keys of clients.
        ports: the port of each listener: `sasl` asks for a login; `tls` for a client certificate; `other_name` is
            advertised under a name that the broker's certificate does not have; `internal` asks for nothing.
    """

    folder: Path
    ports: dict[str, int]

    def settings(self, data_dir: Path, listener: str = "sasl", **more: Any) -> Settings:
        """Settings of a client that the listener accepts, unless `more` says otherwise. The topics do not exist."""
        login = {"security_protocol": "SASL_SSL", "sasl_username": "telex", "sasl_password": PASSWORD}
        certificate = {
            "security_protocol": "SSL",
            "ssl_cert_file": self.folder / "client.pem",
            "ssl_key_file": self.folder / "client.key",
        }
        chosen: dict[str, Any] = {
            "bootstrap_servers": f"127.0.0.1:{self.ports[listener]}",
            "topic_prefix": f"t{next(_numbers)}.",
            "partitions": 2,
            "data_dir": data_dir,
            "web_port": 0,
            "ssl_ca_file": self.folder / "ca.pem",
            **(login if listener == "sasl" else certificate),
            **more,
        }
        return load(**chosen)


def security_variables(settings: Settings) -> dict[str, str]:
    """The settings about security, as environment variables."""
    names = ("security_protocol", "sasl_mechanism", "sasl_username", "ssl_ca_file", "ssl_cert_file", "ssl_key_file")
    values = {f"TELEX_{name.upper()}": str(getattr(settings, name)) for name in names if getattr(settings, name)}
    if settings.sasl_password:
        values["TELEX_SASL_PASSWORD"] = settings.sasl_password.get_secret_value()
    return values


@contextmanager
def secured_broker(folder: Path) -> Iterator[SecuredBroker]:
    """Start the broker in an empty folder. It ends with the block."""
    _write_certificates(folder)
    ports = {name: free_port() for name in ("sasl", "tls", "other_name", "internal", "controller")}
    (folder / "server.properties").write_text(SERVER.format(folder=folder, password=PASSWORD, **ports))
    classpath = ":".join(map(str, jars.fetch(Settings().cache_dir, jars.locked())))
    java = [str(jars.find_java()), "-Xmx512m", "-XX:+UseSerialGC", "-cp", classpath]
    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    scram = f"SCRAM-SHA-512=[name=scram,password={SCRAM_PASSWORD}]"
    formatting = ["format", "--standalone", f"--cluster-id={cluster_id}", "--add-scram", scram]
    log = folder / "broker.log"
    with log.open("wb") as lines:
        subprocess.run(
            [*java, "kafka.tools.StorageTool", *formatting, "-c", "server.properties"],
            cwd=folder,
            stdout=lines,
            stderr=lines,
            check=True,
        )
        broker = subprocess.Popen(
            [*java, "kafka.Kafka", "server.properties"],
            cwd=folder,
            stdout=lines,
            stderr=lines,
            preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGTERM),
        )
    try:
        wait_for(lambda: _answers(ports["internal"]) or broker.poll() is not None, 60, log.read_text)
        assert broker.poll() is None, log.read_text()
        yield SecuredBroker(folder, ports)
    finally:
        broker.terminate()
        broker.wait(30)


def _write_certificates(folder: Path) -> None:
    authority = Authority("Telex test authority")
    (folder / "ca.pem").write_bytes(authority.pem)
    (folder / "other-ca.pem").write_bytes(Authority("Somebody else").pem)
    key, certificate = authority.sign("broker", ExtendedKeyUsageOID.SERVER_AUTH)
    (folder / "broker.pem").write_bytes(key_pem(key) + certificate)
    key, certificate = authority.sign("telex", ExtendedKeyUsageOID.CLIENT_AUTH)
    (folder / "client.pem").write_bytes(certificate)
    (folder / "client.key").write_bytes(key_pem(key))
    (folder / "locked.key").write_bytes(key_pem(key, "pass phrase"))


def _answers(port: int) -> bool:
    """Whether the broker answers on a listener without security."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)):
            return False
    try:
        KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}", bootstrap_timeout_ms=2_000).close()
    except KafkaError:  # for a moment something else may have had the port
        return False
    return True
