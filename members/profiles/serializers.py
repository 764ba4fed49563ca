"""Shapes of the members API: what comes in as serializers, what goes out as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loyalty.web.api import (
    Body,
    Choice,
    Day,
    Flag,
    Instant,
    ItemList,
    PublicId,
    Query,
    Text,
)
from members.profiles.models import Consent, Identifier, Member
from members.profiles.rules.names import LONGEST_NAME, LONGEST_TAG, MOST_TAGS, mask
from members.profiles.services import ConsentGiven, NewMember, ProfileChanges

LANGUAGES = ("vi", "en")


class ConsentBody(Body):
    """One purpose agreed to, in the version of the text that was shown."""

    purpose = Text(maximum=40)
    version = Text(maximum=40, required=False)


class MemberBody(Body):
    """Who joins. At least one way to recognise them is needed."""

    name = Text(maximum=LONGEST_NAME, required=False)
    phone = Text(maximum=40, required=False, help_text="In any spelling.")
    email = Text(maximum=254, required=False)
    card = Text(maximum=40, required=False)
    external = Text(maximum=200, required=False, help_text="The id in your own system.")
    birthday = Day(required=False)
    gender = Choice(choices=Member.Gender.values, required=False)
    language = Choice(choices=LANGUAGES, required=False)
    tags = ItemList(child=Text(maximum=LONGEST_TAG), maximum=MOST_TAGS, required=False)
    consents = ItemList(child=ConsentBody(), maximum=10, required=False)
    location = PublicId(prefix="loc", required=False)
    joined_at = Instant(required=False, help_text="Now where it is missing.")
    code = Text(
        maximum=40, required=False, help_text="A code they bring along: a friend's invitation."
    )
    device = Text(
        maximum=200,
        required=False,
        help_text="A mark of the device they join on, the same each time; kept as a hash.",
    )


class MemberPatch(Body):
    """What shall change; what is missing stays. ``birthday: null`` forgets it."""

    name = Text(maximum=LONGEST_NAME, required=False)
    birthday = Day(required=False, allow_null=True)
    gender = Choice(choices=Member.Gender.values, required=False)
    language = Choice(choices=LANGUAGES, required=False)
    timezone = Text(maximum=64, required=False)


class IdentifierBody(Body):
    """One way to recognise a member."""

    kind = Choice(choices=Identifier.Kind.values)
    value = Text(maximum=254)


class NewIdentifierBody(IdentifierBody):
    """One more way to recognise a member."""

    verified = Flag(required=False, help_text="The member has proven it to you.")


class LookupBody(Body):
    """Whom do you mean? Phone in any spelling, e-mail, card number, outside id, or a scanned QR."""

    identifier = Text(maximum=254)


class TagsBody(Body):
    """Tags to add and to take away."""

    add = ItemList(child=Text(maximum=LONGEST_TAG), maximum=MOST_TAGS, required=False)
    remove = ItemList(child=Text(maximum=LONGEST_TAG), maximum=MOST_TAGS, required=False)


class ConsentChange(Body):
    """The member's word on one purpose."""

    purpose = Text(maximum=40)
    granted = Flag()


class HoldBody(Body):
    """Why a card is put on hold."""

    reason = Text(maximum=LONGEST_NAME, required=False)


class CardBody(Body):
    """A printed card's number; a fresh one is drawn where it is missing."""

    number = Text(maximum=40, required=False)


class MemberQuery(Query):
    """Filters of the list of members."""

    q = Text(maximum=200, required=False, help_text="Parts of name, phone or card.")
    identifier = Text(maximum=254, required=False, help_text="Exactly one member's, any spelling.")
    state = Choice(choices=Member.State.values, required=False)
    tag = Text(maximum=LONGEST_TAG, required=False)
    joined_from = Instant(required=False)
    joined_until = Instant(required=False)
    location = PublicId(prefix="loc", required=False)
    channel = Text(maximum=20, required=False)


@dataclass(frozen=True, kw_only=True)
class IdentifierView:
    """One way to recognise a member. ``value`` is null unless the key may ``members:export``."""

    kind: str
    hint: str
    value: str | None
    verified_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class MemberView:
    """A member. ``state`` is active, held, merged or erased."""

    id: str
    state: str
    name: str
    gender: str
    birthday: date | None
    language: str
    tags: list[str]
    joined_at: datetime
    joined_through: str
    last_seen_at: datetime | None
    merged_into: str | None
    identifiers: list[IdentifierView]
    revision: int


@dataclass(frozen=True, kw_only=True)
class FoundView:
    """Who was meant, and how sure that is: ``present`` for a fresh QR, ``named`` for the rest."""

    member: MemberView
    by: str
    trust: str


@dataclass(frozen=True, kw_only=True)
class ConsentView:
    """The member's last word on one purpose, with the text they saw."""

    purpose: str
    granted: bool
    version: str
    text: str
    recorded_at: datetime


def new_member(body: Mapping[str, Any]) -> NewMember:
    """A checked body as the person that the service enrols."""
    values = dict(body)
    values["tags"] = tuple(body.get("tags", ()))
    values["consents"] = tuple(ConsentGiven(**one) for one in body.get("consents", ()))
    return NewMember(channel="api", **values)


def profile_changes(body: Mapping[str, Any]) -> ProfileChanges:
    """A checked patch as the changes that the service makes."""
    forgets = "birthday" in body and body["birthday"] is None
    return ProfileChanges(clear_birthday=forgets, **body)


def present_member(row: Member, *, in_full: bool) -> MemberView:
    """A member with identifiers loaded; contacts masked unless ``in_full``."""
    return MemberView(
        id=row.public_id,
        state=row.state,
        name=row.name,
        gender=row.gender,
        birthday=row.birthday,
        language=row.language,
        tags=list(row.tags),
        joined_at=row.joined_at,
        joined_through=row.joined_through,
        last_seen_at=row.last_seen_at,
        merged_into=row.merged_into.public_id if row.merged_into else None,
        identifiers=[present_identifier(one, in_full=in_full) for one in row.identifiers.all()],
        revision=row.revision,
    )


def present_identifier(row: Identifier, *, in_full: bool) -> IdentifierView:
    """One identifier, masked unless ``in_full``."""
    return IdentifierView(
        kind=row.kind,
        hint=mask(row.kind, row.value),
        value=row.value if in_full else None,
        verified_at=row.verified_at,
    )


def present_consent(row: Consent) -> ConsentView:
    """One consent."""
    return ConsentView(
        purpose=row.purpose,
        granted=row.granted,
        version=row.text_version,
        text=row.text,
        recorded_at=row.recorded_at,
    )
