"""The TLS context of a connection to the brokers."""

from __future__ import annotations

import ssl
from pathlib import Path

from streams.errors import TelexError


def client_context(ca_file: Path | None, cert_file: Path | None, key_file: Path | None) -> ssl.SSLContext:
    """A context that verifies the brokers' certificates and their names.

    Args:
        ca_file: of the authority that signed the brokers' certificates; None for the system's authorities.
        cert_file: the client's certificate; None for brokers that require none.
        key_file: its key; None if the key is in `cert_file` too.

    Raises:
        TelexError: a file cannot be used. The message names its setting.
    """
    _require_readable(TELEX_SSL_CA_FILE=ca_file, TELEX_SSL_CERT_FILE=cert_file, TELEX_SSL_KEY_FILE=key_file)
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise TelexError(f"TELEX_SSL_CA_FILE: {ca_file} has no certificate in it: it should be a PEM file.") from None
    if cert_file:
        try:
            # Without this argument OpenSSL asks on the terminal for the password of an encrypted key.
            context.load_cert_chain(cert_file, key_file, password="")
        except ssl.SSLError:
            raise TelexError(
                "TELEX_SSL_CERT_FILE and TELEX_SSL_KEY_FILE cannot be used: "
                "they should be the PEM files of a certificate and of its key, "
                "without a pass phrase, or one file with both."
            ) from None
    return context


def _require_readable(**files: Path | None) -> None:
    """Raises TelexError for a file that cannot be read: OpenSSL's error does not name the file."""
    for setting, file in files.items():
        try:
            if file:
                file.open("rb").close()
        except OSError as error:
            raise TelexError(
                f"{setting}: {file} cannot be read: {error.strerror}. Check its path and its permissions."
            ) from None
