"""The Kafka cluster: an admin client for it, and its errors in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaAdminClient
from kafka.errors import AuthorizationError, KafkaError, SaslAuthenticationFailedError

from streams.errors import TelexError
from streams.settings import Settings

# Milliseconds to find a broker that answers before Telex says that there is none.
BOOTSTRAP_TIMEOUT_MS = 8000


@contextmanager
def admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    """An admin client, closed at the end. Raises TelexError that says what to do when the cluster cannot be used."""
    with kafka_errors(settings):
        client = KafkaAdminClient(**settings.kafka(), bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS)
        try:
            yield client
        finally:
            client.close()


@contextmanager
def kafka_errors(settings: Settings) -> Iterator[None]:
    """Turns what a Kafka client raises into a TelexError."""
    try:
        yield
    except SaslAuthenticationFailedError:
        raise TelexError(
            f"{settings.bootstrap_servers} refused the login: check TELEX_SASL_MECHANISM, TELEX_SASL_USERNAME and TELEX_SASL_PASSWORD."
        ) from None
    except AuthorizationError as error:
        raise TelexError(f"{settings.bootstrap_servers} does not allow this ({error}): ask for the right on the topic or group.") from None
    except KafkaError as error:
        raise TelexError(
            f"No Kafka that can be used answers at {settings.bootstrap_servers} ({error}): "
            "start one with `telex broker`, or set TELEX_BOOTSTRAP_SERVERS and TELEX_SECURITY_PROTOCOL."
        ) from error
