"""One attempt to deliver a match: a signed POST request by the rules of Standard Webhooks.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from importlib.metadata import version

import httpx
import msgspec
from standardwebhooks import Webhook

from streams.records import rfc3339
from streams.settings import Settings
from streams.worker.webhooks.destination import RefusedError, address_of
from streams.worker.webhooks.signing import Secrets

# Seconds for an attempt in all, from the look-up of the name to the status of the response. Standard Webhooks
# recommends 15 to 30.
ATTEMPT_LIMIT_S = 15.0
# Attempts at the same time. Each has a connection, and many systems allow a process 1,024 of them.
MAX_ATTEMPTS = 500
# Characters of the reason of a failure.
_MAX_REASON = 200

_encoder = msgspec.json.Encoder()


class NotDeliveredError(Exception):
    """An attempt failed. The message is a clause that says why, without the path of the URL, which may be secret."""


class Poster:
    """Sends webhooks.

    It uses no proxy, follows no redirect, reads no body of a response, and keeps no connection: a connection that was
    made for one host must not serve another one at the same address.

    Args:
        settings: what is allowed.
        secrets: of the watches.
    """

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._settings, self._secrets = settings, secrets
        self._client = httpx.AsyncClient(
            verify=ssl.create_default_context(),
            trust_env=False,
            follow_redirects=False,
            timeout=ATTEMPT_LIMIT_S,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            headers={"User-Agent": f"Telex/{version('telex')}", "Content-Type": "application/json"},
        )
        self._free = asyncio.Semaphore(MAX_ATTEMPTS)

    async def post(self, watch: str, url: str, match_id: str, value: bytes, timestamp_ms: int) -> None:
        """Deliver a match.

        Args:
            watch: the name of the watch.
            url: where to.
            match_id: the id of the webhook, the same at each attempt.
            value: the JSON of the match.
            timestamp_ms: when the article matched, in milliseconds since 1970.

        Raises:
            NotDeliveredError: the response is not 2xx, or there is none.
        """
        body = _encoder.encode(
            {
                "type": "telex.match",
                "timestamp": rfc3339.of_timestamp(timestamp_ms),
                "data": msgspec.Raw(value),
            }
        )
        now = datetime.now(UTC)
        signature = Webhook(self._secrets.of_watch(watch)).sign(match_id, now, body.decode())
        headers = {
            "webhook-id": match_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
        async with self._free:
            try:
                async with asyncio.timeout(ATTEMPT_LIMIT_S):
                    status = await self._status(httpx.URL(url), headers, body)
            except TimeoutError:
                raise NotDeliveredError(f"no response within {ATTEMPT_LIMIT_S:g} s") from None
            except RefusedError as error:
                raise NotDeliveredError(str(error)) from None
            except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
                reason = f"{type(error).__name__}: {error}"
                raise NotDeliveredError(reason[:_MAX_REASON]) from None
        if not 200 <= status < 300:
            raise NotDeliveredError(f"the response is {status}")

    async def _status(self, url: httpx.URL, headers: dict[str, str], body: bytes) -> int:
        if url.scheme != "https" and not self._settings.webhook_allow_http:
            raise RefusedError("the URL is not https: TELEX_WEBHOOK_ALLOW_HTTP allows that")
        port = url.port or (443 if url.scheme == "https" else 80)
        address = await address_of(url.host, port, allow_private=self._settings.webhook_allow_private)
        # The connection goes to the address that was checked. The certificate has to be that of the host.
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            headers={**headers, "Host": url.netloc.decode("ascii")},
            content=body,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        response = await self._client.send(request, stream=True)
        await response.aclose()
        return response.status_code

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()
