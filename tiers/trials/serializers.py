"""Shapes of the trials API: what comes in as serializers, what goes out as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.web.api import Body, Choice, Flag, PublicId, Query, Text, Whole
from tiers.trials import selectors
from tiers.trials.models import Taking, Trial
from tiers.trials.rules import MOST_STARS
from tiers.trials.selectors import TrialResults

_TRIAL = "Public id of a trial, or its code."


class TakeBody(Body):
    """Who takes which trial."""

    member = PublicId(prefix="mem")
    trial = Text(maximum=40, help_text=_TRIAL)
    hand_over = Flag(required=False, help_text="A product is handed over now.")


class OfferBody(Body):
    """Who is invited to which trial."""

    member = PublicId(prefix="mem")
    trial = Text(maximum=40, help_text=_TRIAL)


class ReturnBody(Body):
    """Why a trial is taken back."""

    reason = Text(maximum=200, required=False)


class FeedbackBody(Body):
    """What a member thinks of what they tried."""

    stars = Whole(minimum=1, maximum=MOST_STARS)
    comment = Text(maximum=1_000, lines=True, required=False)


class TakingQuery(Query):
    """Which takings."""

    member = PublicId(prefix="mem", required=False)
    trial = Text(maximum=40, required=False, help_text=_TRIAL)
    state = Choice(choices=Taking.State.values, required=False)


@dataclass(frozen=True, kw_only=True)
class TrialView:
    """A trial by its newest version, and what came of it."""

    id: str
    code: str
    name: str
    state: str
    what: str
    sku: str
    plan: str
    plan_days: int
    by_hand: bool
    collect_days: int
    ask_days: int
    convert_days: int
    stock: int | None
    results: TrialResults


@dataclass(frozen=True, kw_only=True)
class OfferView:
    """A trial a member can have now."""

    trial: str
    code: str
    name: str
    told: str
    what: str
    is_invited: bool


def present_trial(row: Trial) -> TrialView:
    """A trial for the API."""
    return TrialView(
        id=row.public_id,
        code=row.code,
        name=row.name,
        state=str(row.state),
        what=str(row.what),
        sku=row.sku,
        plan=row.plan,
        plan_days=row.plan_days,
        by_hand=row.by_hand,
        collect_days=row.collect_days,
        ask_days=row.ask_days,
        convert_days=row.convert_days,
        stock=row.budget,
        results=selectors.results_of(row),
    )
