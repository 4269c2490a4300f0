"""The secrets of webhooks. Each watch has its own, so that no receiver can sign for another one.

They are made from the secret of the installation: HMAC-SHA256 with the name of the watch. So a secret is stored in one
place only, outside of Kafka.
"""

from __future__ import annotations

import base64
import hmac
from binascii import Error as Base64Error
from pathlib import Path

from streams.errors import TelexError
from streams.settings import Settings

_PREFIX = "whsec_"
# Standard Webhooks asks for 24 to 64 bytes.
MIN_BYTES, MAX_BYTES = 24, 64
# The largest file of a secret, in bytes.
_MAX_FILE = 1000


class Secrets:
    """The secrets of all watches.

    Args:
        settings: with the secret of the installation, or a file that has it.

    Raises:
        TelexError: there is none, or it cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._key = _decoded(_written(settings))

    def of_watch(self, name: str) -> str:
        """The secret of a watch, in the form of Standard Webhooks."""
        secret = hmac.digest(self._key, b"telex.watch." + name.encode(), "sha256")
        return _PREFIX + base64.b64encode(secret).decode()


def are_set(settings: Settings) -> bool:
    """Whether there is a secret of the installation."""
    return bool(settings.webhook_secret or settings.webhook_secret_file)


def _written(settings: Settings) -> str:
    if settings.webhook_secret:
        return settings.webhook_secret.get_secret_value()
    if settings.webhook_secret_file:
        return _content(settings.webhook_secret_file)
    raise TelexError(
        "Webhooks need a secret, which signs them: set TELEX_WEBHOOK_SECRET_FILE or TELEX_WEBHOOK_SECRET, everywhere "
        "to the same one. docs/watches.md says how to make it."
    )


def _content(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_MAX_FILE).decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it has other characters than ASCII"
        raise TelexError(f"TELEX_WEBHOOK_SECRET_FILE: {file} cannot be used ({why}).") from None


def _decoded(secret: str) -> bytes:
    text = secret.strip()
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True) if text.startswith(_PREFIX) else b""
    except (Base64Error, ValueError):
        key = b""
    if not MIN_BYTES <= len(key) <= MAX_BYTES:
        raise TelexError(
            f"The secret of webhooks cannot be used: it should be {_PREFIX} and then {MIN_BYTES} to {MAX_BYTES} random "
            "bytes in Base64. docs/watches.md says how to make one."
        )
    return key
