"""Reads about trials and who took them. All in the programme in scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound, Refused
from loyalty.engine.matching import Moment
from loyalty.engine.models import AppliedEffect, RuleBudget
from loyalty.engine.selectors import counting_rules
from members.profiles.models import Member
from members.profiles.selectors import identifiers_of
from tiers.trials.models import Sign, Taking, Trial
from tiers.trials.rules import GIVEN, HAD, OFFERED, TrialTerms, one_mailbox

_BOUGHT = "buy_after_trial"
_CONTACTS = ("phone", "email")


@dataclass(frozen=True, kw_only=True)
class TrialResults:
    """What came of a trial, over all its versions. ``stars_tenths`` is the average in tenths (47 is
    4.7), ``bought_bp`` the share of what was given that was bought afterwards, in basis points.
    """

    offered: int
    waiting: int
    given: int
    lapsed: int
    returned: int
    asked: int
    answered: int
    stars_tenths: int | None
    bought: int
    bought_bp: int | None
    left: int | None


def counting_trials() -> list[TrialTerms]:
    """Every trial the engine may meet, by priority."""
    return [row.terms() for row in counting_rules(Trial)]


def trials_on_offer(*, at: datetime | None = None) -> list[Trial]:
    """The trials that can be taken now, pilots too, by priority."""
    at = at or clock_now()
    running = Q(starts_at=None) | Q(starts_at__lte=at), Q(ends_at=None) | Q(ends_at__gt=at)
    states = (Trial.State.LIVE, Trial.State.PILOT)
    rows = Trial.objects.select_related("replaces").filter(*running, state__in=states)
    return list(rows.order_by("-priority", "-id"))


def shown_trials() -> list[Trial]:
    """Every published trial by its newest version, those that are over last."""
    rows = Trial.objects.select_related("replaces").exclude(state=Trial.State.DRAFT)
    newest = {row.family: row for row in rows.order_by("id")}
    return sorted(newest.values(), key=lambda row: (row.state == Trial.State.ENDED, -row.pk))


def trial_of(trial: str) -> Trial:
    """The newest published version of a trial, by the id of any version or by its code.

    Raises ``NotFound``.
    """
    known = Trial.objects.filter(Q(public_id=trial) | Q(code=trial))
    rows = list(known.exclude(state=Trial.State.DRAFT).order_by("id"))
    if not rows:
        raise NotFound("trial_not_found", _("There is no such trial."), field="trial")
    families = {row.family for row in rows}
    return next(row for row in shown_trials() if row.family in families)


def trial_to_take(trial: str) -> Trial:
    """A trial on offer. Raises ``NotFound``, and ``Refused`` (``trial_not_on_offer``)."""
    family = trial_of(trial).family
    found = next((row for row in trials_on_offer() if row.family == family), None)
    if found is None:
        raise Refused(
            "trial_not_on_offer", _("This trial cannot be taken any more."), field="trial"
        )
    return found


def trial_names() -> list[tuple[str, str]]:
    """Every trial that was ever published, by code, under its newest name. One query."""
    rows = Trial.objects.exclude(state=Trial.State.DRAFT).order_by("id")
    return list(dict(rows.values_list("code", "name")).items())


def members_who_had(code: str, moment: Moment) -> Q:
    """Members who were given a trial."""
    rows = Taking.objects.filter(member=OuterRef("pk"), state=GIVEN, trial__code=code)
    return Q(Exists(rows))


def takings(*, families: Collection[str] = (), states: Collection[str] = ()) -> QuerySet[Taking]:
    """Takings with member and trial, unordered."""
    rows: QuerySet[Taking] = Taking.objects.select_related("member", "trial")
    if families:
        rows = rows.filter(family__in=list(families))
    return rows.filter(state__in=list(states)) if states else rows


def access_taking(taking: str) -> Taking:
    """A taking. Raises ``NotFound``."""
    found = takings().filter(public_id=taking).first()
    if found is None:
        raise NotFound("taking_not_found", _("There is no such trial."), field="taking")
    return found


def takings_of(member: Member) -> list[Taking]:
    """What was offered to a member and what they took, on a merged card too, newest first; what
    lapsed or went back is left out.
    """
    mine = Q(member=member) | Q(member__merged_into=member)
    return list(takings(states=(OFFERED, *HAD)).filter(mine).order_by("-id"))


def offered_to(member: Member, family: str) -> Taking | None:
    """What a member was offered by hand and has not taken yet."""
    rows = takings(families=[family], states=[OFFERED]).filter(member=member)
    return rows.first()


def signs_of(member: Member) -> list[str]:
    """By what this person is known again: holder and log-in, phone and e-mail as keyed hashes."""
    found = [f"holder:{member.holder_id}"]
    if member.user_id is not None:
        found.append(f"user:{member.user_id}")
    for one in identifiers_of(member):
        if one.kind in _CONTACTS:
            value = one_mailbox(one.value) if one.kind == "email" else one.value
            digest = salted_hmac("tiers.trials.sign", f"{one.kind}:{value}", algorithm="sha256")
            found.append(f"{one.kind}:{digest.hexdigest()}")
    return sorted(set(found))


def was_had(member: Member, family: str, signs: Collection[str]) -> bool:
    """Has this person had the trial: on this card, a merged or shared one, or by a sign of theirs?"""
    same = Q(member=member) | Q(member__holder=member.holder_id) | Q(member__merged_into=member)
    if takings(families=[family], states=HAD).filter(same).exists():
        return True
    return Sign.objects.filter(family=family, value__in=list(signs)).exists()


def bought_after(taking_ids: Collection[str], *, family: str) -> dict[str, datetime]:
    """Which takings were followed by a purchase that stands, and when."""
    effects = AppliedEffect.objects.filter(kind=_BOUGHT, rule=family, undone=0)
    found = {one.memo["entry"]["taking"]: one.happened_at for one in effects}
    return {taking: found[taking] for taking in taking_ids if taking in found}


def results_of(row: Trial) -> TrialResults:
    """What came of a trial, all versions together. Four queries."""
    family = row.family
    mine = Taking.objects.filter(family=family).order_by()
    states = dict(mine.values_list("state").annotate(Count("id")))
    answers = mine.filter(stars__isnull=False).aggregate(n=Count("id"), stars=Sum("stars"))
    bought = AppliedEffect.objects.filter(kind=_BOUGHT, rule=family, undone=0).count()
    budget = RuleBudget.objects.filter(rule=row.public_id).first()
    given = states.get(GIVEN, 0)
    return TrialResults(
        offered=states.get(OFFERED, 0),
        waiting=states.get("accepted", 0),
        given=given,
        lapsed=states.get("lapsed", 0),
        returned=states.get("returned", 0),
        asked=mine.filter(asked_at__isnull=False).count(),
        answered=answers["n"],
        stars_tenths=answers["stars"] * 10 // answers["n"] if answers["n"] else None,
        bought=bought,
        bought_bp=bought * 10_000 // given if given else None,
        left=budget.maximum - budget.spent if budget else None,
    )


def answers_of(families: Collection[str]) -> QuerySet[Taking]:
    """Takings somebody said something about."""
    return takings(families=families).filter(answered_at__isnull=False)


def due_takings(*, at: datetime, after: int, limit: int) -> Sequence[Taking]:
    """What a job must look at, by id."""
    rows = Taking.objects.filter(due_at__lte=at, pk__gt=after).order_by("pk")
    return list(rows[:limit])
