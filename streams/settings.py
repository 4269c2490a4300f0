"""The settings: environment variables with the prefix TELEX_, each with its default and its meaning."""

from __future__ import annotations

import difflib
import os
import re
import ssl
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from streams import tls
from streams.errors import TelexError

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]

PREFIX = "TELEX_"
# The fewest characters of a token. One of 16 random letters cannot be guessed.
MIN_TOKEN = 16
# From this similarity on, 0 to 1, a variable's name counts as a mistyped setting. SASL_USER and INSTANCE count (0.82 or
# more). The variable BROKER_SERVICE_PORT, which Kubernetes sets for a Service with the name telex-broker, does not
# (0.73 at most).
MISTYPED = 0.75
# The longest window of the stories, in hours: Kafka keeps their state a day longer.
MAX_WINDOW_H = 168
_SERVER = re.compile(r"\s*(?:\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+)(?::\d{1,5})?\s*")
_NER_MODEL = re.compile(r"\s*([a-z]{2})\s*=\s*([^\s=]+)\s*")


# `default=` is written out: type checkers take a positional default for none, and would require every setting.
class Settings(BaseSettings):
    """All settings of Telex, read from the environment.

    The description of each field stands in the table of docs/settings.md too.
    """

    # Errors hide the input: for a conflict between settings, pydantic shows all of it, and so the password.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    bootstrap_servers: str = Field(
        default="127.0.0.1:9092",
        description="Addresses of Kafka brokers, `host:port`, separated by commas; one reachable broker is enough.",
    )
    data_dir: Path = Field(
        default=Path(platformdirs.user_data_dir("telex")),
        description="Folder of the embedded broker's data, of the workers' state, and of what is known of feeds.",
    )
    cache_dir: Path = Field(
        default=Path(platformdirs.user_cache_dir("telex")),
        description="Folder of Kafka's jars, which Telex fetches and verifies, and of their archive of classes (60 MB).",
    )
    security_protocol: Protocol = Field(
        default="PLAINTEXT",
        description="Protocol of the connection to the brokers: `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.",
    )
    sasl_mechanism: Mechanism = Field(
        default="PLAIN", description="SASL mechanism: `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`."
    )
    sasl_username: str | None = Field(default=None, description="User name for SASL.")
    sasl_password: SecretStr | None = Field(default=None, description="Password for SASL; never shown.")
    ssl_ca_file: Path | None = Field(
        default=None,
        description="PEM file of the authority that signed the brokers' certificates; unset: the system's authorities.",
    )
    ssl_cert_file: Path | None = Field(
        default=None, description="PEM file of the client's certificate, for brokers that require one."
    )
    ssl_key_file: Path | None = Field(default=None, description="PEM file of the key of the client's certificate.")
    topic_prefix: str = Field(
        default="",
        pattern=r"^[a-zA-Z0-9._-]{0,100}$",
        description="Prefix of every topic and consumer group; with it several Telexes can share a cluster.",
    )
    partitions: int = Field(default=8, ge=1, le=10_000, description="Partitions of each topic when it is created.")
    replication_factor: int = Field(default=1, ge=1, le=32, description="Replicas of each topic when it is created.")
    web_host: str = Field(
        default="127.0.0.1", description="Address of the workers' metrics and health, and of the web page."
    )
    web_port: int = Field(
        default=8600,
        ge=0,
        le=65_529,
        description=(
            "Port of the web page, or of a worker's metrics and health; 0 for a free one. "
            "The workers of `telex up` use the next six ports."
        ),
    )
    web_token: SecretStr | None = Field(
        default=None,
        min_length=MIN_TOKEN,
        description=(
            f"Token that readers of the web page need, at least {MIN_TOKEN} characters; never shown. "
            "Required where `TELEX_WEB_HOST` is not an address of this machine alone."
        ),
    )
    web_token_file: Path | None = Field(
        default=None, description="File with the token, for those who keep it out of the environment."
    )
    web_protect_metrics: bool = Field(
        default=False, description="Whether `/metrics` of the web page needs the token too."
    )
    broker_port: int = Field(
        default=9092, ge=0, le=65_535, description="Port of the embedded broker, 0 for a free one."
    )
    processes: int = Field(
        default_factory=lambda: max(1, (os.cpu_count() or 2) // 2),
        ge=1,
        le=256,
        description="Analysis processes of a worker; unset: half of the machine's processors.",
    )
    batch_size: int = Field(
        default=32, ge=1, le=1000, description="Most articles that an analysis process gets at once."
    )
    analysis_timeout_s: float = Field(
        default=60.0, gt=0, le=3600, description="Seconds after which Telex gives up the analysis of an article."
    )
    instance_id: str | None = Field(
        default=None,
        pattern=r"^[a-zA-Z0-9._-]{1,100}$",
        description=(
            "Name of this worker in its consumer group; "
            "a name that survives restarts (a pod's name) spares the group a rebalance."
        ),
    )
    ner_models: Annotated[dict[str, str], NoDecode] = Field(
        default={},
        description="Additional entity models: `language=package` of any installed spaCy package, separated by commas.",
    )
    fast: bool = Field(
        default=False,
        description=(
            "Analyse English entities and all sentiment with the small models: "
            "several times as many articles a second, and more errors."
        ),
    )
    unmeasured: bool = Field(
        default=False,
        description=(
            "Find entities also in the languages that the encoder reads and nobody has measured; "
            "`model` of such an analysis ends with `unmeasured`."
        ),
    )
    ner_loaded: int = Field(
        default=4,
        ge=1,
        le=100,
        description=(
            "Most entity models that an analysis process keeps in memory; "
            "a model is loaded at the first article in its language."
        ),
    )
    feed_pause_s: float = Field(
        default=1.0,
        ge=0,
        le=3600,
        description="Seconds between two requests to one host when `telex publish` reads feeds.",
    )
    feed_contact: str | None = Field(
        default=None,
        pattern=r"^(https?://[^\s()]+|[^\s()@]+@[^\s()@]+)$",
        description=(
            "Web or mail address at which the sites of your feeds reach you; "
            "the requests name it after `Telex` in their User-Agent."
        ),
    )
    stories_window_h: float = Field(
        default=72,
        gt=0,
        le=MAX_WINDOW_H,
        description="Hours for which an article can be the one that a later article repeats, or whose story it continues.",
    )
    stories_memory_mb: int = Field(
        default=512,
        ge=16,
        le=65_536,
        description="Most MiB for the articles of the stories' window, some 200,000 articles; then the oldest leave it.",
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        description="Secret that signs webhooks: `whsec_` and 24 to 64 random bytes in Base64; never shown.",
    )
    webhook_secret_file: Path | None = Field(
        default=None, description="File with that secret, in place of `TELEX_WEBHOOK_SECRET`."
    )
    webhook_allow_http: bool = Field(default=False, description="Whether a webhook may go to a URL that is not https.")
    webhook_allow_private: bool = Field(
        default=False, description="Whether a webhook may go to an address of a private network or of this machine."
    )
    webhook_give_up_s: float = Field(
        default=86_400.0,
        gt=0,
        le=604_800,
        description="Seconds after which a match that could not be delivered becomes a dead letter.",
    )
    sources_shown: int = Field(
        default=100,
        ge=1,
        le=500,
        description=(
            "Most sources of articles that metrics and `telex status --sources` show by name, those with the most "
            "articles; the rest is `other`."
        ),
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Format of the log on stderr: `text` or `json`."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", description="Lowest level in the log: `DEBUG`, `INFO`, `WARNING` or `ERROR`."
    )

    @field_validator("bootstrap_servers")
    @classmethod
    def _are_servers(cls, value: str) -> str:
        if not all(_SERVER.fullmatch(server) for server in value.split(",")):
            raise ValueError("write it as host:port, separated by commas: kafka-1:9092,kafka-2:9092")
        return value

    @field_validator("ner_models", mode="before")
    @classmethod
    def _split_ner_models(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [_NER_MODEL.fullmatch(pair) for pair in value.split(",") if pair.strip()]
        if not all(pairs):
            raise ValueError(
                "write it as language=package (ISO 639-1), separated by commas: es=es_core_news_sm,de=my_german_model"
            )
        return {pair[1]: pair[2] for pair in pairs if pair}

    @model_validator(mode="after")
    def _require_whole_credentials(self) -> Self:
        if self.security_protocol.startswith("SASL") and not (self.sasl_username and self.sasl_password):
            raise ValueError(
                f"TELEX_SECURITY_PROTOCOL {self.security_protocol} needs TELEX_SASL_USERNAME and TELEX_SASL_PASSWORD"
            )
        if self.security_protocol.endswith("SSL") and self.ssl_key_file and not self.ssl_cert_file:
            raise ValueError("TELEX_SSL_KEY_FILE needs TELEX_SSL_CERT_FILE, the certificate that it is the key of")
        return self

    @cached_property
    def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS context for the brokers; None without TLS. Raises TelexError that names an unusable file."""
        if not self.security_protocol.endswith("SSL"):
            return None
        return tls.client_context(self.ssl_ca_file, self.ssl_cert_file, self.ssl_key_file)

    def topic(self, name: str) -> str:
        """The full name of a topic or group, with the prefix."""
        return self.topic_prefix + name

    def group(self, name: str) -> str:
        """The full name of a consumer group, with the prefix. The workers of a stage use the name of the stage."""
        return self.topic(f"telex.{name}")

    def kafka(self) -> dict[str, Any]:
        """The arguments for a connection by kafka-python or aiokafka."""
        servers = [server.strip() for server in self.bootstrap_servers.split(",")]
        arguments: dict[str, Any] = {"bootstrap_servers": servers, "security_protocol": self.security_protocol}
        if self.ssl_context:
            arguments["ssl_context"] = self.ssl_context
        if self.security_protocol.startswith("SASL") and self.sasl_password:
            arguments |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password.get_secret_value(),
            }
        return arguments


def load(**overrides: Any) -> Settings:
    """The settings from the environment; overrides take precedence. Raises TelexError that names the wrong variable."""
    _refuse_mistyped(os.environ)
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        # The message never has the value, which may be a secret.
        raise TelexError(
            f"A setting cannot be used: {'; '.join(map(_describe, error.errors(include_input=False)))}."
        ) from None


def _describe(fault: Any) -> str:
    """A clause on a fault that pydantic reports, with the variable unless the fault concerns several."""
    message: str = fault["msg"].removeprefix("Value error, ")
    return f"{PREFIX}{fault['loc'][0].upper()}: {message}" if fault["loc"] else message


def _refuse_mistyped(environment: Iterable[str]) -> None:
    """Raises TelexError for a variable whose name is nearly a setting's: it would silently have no effect."""
    settings = [name.upper() for name in Settings.model_fields]
    for variable in environment:
        name = variable.upper().removeprefix(PREFIX)
        if variable.upper().startswith(PREFIX) and name not in settings:
            for setting in difflib.get_close_matches(name, settings, 1, MISTYPED):
                raise TelexError(f"There is no setting {variable}: did you mean {PREFIX}{setting}?")
