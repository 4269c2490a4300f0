"""One attempt to deliver a webhook: its signature, what counts as delivered, and where Telex does not send anything."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from pydantic import SecretStr
from standardwebhooks.webhooks import WebhookVerificationError

from streams.errors import TelexError
from streams.settings import Settings
from streams.system.ports import free_port, is_free
from streams.system.public_address import is_public
from streams.worker.webhooks import post
from streams.worker.webhooks.post import NotDeliveredError, Poster
from streams.worker.webhooks.signing import Secrets
from tests.support.certificates import Authority, key_pem
from tests.support.processes import wait_for
from tests.support.webhook_receiver import Fault, WebhookReceiver

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
VALUE = json.dumps({"id": "m1", "watch": "merkel", "article": {"id": "a", "title": "Été"}}, ensure_ascii=False).encode()
ALLOWED = {"webhook_allow_http": True, "webhook_allow_private": True}


def settings(**more: Any) -> Settings:
    return Settings(webhook_secret=SecretStr(SECRET), **more)


def deliver(url: str, **allowed: bool) -> None:
    """Make one attempt. Raises NotDeliveredError."""

    async def attempt() -> None:
        own = settings(**allowed)
        poster = Poster(own, Secrets(own))
        try:
            await poster.post("merkel", url, "m1", VALUE, 1_700_000_000_000)
        finally:
            await poster.close()

    asyncio.run(attempt())


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as started:
        yield started


def test_a_webhook_has_the_form_and_the_signature_of_standard_webhooks(receiver: WebhookReceiver) -> None:
    deliver(receiver.url, **ALLOWED)
    (webhook,) = receiver.accepted
    secret = Secrets(settings()).of_watch("merkel")
    assert webhook.verify(secret) == {
        "type": "telex.match",
        "timestamp": "2023-11-14T22:13:20.000Z",
        "data": json.loads(VALUE),
    }
    assert webhook.id == "m1"
    signed = b".".join((b"m1", webhook.headers["webhook-timestamp"].encode(), webhook.body))
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, "sha256")
    assert webhook.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert webhook.headers["content-type"] == "application/json"
    assert webhook.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_the_receiver_of_the_examples_prints_what_is_signed_for_it_and_refuses_the_rest() -> None:
    port = free_port()
    program = (Path(__file__).parents[2] / "examples" / "receive_webhooks.py").read_text().replace("8700", str(port))
    for watch, refusal in (("merkel", None), ("macron", "the response is 401")):
        secret = Secrets(settings()).of_watch(watch)
        with subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "SECRET": secret},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as receiver:
            wait_for(lambda: not is_free("127.0.0.1", port), 30)
            try:
                deliver(f"http://127.0.0.1:{port}/", **ALLOWED)
            except NotDeliveredError as error:
                assert str(error) == refusal
            receiver.kill()
            assert receiver.stdout
            assert receiver.stdout.read() == ("" if refusal else "merkel a\n")


def test_no_watch_can_sign_for_another_one(receiver: WebhookReceiver) -> None:
    deliver(receiver.url, **ALLOWED)
    secrets = Secrets(settings())
    assert secrets.of_watch("merkel") == Secrets(settings()).of_watch("merkel")
    with pytest.raises(WebhookVerificationError):
        receiver.accepted[0].verify(secrets.of_watch("macron"))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("error", "the response is 500"),
        ("redirect", "the response is 302"),
        ("reset", "ReadError"),
        ("hang", "no response within 0.5 s"),
    ],
)
def test_a_receiver_that_does_not_accept_is_a_failure(
    receiver: WebhookReceiver, fault: Fault, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "ATTEMPT_LIMIT_S", 0.5)
    receiver.fault = fault
    with pytest.raises(NotDeliveredError) as failed:
        deliver(receiver.url, **ALLOWED)
    assert str(failed.value).startswith(message)
    assert receiver.attempts == 1


def test_an_endless_response_is_not_read(receiver: WebhookReceiver) -> None:
    receiver.fault = "endless"
    deliver(receiver.url, **ALLOWED)
    assert len(receiver.accepted) == 1


def test_a_receiver_that_is_gone_is_a_failure(receiver: WebhookReceiver) -> None:
    receiver.go_away()
    with pytest.raises(NotDeliveredError, match="ConnectError"):
        deliver(receiver.url, **ALLOWED)
    receiver.come_back()


@pytest.mark.parametrize(
    ("url", "allowed", "message"),
    [
        ("http://127.0.0.1:{port}/", {"webhook_allow_private": True}, "the URL is not https"),
        ("http://127.0.0.1:{port}/", {"webhook_allow_http": True}, "127.0.0.1 has the address 127.0.0.1, which is not"),
        ("http://localhost:{port}/", {"webhook_allow_http": True}, "localhost has the address "),
        ("http://[::1]:{port}/", {"webhook_allow_http": True}, "::1 has the address ::1, which is not public"),
        ("http://0x7f.1:{port}/", {"webhook_allow_http": True}, "0x7f.1 has the address 127.0.0.1, which is not"),
        ("http://2130706433:{port}/", {"webhook_allow_http": True}, "2130706433 has the address 127.0.0.1, which"),
        ("https://169.254.169.254/latest", {}, "169.254.169.254 has the address 169.254.169.254, which is not public"),
    ],
)
def test_nothing_is_sent_where_it_is_not_allowed(
    receiver: WebhookReceiver, url: str, allowed: dict[str, bool], message: str
) -> None:
    with pytest.raises(NotDeliveredError) as failed:
        deliver(url.format(port=receiver.port), **allowed)
    assert str(failed.value).startswith(message)
    assert receiver.attempts == 0


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_an_address_of_a_private_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.fixture
def authority() -> Authority:
    return Authority("a receiver's authority")


def certified(authority: Authority, folder: Path) -> Path:
    key, certificate = authority.sign("127.0.0.1", ExtendedKeyUsageOID.SERVER_AUTH)
    file = folder / "receiver.pem"
    file.write_bytes(certificate + key_pem(key))
    return file


def test_a_webhook_goes_over_tls(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with WebhookReceiver(certified(authority, tmp_path)) as receiver:
        deliver(receiver.url, webhook_allow_private=True)
        assert len(receiver.accepted) == 1


def test_a_wrong_certificate_is_a_failure(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certified(authority, tmp_path)
    with WebhookReceiver(file) as receiver, pytest.raises(NotDeliveredError, match="CERTIFICATE_VERIFY_FAILED"):
        deliver(receiver.url, webhook_allow_private=True)
    assert receiver.attempts == 0
    # The certificate is one for 127.0.0.1, and the URL names another host at this address.
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with (
        WebhookReceiver(file) as receiver,
        pytest.raises(NotDeliveredError, match=r"certificate is not valid for 'localhost'|Hostname mismatch"),
    ):
        deliver(receiver.url.replace("127.0.0.1", "localhost"), webhook_allow_private=True)


def test_the_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    of_file = Secrets(Settings(webhook_secret_file=tmp_path / "secret"))
    assert of_file.of_watch("a") == Secrets(settings()).of_watch("a")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Webhooks need a secret"),
        ({"webhook_secret": SecretStr("hunter2")}, "The secret of webhooks cannot be used"),
        ({"webhook_secret": SecretStr("whsec_ä")}, "The secret of webhooks cannot be used"),
        ({"webhook_secret": SecretStr("whsec_aGVsbG8=")}, "The secret of webhooks cannot be used"),
        ({"webhook_secret_file": Path("/missing")}, "TELEX_WEBHOOK_SECRET_FILE: /missing cannot be used (No such"),
    ],
)
def test_a_secret_that_cannot_be_used_is_refused_and_not_shown(given: dict[str, Any], message: str) -> None:
    with pytest.raises(TelexError) as refused:
        Secrets(Settings(**given))
    assert str(refused.value).startswith(message)
    assert "hunter2" not in str(refused.value)
