"""The wording of Kafka's errors for users."""

from __future__ import annotations

import ssl

from kafka.errors import (
    AuthorizationError,
    BrokerResponseError,
    IllegalSaslStateError,
    InconsistentGroupProtocolError,
    KafkaError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)

from streams.settings import Settings

_SASL_ERRORS = (SaslAuthenticationFailedError, UnsupportedSaslMechanismError, IllegalSaslStateError)
# OpenSSL's codes for "hostname mismatch" and "IP address mismatch" (X509_V_ERR_...).
_WRONG_NAME = (62, 64)


def describe(settings: Settings, error: KafkaError) -> str:
    """One line on a Kafka client's error: what was wrong and what to do."""
    brokers, protocol = settings.bootstrap_servers, settings.security_protocol
    match _tls_error(error) or error:
        case SaslAuthenticationFailedError():
            return (
                f"{brokers} refused the login: check TELEX_SASL_USERNAME, TELEX_SASL_PASSWORD and TELEX_SASL_MECHANISM."
            )
        case UnsupportedSaslMechanismError():
            return (
                f"{brokers} does not take the login by {settings.sasl_mechanism}: "
                "set TELEX_SASL_MECHANISM to a mechanism that it takes."
            )
        case IllegalSaslStateError():
            return f"{brokers} wants no login: set TELEX_SECURITY_PROTOCOL to {protocol.removeprefix('SASL_')}."
        case ssl.SSLCertVerificationError() as refused if refused.verify_code in _WRONG_NAME:
            return (
                f"{brokers} has a certificate for other names ({refused.verify_message.rstrip('.')}): "
                "set TELEX_BOOTSTRAP_SERVERS, and the brokers' advertised.listeners, to names that it is for."
            )
        case ssl.SSLCertVerificationError() as refused:
            return (
                f"{brokers} has a certificate that cannot be trusted ({refused.verify_message}): "
                "set TELEX_SSL_CA_FILE to the certificate of the authority that signed it."
            )
        case ssl.SSLError() as refused if "ALERT" in (refused.reason or ""):
            return (
                f"{brokers} wants another client certificate ({refused.reason}): "
                "set TELEX_SSL_CERT_FILE and TELEX_SSL_KEY_FILE."
            )
        case AuthorizationError():
            return f"{brokers} does not allow this ({one_line(error)}): ask for the right on the topic or group."
        case InconsistentGroupProtocolError():
            return (
                f"{brokers} does not let this member into the group: "
                "the group has members of another program, which share the partitions in another way. "
                "Choose a group of another name, or end those members."
            )
        case BrokerResponseError():
            return f"{brokers} answers, and refuses this ({one_line(error)}): see the broker's log."
    return (
        f"No Kafka that can be used answers to {protocol} at {brokers} ({one_line(error)}): "
        "start one with `telex broker`, or set TELEX_BOOTSTRAP_SERVERS and TELEX_SECURITY_PROTOCOL."
    )


def is_final(error: KafkaError) -> bool:
    """Whether another attempt would fail in the same way."""
    tls = _tls_error(error)
    return isinstance(error, _SASL_ERRORS) or (tls is not None and not isinstance(tls, ssl.SSLEOFError))


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    """The error of TLS itself, if there is one."""
    return next((cause for cause in error.args if isinstance(cause, ssl.SSLError)), None)


def one_line(error: KafkaError) -> str:
    """One line of an error. The full error of a broker may contain the whole request."""
    if not isinstance(error, BrokerResponseError):
        return str(error)
    return f"{type(error).__name__}: {(error.description or '').partition('. ')[0].rstrip('.')}"
