"""Where a webhook may go: never to an address that only our own network can reach.

The host is resolved at every attempt, every address it has must be public, and the connection is
made to the very address that was checked, so a name that changes its answer in between gains
nothing. WEBHOOK_ALLOW_PRIVATE lifts this for shops whose own systems stand beside the server.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from loyalty.common.errors import Invalid

Address = IPv4Address | IPv6Address


class RefusedAddressError(Exception):
    """The host is not to be reached from here."""


def check_url(url: str, *, field: str = "url") -> str:
    """An address as given, without a look into the network. Raises ``Invalid``."""
    try:
        parts = urlsplit(url.strip())
        port_given = parts.port
    except ValueError:
        parts, port_given = SplitResult("", "", "", "", ""), None
    schemes = ("https", "http") if settings.WEBHOOK_ALLOW_PRIVATE else ("https",)
    if parts.scheme not in schemes or not parts.hostname or port_given == 0:
        raise Invalid("bad_url", _told_bad(), field=field)
    if parts.username or parts.password or parts.fragment or not url.isprintable() or " " in url:
        raise Invalid("bad_url", _told_bad(), field=field)
    literal = _literal(parts.hostname)
    # A name without a dot means a host of this network, whatever it resolves to.
    is_name = literal is None
    local = is_name and (
        "." not in parts.hostname or parts.hostname.endswith((".localhost", ".local", ".internal"))
    )
    if not settings.WEBHOOK_ALLOW_PRIVATE and (local or (literal and not is_public(literal))):
        raise Invalid("private_address", _told_private(), field=field)
    return url.strip()


def resolve(host: str, port: int) -> str:
    """The address to connect to. Raises ``RefusedAddressError`` and ``OSError``."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(one[4][0]).split("%")[0]) for one in answers]
    if not addresses:
        raise RefusedAddressError(f"{host} has no address")
    if not settings.WEBHOOK_ALLOW_PRIVATE:
        for address in addresses:
            if not is_public(address):
                raise RefusedAddressError(f"{host} is a private address")
    return str(addresses[0])


def is_public(address: Address) -> bool:
    """Can everybody reach it? What is embedded in an IPv6 address is looked at too."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _translated(address)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def _translated(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address behind NAT64's well-known prefix."""
    return IPv4Address(int(address) & 0xFFFFFFFF) if int(address) >> 32 == 0x64FF9B << 64 else None


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:  # 2130706433, 0x7f.1 and 127.1 are 127.0.0.1 to a resolver
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _told_bad() -> str:
    return _("Give an address that begins with https://, without user name or “#”.")


def _told_private() -> str:
    return _("Give an address in the internet; this one is inside a private network.")
