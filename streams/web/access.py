"""Who may read: everyone on this machine, or whoever has the token.

Without a token the page answers only requests for a name of this machine. A foreign web page could otherwise point its
own name at 127.0.0.1 and read along (DNS rebinding). A browser keeps a cookie in place of the token. Its content is
computed from the token, so that it is valid after a restart, and for no longer than the token.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from pydantic import SecretStr

from streams.errors import TelexError
from streams.settings import MIN_TOKEN, Settings
from streams.web.rate_limit import RateLimit

COOKIE = "telex-session"
# Tokens that an address may try at once, and then in a minute.
MAX_ATTEMPTS = 10


class Access:
    """Decides about requests.

    Args:
        token: what a reader has to send; None where no token is needed.
    """

    def __init__(self, token: str | None) -> None:
        self._token = token
        self._cookie = None if token is None else hmac.digest(token.encode(), b"telex-session", sha256).hex()
        self._attempts = RateLimit(MAX_ATTEMPTS, MAX_ATTEMPTS / 60)

    @property
    def needs_token(self) -> bool:
        """Whether readers need a token."""
        return self._token is not None

    def is_known_host(self, host: str | None) -> bool:
        """Whether the name in the Host header is one of this server. With a token every name is."""
        return self.needs_token or is_loopback(_name(host or ""))

    def allows(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
        """Whether a request has the token or the cookie, where it needs one."""
        if self._token is None or self._cookie is None:
            return True
        scheme, _, sent = headers.get("authorization", "").partition(" ")
        return (scheme.lower() == "bearer" and _equal(sent.strip(), self._token)) or _equal(
            cookies.get(COOKIE, ""), self._cookie
        )

    def cookie_for(self, token: str, address: str) -> str | None:
        """The content of the cookie; None for a wrong token.

        Args:
            token: that the reader has sent.
            address: of the reader. Another address that tries tokens locks nobody out.

        Raises:
            PermissionError: the address has tried too many tokens.
        """
        if not self._attempts.allows(address):
            raise PermissionError
        return self._cookie if self._token is not None and _equal(token, self._token) else None


def token_of(settings: Settings) -> str | None:
    """The token of the settings. Raises TelexError where the page would be open to other machines without one."""
    token = settings.web_token or _token_in(settings.web_token_file)
    if token is None and not is_loopback(settings.web_host):
        raise TelexError(
            f"TELEX_WEB_HOST is {settings.web_host}, where other machines reach the web page: set TELEX_WEB_TOKEN or "
            "TELEX_WEB_TOKEN_FILE, which readers then have to know, or serve it on 127.0.0.1."
        )
    return None if token is None else token.get_secret_value()


def _token_in(file: Path | None) -> SecretStr | None:
    if file is None:
        return None
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise TelexError(f"TELEX_WEB_TOKEN_FILE: {file} cannot be read: {error}.") from None
    if len(token) < MIN_TOKEN:
        raise TelexError(f"TELEX_WEB_TOKEN_FILE: the token in {file} has fewer than {MIN_TOKEN} characters.")
    return SecretStr(token)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def _name(host: str) -> str:
    """The name or address in a Host header, without the port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _equal(sent: str, right: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(sent.encode(), right.encode())
