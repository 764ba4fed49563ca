"""No webhook reaches what only our own network can reach, whatever name it hides behind."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest

from loyalty.common.errors import Invalid
from loyalty.outbox.guard import RefusedAddressError, check_url, is_public, resolve
from loyalty.outbox.sending import Letter, post

PRIVATE = [
    "127.0.0.1",
    "10.0.0.8",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.7",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "203.162.4.190", "2606:4700::1111"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook",
        "ftp://shop.example/",
        "https://",
        "https://user:secret@shop.example/",
        "https://shop.example/#part",
        "https://shop.example:99999/",
        "https://shop.example/a b",
        "https://localhost/",
        "https://till/",
        "https://db.internal/",
        "https://printer.local/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "javascript:alert(1)",
    ],
)
def test_addresses_that_cannot_be_meant_are_refused_at_once(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_url(url)
    assert caught.value.field == "url"


def test_a_public_address_is_taken() -> None:
    assert check_url("https://ban-hang.example.vn:8443/than?x=1").endswith("?x=1")


def _answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """The name server is the one part of the world these tests cannot have for real."""

    def answer(host: str, port: int, **_kw: object) -> list[tuple]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def test_a_name_that_leads_inside_is_refused_at_every_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _answers(monkeypatch, "1.1.1.1")
    assert resolve("rebind.example", 443) == "1.1.1.1"
    _answers(monkeypatch, "1.1.1.1", "127.0.0.1")
    with pytest.raises(RefusedAddressError):
        resolve("rebind.example", 443)
    letter = Letter(
        delivery_id=1,
        url="https://rebind.example/",
        id="evt_1",
        body="{}",
        secrets=("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",),
    )
    attempt = post(letter)
    assert attempt.status == 0
    assert attempt.error.startswith("refused:")
