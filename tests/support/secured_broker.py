"""A Kafka broker that asks for TLS, a login and rights, on a listener for each kind of client."""

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.x509.oid import ExtendedKeyUsageOID
from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings, load
from streams.system.ports import free_port
from tests.support.certificates import Authority, key_pem

_numbers = itertools.count()
PASSWORD, SCRAM_PASSWORD = "9k-Fjord", "7v-Gletscher"
PROPERTIES = """\
listeners=SASL_SSL://127.0.0.1:{sasl},SSL://127.0.0.1:{tls},OTHER_NAME://127.0.0.1:{other_name},\
PLAINTEXT://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://127.0.0.1:{sasl},SSL://127.0.0.1:{tls},OTHER_NAME://localhost:{other_name},\
PLAINTEXT://127.0.0.1:{internal}
listener.security.protocol.map=SASL_SSL:SASL_SSL,SSL:SSL,OTHER_NAME:SSL,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
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
    lines = PROPERTIES.format(folder=folder, password=PASSWORD, **ports).splitlines()
    properties = dict(line.split("=", 1) for line in lines)
    with EmbeddedBroker(folder, Settings().cache_dir, ports["internal"], properties=properties) as broker:
        with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap_servers)) as client:
            client.alter_user_scram_credentials(
                [UserScramCredentialUpsertion("scram", ScramMechanism.SCRAM_SHA_512, SCRAM_PASSWORD)]
            )
        yield SecuredBroker(folder, ports)


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
