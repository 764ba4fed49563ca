"""What members are asked to agree to: one purpose each, with the very words and their version.

A text is never edited: another wording is another version. Nothing is ticked beforehand, and only
``terms`` is needed to join (the programme cannot be run without it).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from loyalty.common.errors import Invalid

TERMS = "terms"


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing to agree to. ``text`` may hold ``%(programme)s``."""

    code: str
    label: str | Promise
    text: str | Promise
    version: str
    needed: bool = False


PURPOSES = (
    Purpose(
        TERMS,
        _("Terms of the programme"),
        _(
            "I am a member of %(programme)s. It keeps my name, how to reach me and what I buy, "
            "to count my points and give me my rewards. I can read, download or erase all of it "
            "at any time."
        ),
        "2026-11",
        needed=True,
    ),
    Purpose(
        "marketing_email",
        _("News by e-mail"),
        _("%(programme)s may send me offers and news by e-mail. I can stop this at any time."),
        "2026-11",
    ),
    Purpose(
        "marketing_sms",
        _("News by phone"),
        _(
            "%(programme)s may send me offers and news to my phone (SMS, Zalo). "
            "I can stop this at any time."
        ),
        "2026-11",
    ),
    Purpose(
        "personal_offers",
        _("Offers that suit me"),
        _("%(programme)s may look at what I buy to choose offers for me."),
        "2026-11",
    ),
)


# Kinds of letters a member of the e-mail club can choose; said on the page of the club, not on joining.
TOPICS = (
    Purpose(
        "email_news",
        _("News"),
        _("%(programme)s may write to me about what is new."),
        "2026-11",
    ),
    Purpose(
        "email_offers",
        pgettext_lazy("letters", "Offers"),
        _("%(programme)s may write to me about offers and promotions."),
        "2026-11",
    ),
    Purpose(
        "email_account",
        _("My card"),
        _("%(programme)s may write to me about my own points, rewards and levels."),
        "2026-11",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What a consent is proven by: the address it is about, the network it came from, where it was said.

    Neither address nor network is kept as it is: see :func:`address_hash` and :func:`network_of`.
    """

    address: str = ""
    network: str = ""
    source: str = ""


def address_hash(address: str) -> str:
    """A keyed hash of an address: it can be found again by who knows it, and read by nobody."""
    if not address:
        return ""
    return salted_hmac("members.consents", address.lower(), algorithm="sha256").hexdigest()


def network_of(address: str) -> str:
    """The network of an IP address: /24 of version 4, /48 of version 6; empty for anything else."""
    try:
        if "/" in address:
            return str(ip_network(address.strip()))
        found = ip_address(address.strip())
    except ValueError:
        return ""
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))


def purpose(code: str, *, field: str = "consents") -> Purpose:
    """The purpose of a code. Raises ``Invalid`` naming the known ones."""
    for one in PURPOSES:
        if one.code == code:
            return one
    raise Invalid(
        "unknown_purpose",
        _("Unknown purpose “%(code)s”. Use one of: %(known)s.")
        % {"code": code[:40], "known": ", ".join(one.code for one in PURPOSES)},
        field=field,
    )


def wording(one: Purpose, *, programme: str, language: str) -> str:
    """The words a person of that language saw."""
    with override(language):
        return str(one.text) % {"programme": programme}
