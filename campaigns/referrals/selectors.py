"""Reads about referrals: programmes, codes, who brought whom, and what a programme cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from campaigns.referrals.models import Referral, ReferralCode, ReferralProgramme
from campaigns.referrals.results import Invitation, ProgrammeFigures
from campaigns.referrals.rules.codes import clean_code
from campaigns.referrals.rules.suspicions import Person, Seen, last_digits, one_mailbox
from campaigns.referrals.rules.telling import (
    TONES,
    Told,
    given_name,
    state_word,
    to_friend,
    to_referrer,
)
from campaigns.referrals.rules.terms import (
    CREDIT,
    FIGURES,
    GIVEN_REWARD,
    GIVEN_UNITS,
    POINTS,
    QUALIFIED,
    STATUS,
    Gift,
    ReferralTerms,
)
from campaigns.referrals.rules.words import gift_text
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.engine.models import Activity, AppliedEffect, MemberStatus, Rule
from loyalty.engine.paying import worth_minor
from loyalty.engine.plug import live_rules, mechanics
from loyalty.engine.rules import applies
from loyalty.ledger.assets import asset_view_of
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Identifier, Member

# Of those a member invited before, so many are compared with the next.
_COMPARED = 50
_LONGEST_RING = 20
# Who forgot to give the code when they joined may do so for a day, before they buy.
_FORGOT = timedelta(days=1)
_STATES = (Rule.State.LIVE, Rule.State.PILOT, Rule.State.PAUSED, Rule.State.ENDED)


def counting_programmes() -> list[ReferralTerms]:
    """Every published version, by priority, the newest first: a friend is paid by the version they
    joined under, even if it is paused or over since.
    """
    rows: QuerySet[ReferralProgramme] = ReferralProgramme.objects.filter(state__in=_STATES)
    return [row.terms() for row in rows.order_by("-priority", "-pk")]


def programmes() -> QuerySet[ReferralProgramme]:
    """The newest version of each published programme, newest first."""
    published = ReferralProgramme.objects.exclude(state=Rule.State.DRAFT)
    replaced = published.filter(replaces__isnull=False).values("replaces")
    return published.exclude(pk__in=replaced).order_by("-priority", "-pk")


def is_running() -> bool:
    """Does any programme take new referrals now, from somebody? One query."""
    at = clock_now()
    rows = ReferralProgramme.objects.filter(state__in=(Rule.State.LIVE, Rule.State.PILOT))
    rows = rows.filter(Q(starts_at__isnull=True) | Q(starts_at__lte=at))
    return bool(rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at)).exists())


def has_programmes() -> bool:
    """Is or was there any? No query where nothing changed since it was last asked."""
    return bool(_loaded())


def _loaded() -> Sequence[ReferralTerms]:
    """The rules as the engine keeps them for all sales."""
    programme = current_programme()
    plug = next(one for one in mechanics() if one.name == "referrals")
    return live_rules(plug, programme.pk, programme.rules_version)


def programme_for(referrer: Member, *, at: datetime) -> ReferralTerms | None:
    """The first programme, by priority, that this member may invite by now. Its budget is left."""
    rules = [one for one in _loaded() if one.accepts]
    if not rules:
        return None
    world = DatabaseWorld(programme=current_programme(), member=referrer, now=at)
    facts = Facts(world)
    asked = ActivityData(type=QUALIFIED, key=referrer.public_id, happened_at=at)
    for rule in rules:
        if applies(rule, asked, facts) and facts.budget_left(rule.public_id) != 0:
            return rule
    return None


def is_new(friend: Member, *, at: datetime) -> bool:
    """Did they join within a day, and buy nothing yet? One query."""
    if friend.joined_at < at - _FORGOT:
        return False
    return not Activity.objects.filter(member=friend, type=PURCHASE).exists()


def may_still_claim(friend: Member, *, at: datetime) -> bool:
    """May a code be noted on this card, which was forgotten on joining?"""
    if friend.joined_at < at - _FORGOT or referral_of(friend) is not None:
        return False
    return is_new(friend, at=at) and is_running()


def code_row(text: str) -> ReferralCode | None:
    """The code meant by what somebody typed."""
    code = clean_code(text)
    rows = ReferralCode.objects.select_related("member__holder", "member__merged_into__holder")
    return rows.filter(code=code).first() if code else None


def code_of(member: Member) -> ReferralCode | None:
    """The code a member invites with, if they ever did."""
    return ReferralCode.objects.filter(member=member).first()


def referrals() -> QuerySet[Referral]:
    """All referrals with their people, newest first."""
    rows: QuerySet[Referral] = Referral.objects.select_related("rule", "referrer", "friend")
    return rows.order_by("-pk")


def made_by(member: Member) -> QuerySet[Referral]:
    """Whom a member brought, newest first."""
    return referrals().filter(referrer=member)


def referral_of(friend: Member) -> Referral | None:
    """By whom a member was brought."""
    return referrals().filter(friend=friend).first()


def is_brought_by(member: Member, other: Member) -> bool:
    """Did a member come by the other, or by somebody whom the other brought, and so on?"""
    # Each step is one more friend of a friend; a longer ring than this is no trick for two gifts.
    for _step in range(_LONGEST_RING):
        found = referral_of(member)
        if found is None:
            return False
        if found.referrer_id == other.pk:
            return True
        member = found.referrer
    return False


def access_referral(public_id: str) -> Referral:
    """One referral. Raises ``NotFound``."""
    row = referrals().filter(public_id=public_id).first()
    if row is None:
        raise NotFound("referral_not_found", _("There is no such referral."), field="referral")
    return row


def referrals_by(*, state: str = "", referrer: str = "", friend: str = "") -> QuerySet[Referral]:
    """Referrals by filters, newest first."""
    rows = referrals()
    if state:
        rows = rows.filter(state=state)
    if referrer:
        rows = rows.filter(referrer__public_id=referrer)
    return rows.filter(friend__public_id=friend) if friend else rows


def figures(rows: Sequence[ReferralProgramme]) -> list[ProgrammeFigures]:
    """Programmes with what they brought and cost. Four queries for all of them together."""
    versions = {row.public_id: row.family for row in ReferralProgramme.objects.select_related()}
    states: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    counted = Referral.objects.order_by().values_list("rule__public_id", "state")
    for rule, state, n in counted.annotate(n=Count("pk")):
        states[versions[rule]][state] += n
    given: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    kinds = (GIVEN_UNITS, GIVEN_REWARD)
    effects = AppliedEffect.objects.filter(rule__in=versions, kind__in=kinds).order_by()
    for rule, asset, amount in effects.values_list("rule", "asset").annotate(
        left=Sum(F("amount") - F("undone"))
    ):
        given[versions[rule]][asset] += amount
    return [_figures(row, states[row.family], given[row.family]) for row in rows]


def _figures(
    row: ReferralProgramme, states: Mapping[str, int], given: Mapping[str, int]
) -> ProgrammeFigures:
    state, points = Referral.State, given.get(POINTS, 0)
    asset = asset_view_of(POINTS)
    credit = given.get(CREDIT, 0)
    standing = (state.BOUGHT, state.HELD, state.PAID)
    return ProgrammeFigures(
        programme=row.public_id,
        name=row.name,
        state=str(row.state),
        invited=sum(states.values()),
        bought=sum(states.get(one, 0) for one in standing),
        paid=states.get(state.PAID, 0),
        held=states.get(state.HELD, 0),
        points=points,
        credit_minor=credit,
        rewards=given.get("", 0),
        cost_minor=worth_minor(points, value_minor=asset.value_minor, value_units=asset.value_units)
        + credit,
    )


def queue() -> QuerySet[Referral]:
    """What a person must look at, the oldest first."""
    return referrals().filter(state=Referral.State.HELD).order_by("pk")


def due_referrals(*, at: datetime, after: int, limit: int) -> list[Referral]:
    """What is due: days to buy that are over, days to return that are over."""
    rows = Referral.objects.filter(due_at__lte=at, pk__gt=after).order_by("pk")
    return list(rows[:limit])


def unpaid_referrers(*, after: int, limit: int) -> list[Referral]:
    """Where the friend is paid and who invited them is not yet: their card was on hold, say."""
    rows = Referral.objects.filter(state=Referral.State.PAID, outcome="", pk__gt=after)
    return list(rows.order_by("pk")[:limit])


def invitations_of(member: Member, *, programme: Programme, limit: int) -> list[Invitation]:
    """Whom a member brought, newest first, as they read it."""
    found, terms = [], dict[int, ReferralTerms]()
    for row in made_by(member)[:limit]:
        if row.rule_id not in terms:
            terms[row.rule_id] = row.rule.terms()
        told = _told(row, terms[row.rule_id].for_referrer, programme)
        found.append(_invitation(row, row.friend, told, to_referrer(told), programme))
    return found


def coming_to(friend: Member, *, programme: Programme) -> Invitation | None:
    """What a friend may look forward to; nothing once it is paid or over. One query."""
    row = referral_of(friend)
    if row is None or row.state in (Referral.State.PAID, Referral.State.REJECTED):
        return None
    told = friend_told(row, programme=programme)
    text = to_friend(told)
    return _invitation(row, row.referrer, told, text, programme) if text else None


def _invitation(
    row: Referral, other: Member, told: Told, text: str, programme: Programme
) -> Invitation:
    return Invitation(
        name=given_name(other.name, language=programme.language),
        text=text,
        label=state_word(told),
        tone=TONES.get(str(row.state), "calm"),
        joined_at=row.joined_at,
    )


def referrer_told(row: Referral, *, programme: Programme) -> Told:
    """Where a referral stands, for who invited."""
    return _told(row, row.rule.terms().for_referrer, programme)


def friend_told(row: Referral, *, programme: Programme) -> Told:
    """Where a referral stands, for the friend."""
    return _told(row, row.rule.terms().for_friend, programme)


def _told(row: Referral, gift: Gift, programme: Programme) -> Told:
    return Told(
        state=str(row.state),
        why=str(row.why),
        outcome=str(row.outcome),
        buy_by=row.buy_by,
        due_at=row.due_at,
        gift=gift_text(gift, currency=programme.currency),
    )


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a member's invitations came to: friends who joined, and of them those who were paid for."""

    made: int
    paid: int


def figures_of(member: Member) -> Made:
    """A member's figures, counted anew. One query."""
    mine = Referral.objects.filter(referrer=member).exclude(state=Referral.State.REJECTED)
    found = mine.aggregate(made=Count("pk"), paid=Count("pk", filter=Q(state=Referral.State.PAID)))
    return Made(made=found["made"], paid=found["paid"])


def figure_column(name: str) -> Any:
    """A figure of a member as an expression over members: ``made`` or ``paid``."""
    rows = MemberStatus.objects.filter(member=OuterRef("pk"), name=FIGURES).order_by()
    figure = rows.annotate(figure=Cast(KT(f"data__{name}"), IntegerField())).values("figure")
    return Coalesce(Subquery(figure), 0)


def seen(row: Referral, *, terms: ReferralTerms) -> Seen:
    """Everything that is asked about a referral before it is paid. Five queries."""
    others = list(
        Referral.objects.select_related("friend")
        .filter(referrer=row.referrer_id)
        .exclude(pk=row.pk)
        .order_by("-pk")[:_COMPARED]
    )
    code = code_of(row.referrer)
    people = _people([row.friend, row.referrer, *(one.friend for one in others)])
    devices = {row.friend_id: [row.device], row.referrer_id: list(code.devices) if code else []}
    devices |= {one.friend_id: [one.device] for one in others}
    persons = {pk: _with_devices(person, devices.get(pk, ())) for pk, person in people.items()}
    before = [one.joined_at for one in others if one.pk < row.pk]
    return Seen(
        friend=persons[row.friend_id],
        referrer=persons[row.referrer_id],
        others=tuple(persons[one.friend_id] for one in others),
        is_known=_is_known(row.friend, row.referrer),
        in_hour=1 + sum(at > row.joined_at - timedelta(hours=1) for at in before),
        in_day=1 + sum(at > row.joined_at - timedelta(days=1) for at in before),
        hour_most=terms.hold_per_hour,
        day_most=terms.hold_per_day,
    )


def _people(members: Iterable[Member]) -> dict[int, Person]:
    rows = {one.pk: one for one in members}
    contacts: dict[int, dict[str, set[str]]] = {pk: {"email": set(), "phone": set()} for pk in rows}
    kinds = (Identifier.Kind.EMAIL, Identifier.Kind.PHONE)
    for one in Identifier.objects.filter(member__in=rows, kind__in=kinds):
        value = one_mailbox(one.value) if one.kind == "email" else last_digits(one.value)
        contacts[one.member_id][one.kind].add(value)
    return {
        pk: Person(
            name=row.search_name,
            birthday=row.birthday,
            emails=frozenset(contacts[pk]["email"]),
            phones=frozenset(contacts[pk]["phone"]),
            holder=row.holder_id,
            user=row.user_id,
        )
        for pk, row in rows.items()
    }


def _with_devices(person: Person, devices: Iterable[str]) -> Person:
    return Person(
        name=person.name,
        birthday=person.birthday,
        emails=person.emails,
        phones=person.phones,
        devices=frozenset(filter(None, devices)),
        holder=person.holder,
        user=person.user,
    )


def _is_known(friend: Member, referrer: Member) -> bool:
    """Was somebody else of this name and birthday a member before?"""
    if not friend.search_name or friend.birthday is None:
        return False
    alike = Member.objects.filter(search_name=friend.search_name, birthday=friend.birthday)
    alike = alike.exclude(pk__in=[friend.pk, referrer.pk]).exclude(merged_into=friend)
    return bool(alike.filter(pk__lt=friend.pk).exists())


def status_row(member: Member) -> MemberStatus | None:
    """Where a friend's referral stands, as sales read it."""
    return MemberStatus.objects.filter(member=member, name=STATUS).first()
