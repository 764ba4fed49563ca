"""What makes a referral suspicious: the same person, the same device, too many at once.

Nothing here says that somebody cheats. It says that a person should look before both are paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

SAME_DEVICE, ALIKE_EMAIL, ALIKE_PHONE = "same_device", "alike_email", "alike_phone"
SAME_PERSON, SAME_HOUSEHOLD = "same_person", "same_household"
KNOWN_PERSON, BURST = "known_person", "burst"
REASONS = (
    SAME_PERSON,
    SAME_DEVICE,
    ALIKE_EMAIL,
    ALIKE_PHONE,
    SAME_HOUSEHOLD,
    KNOWN_PERSON,
    BURST,
)

# Mailboxes that leave dots out of account.
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
# The end of a number that stays the same however its beginning is written.
_LAST_DIGITS = 8


@dataclass(frozen=True, kw_only=True)
class Person:
    """By what a person is known again. ``name`` is in its search form."""

    name: str = ""
    birthday: date | None = None
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    holder: int = 0
    user: int | None = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is known when a referral is looked at.

    Args:
        friend: who was invited; ``referrer`` who invited; ``others`` whom they invited before.
        is_known: somebody of this name and birthday was a member before.
        in_hour: friends of this referrer who joined within the hour, this one among them;
            ``in_day`` within the day. ``hour_most``, ``day_most``: more is too many; 0 for never.
    """

    friend: Person
    referrer: Person
    others: Sequence[Person] = field(default=())
    is_known: bool = False
    in_hour: int = 0
    in_day: int = 0
    hour_most: int = 0
    day_most: int = 0


def suspicions(seen: Seen) -> tuple[str, ...]:
    """Why a person should look at a referral, the gravest first; none for the most."""
    friend, referrer = seen.friend, seen.referrer
    found = {
        SAME_PERSON: _is_same(friend, referrer),
        SAME_DEVICE: _share(friend.devices, (one.devices for one in (referrer, *seen.others))),
        ALIKE_EMAIL: _share(friend.emails, (one.emails for one in (referrer, *seen.others))),
        ALIKE_PHONE: _share(friend.phones, (one.phones for one in (referrer, *seen.others))),
        SAME_HOUSEHOLD: friend.holder == referrer.holder,
        KNOWN_PERSON: seen.is_known or any(_is_same(friend, one) for one in seen.others),
        BURST: _is_many(seen.in_hour, seen.hour_most) or _is_many(seen.in_day, seen.day_most),
    }
    return tuple(reason for reason in REASONS if found[reason])


def one_mailbox(address: str) -> str:
    """The mailbox behind an address: without a ``+tag``, at Gmail without dots."""
    local, _at, domain = address.strip().lower().rpartition("@")
    local = local.split("+")[0]
    if domain in _DOTLESS:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def last_digits(number: str) -> str:
    """The end of a phone number, the same in every spelling and with any country code."""
    digits = "".join(sign for sign in number if sign.isascii() and sign.isdigit())
    return digits[-_LAST_DIGITS:]


def _is_same(one: Person, other: Person) -> bool:
    if one.user is not None and one.user == other.user:
        return True
    is_named = bool(one.name) and one.name == other.name
    return is_named and one.birthday is not None and one.birthday == other.birthday


def _share(mine: frozenset[str], theirs: Iterable[frozenset[str]]) -> bool:
    return any(mine & one for one in theirs)


def _is_many(number: int, most: int) -> bool:
    return 0 < most < number
