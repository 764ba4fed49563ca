"""Reads about members. All in the programme in scope."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from json import dumps
from types import ModuleType
from typing import Any, Literal

from django.db.models import Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Lock
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import Invalid, NotFound
from loyalty.tenancy.models import Location
from loyalty.tenancy.scope import current_programme
from loyalty.tenancy.statements import Read
from loyalty.web.discovery import modules_named
from members.profiles.models import Consent, Identifier, Member, Merge, Note
from members.profiles.rules import cards
from members.profiles.rules.names import mask, normalise_email, search_form
from members.profiles.rules.phones import looks_like_phone, normalise_phone

Trust = Literal["present", "named"]
_GONE = (Member.State.MERGED, Member.State.ERASED)
_SHORTEST_SEARCH = 2
_LOCKED: Read[Member] = Read(
    lambda member: Member.objects.select_related("holder").filter(public_id=member),
    lock=("self", "holder"),
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A member, and how they were recognised.

    ``by`` is ``qr``, ``card``, ``email``, ``phone`` or ``external``. ``trust`` is ``present`` for a
    code fresh from the member's own screen; anyone can read out a number (``named``): it may earn
    at once, and a till asks once more before points or vouchers are spent on it.
    """

    member: Member
    by: str
    trust: Trust


def member_to_lock(member: str) -> Lock:
    """The lock of commands about one member: their row and their holder's, in one query."""
    return Lock(locked=lambda: _LOCKED(member=member))


def member_of_id(public_id: str, *, field: str = "member") -> Member:
    """The member of a public id, with the holder loaded. Raises ``NotFound`` naming the field."""
    rows: QuerySet[Member] = Member.objects.select_related("holder")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound("member_not_found", _("No such member in this programme."), field=field)
    return found


def member_of_user(user_id: int) -> Member | None:
    """The card a log-in holds in this programme."""
    rows = Member.objects.select_related("holder").exclude(state__in=_GONE)
    return rows.filter(user=user_id).first()


def find_member(text: str, *, at: datetime | None = None) -> Found | None:
    """The one member meant: by rotating QR, card number, e-mail, phone in any spelling, outside id.

    Reads only: a till *takes* a QR with ``scan_card``, which refuses it the second time.
    """
    token = cards.read_token(text)
    if token is not None:
        return _by_token(token, at or clock_now())
    for kind, value in _readings(text):
        found = _by_identifier(kind, value)
        if found is not None:
            return Found(member=found, by=kind, trust="named")
    return None


def search_members(text: str, *, limit: int = 20) -> list[Member]:
    """Members a person at the till may mean: the exact one, else by parts of name or number."""
    exact = find_member(text)
    if exact is not None:
        return [exact.member]
    return list(filter_members(text=text).order_by("search_name", "pk")[:limit])


def filter_members(
    *,
    text: str = "",
    state: str = "",
    tag: str = "",
    joined_from: datetime | None = None,
    joined_until: datetime | None = None,
    location: str = "",
    channel: str = "",
) -> QuerySet[Member]:
    """Members by filters, unordered and unpaged; merged and erased ones only when asked for."""
    rows: QuerySet[Member] = Member.objects.all()
    rows = rows.filter(state=state) if state else rows.exclude(state__in=_GONE)
    if tag:
        rows = rows.filter(tagged(tag.lower()))
    if joined_from is not None:
        rows = rows.filter(joined_at__gte=joined_from)
    if joined_until is not None:
        rows = rows.filter(joined_at__lt=joined_until)
    if location:
        rows = rows.filter(joined_location__public_id=location)
    if channel:
        rows = rows.filter(joined_through=channel)
    return rows.filter(_matches(text)) if text.strip() else rows


def tagged(tag: str) -> Q:
    """Members who have a tag, given as tags are kept: in lower case."""
    # JSON containment is not to be had on SQLite; stored tags stand in quotation marks.
    return Q(tags__icontains=f'"{tag}"') | Q(tags__icontains=dumps(tag))


def newest_tags(*, among: int = 1_000) -> list[str]:
    """The tags that the newest members with tags have, by the alphabet. One query."""
    rows = Member.objects.exclude(tags=[]).order_by("-pk").values_list("tags", flat=True)
    return sorted({tag for tags in rows[:among] for tag in tags})


def identifiers_of(member: Member) -> list[Identifier]:
    """How a member is recognised, oldest first."""
    return list(Identifier.objects.filter(member=member).order_by("kind", "pk"))


def identifier_value(member: Member, kind: str) -> str:
    """The newest identifier of a kind; empty where there is none."""
    rows = Identifier.objects.filter(member=member, kind=kind).order_by("-pk")
    return rows.values_list("value", flat=True).first() or ""


def has_identifier(member: str, kind: str) -> bool:
    """Is the member of this public id recognised by a kind of identifier?"""
    return Identifier.objects.filter(member__public_id=member, kind=kind).exists()


def masked_contact(member: Member) -> str:
    """One masked way to recognise the member by, for lists and tills: ``091•••678``."""
    order = {kind: place for place, kind in enumerate(("phone", "email", "card", "external"))}
    rows = sorted(identifiers_of(member), key=lambda row: order[row.kind])
    return mask(rows[0].kind, rows[0].value) if rows else ""


def first_contacts(members: Iterable[Member]) -> dict[int, Identifier]:
    """The best way to reach each member, by primary key: phone before e-mail. One query."""
    order = ("phone", "email", "card", "external")
    rows = Identifier.objects.filter(member__in=[member.pk for member in members])
    found: dict[int, Identifier] = {}
    for row in sorted(rows, key=lambda row: (order.index(row.kind), -row.pk)):
        found.setdefault(row.member_id, row)
    return found


def identifiers_by_kind(members: Iterable[Member]) -> dict[int, dict[str, str]]:
    """The newest identifier of each kind of each member, by primary key. One query."""
    rows = Identifier.objects.filter(member__in=[member.pk for member in members]).order_by("pk")
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.member_id, {})[row.kind] = row.value
    return found


def eldest_of_holders(holders: Iterable[int]) -> dict[int, int]:
    """The first card (primary key) of each holder that is still there. One query."""
    rows = Member.objects.filter(holder__in=list(holders)).exclude(state__in=_GONE)
    return dict(
        rows.order_by().values("holder").annotate(first=Min("pk")).values_list("holder", "first")
    )


def household_of(member: Member) -> list[Member]:
    """The other members who share this member's balances."""
    rows = Member.objects.filter(holder=member.holder_id).exclude(pk=member.pk)
    return list(rows.exclude(state__in=_GONE).order_by("pk"))


def merges_of(member: Member) -> list[Merge]:
    """The cards that were merged into this one and have not been taken apart, newest first."""
    rows = Merge.objects.select_related("loser").filter(survivor=member, undone_at__isnull=True)
    return list(rows.order_by("-pk"))


def holders_of(member: Member) -> list[int]:
    """Keys of the holders of a card and of the cards merged into it: what happened on each before.

    A query for each merge behind another.
    """
    found, fresh = [member.holder_id], [member.pk]
    while fresh:
        rows = Merge.objects.filter(survivor__in=fresh, undone_at__isnull=True)
        merged = list(rows.values_list("holder", "loser"))
        found += [holder for holder, _loser in merged if holder not in found]
        fresh = [loser for _holder, loser in merged]
    return found


def notes_of(member: Member, *, limit: int = 50) -> list[Note]:
    """What staff wrote down, newest first."""
    return list(Note.objects.filter(member=member).order_by("-pk")[:limit])


def consents_now(member: Member) -> dict[str, Consent]:
    """The last word of a member on each purpose."""
    latest: dict[str, Consent] = {}
    for row in Consent.objects.filter(member=member).order_by("pk"):
        latest[row.purpose] = row
    return latest


def has_agreed(member: Member, purpose: str) -> bool:
    """May the programme do this, by the member's last word?"""
    row = Consent.objects.filter(member=member, purpose=purpose).order_by("-pk").first()
    return row is not None and row.granted


def identifier_owner(kind: str, value: str) -> Member | None:
    """Whose identifier this is, in any state."""
    row = Identifier.objects.select_related("member").filter(kind=kind, value=value).first()
    return row.member if row is not None else None


def takes_codes() -> bool:
    """May somebody who joins bring a code along? An app says so by its ``joining.py``."""
    return any(module.takes_codes() for module in modules_named("joining"))


def app_of_code(code: str) -> ModuleType:
    """The ``joining`` of the app that knows a code somebody brings along. Raises ``NotFound``."""
    for module in modules_named("joining"):
        if module.knows_code(code):
            return module
    raise NotFound(
        "unknown_code",
        _("There is no such code. Look at it again, or leave it out."),
        field="code",
    )


def personal_data(member: Member) -> dict[str, Any]:
    """Everything kept about a member, by section, as plain JSON values.

    Apps add their sections through ``personal_data.py`` (``export(member) -> dict``).
    """
    sections: dict[str, Any] = {
        "profile": {
            "id": member.public_id,
            "state": member.state,
            "name": member.name,
            "gender": member.gender,
            "birthday": _iso(member.birthday),
            "language": member.language,
            "tags": member.tags,
            "joined_at": _iso(member.joined_at),
            "joined_through": member.joined_through,
            "last_seen_at": _iso(member.last_seen_at),
        },
        "identifiers": [
            {"kind": row.kind, "value": row.value, "verified_at": _iso(row.verified_at)}
            for row in identifiers_of(member)
        ],
        "consents": [
            {
                "purpose": row.purpose,
                "granted": row.granted,
                "text": row.text,
                "text_version": row.text_version,
                "channel": row.channel,
                "recorded_at": _iso(row.recorded_at),
            }
            for row in Consent.objects.filter(member=member).order_by("pk")
        ],
        "notes": [
            {"text": row.text, "recorded_at": _iso(row.recorded_at)}
            for row in Note.objects.filter(member=member).order_by("pk")
        ],
    }
    for module in modules_named("personal_data"):
        sections.update(module.export(member))
    return sections


def location_or_nothing(public_id: str) -> str:
    """The public id of a location of this programme; empty for any other text (a mistyped link)."""
    known = Location.objects.filter(public_id=public_id[:40].replace("\0", ""))
    return public_id if known.exists() else ""


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


def _by_token(token: cards.Token, at: datetime) -> Found | None:
    member = Member.objects.select_related("holder").filter(public_id=token.member).first()
    if member is None or not cards.is_genuine(token, secret=member.card_secret, now=at):
        return None
    return Found(member=member, by="qr", trust="present")


def _by_identifier(kind: str, value: str) -> Member | None:
    row = Identifier.objects.select_related("member__holder").filter(kind=kind, value=value).first()
    return row.member if row is not None else None


def _readings(text: str) -> list[tuple[str, str]]:
    """Every identifier the text may be meant as, the surest first."""
    plain = text.replace("\0", "").strip()
    readings: list[tuple[str, str]] = []
    if card := cards.card_number(plain):
        readings.append((Identifier.Kind.CARD, card))
    if "@" in plain:
        with suppress(Invalid):
            readings.append((Identifier.Kind.EMAIL, normalise_email(plain)))
    elif looks_like_phone(plain):
        with suppress(Invalid):
            country = current_programme().country
            readings.append((Identifier.Kind.PHONE, normalise_phone(plain, country=country)))
    if 0 < len(plain) <= 254:
        readings.append((Identifier.Kind.EXTERNAL, plain))
    return readings


def _matches(text: str) -> Q:
    words = search_form(text[:200].replace("\0", "")).split()
    by_name = Q(search_name__gt="")
    for word in words:
        by_name &= Q(search_name__contains=word)
    digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
    if len(digits) > _SHORTEST_SEARCH and len(digits) >= len(text.strip()) // 2:
        end = digits.removeprefix("0") if digits.startswith("0") else digits
        numbers = Identifier.objects.filter(
            kind__in=(Identifier.Kind.PHONE, Identifier.Kind.CARD), value__contains=end
        )
        return by_name | Q(pk__in=numbers.values("member"))
    found = find_member(text)
    return by_name | Q(pk=found.member.pk) if found is not None else by_name
