"""The plug of points: what an activity earns, by which factors, and paying with points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Invalid
from loyalty.common.money import check_minor
from loyalty.common.values import changed
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.effects import Effect
from loyalty.engine.fact_info import FactInfo
from loyalty.engine.facts import Facts
from loyalty.engine.matching import as_number
from loyalty.engine.paying import Paying, PayTerms, pay_step
from loyalty.engine.plug import Mechanic, Multiplier, Phase
from loyalty.engine.promises import promised, with_its_end
from loyalty.engine.rules import applies, capped
from loyalty.engine.validity import NO_WAIT, lot_terms
from loyalty.ledger.assets import unit_name
from loyalty.ledger.selectors import available_column, earned_column
from loyalty.ledger.states import LotTerms
from loyalty.web import formats
from rewards.points.effects import EarnPoints, OpenBalance, SlideExpiry, SpendPoints
from rewards.points.rules import (
    MAX_POINTS,
    Award,
    Bonus,
    EarningTerms,
    MultiplierTerms,
    PointsRules,
    SettingsTerms,
    base_award,
    multiplied,
    pick,
)
from rewards.points.selectors import live_points_rules

OPENING = "member.opening"


class Points(Mechanic):
    """Points for purchases and other activities, with multipliers."""

    name: ClassVar[str] = "points"
    title: ClassVar = _("Points")
    phase: ClassVar[Phase] = Phase.EARN
    reasons: ClassVar = {
        "points_earned": _("%(rule)s"),
        "points_bonus": _("%(rule)s"),
        "points_paid": _("Paid with points"),
        "points_paid_in_part": _(
            "Paid with points: %(points)s of the %(asked)s asked for, the most that can pay here"
        ),
        "points_slid": _("Your points live on, because you came by"),
        "points_opened": _("Brought along from before"),
        "points_adjusted": _("%(text)s"),
        "points_sent": _("Sent to another member"),
        "points_received": _("Received from another member"),
        "points_returned": _("Came back: it could not be delivered"),
    }
    facts: ClassVar = {
        "points.available": lambda world: world.book.available("points"),
        "points.earned": lambda world: world.book.account("points").earned,
    }
    fact_info: ClassVar = {
        "points.available": FactInfo(
            label=_("points to spend"),
            where=as_number(lambda moment: available_column("points", at=moment.at)),
        ),
        "points.earned": FactInfo(
            label=_("points earned so far"),
            where=as_number(lambda _moment: earned_column("points")),
        ),
    }

    def load(self, programme_id: int) -> Sequence[PointsRules]:
        return live_points_rules()

    def heading(self) -> str:
        return capfirst(unit_name()) or super().heading()

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        live: PointsRules = rules[0]
        units = {one.asset: one.names for one in live.settings}
        return [
            *(
                with_its_end(_promise(rule, units, currency), rule)
                for rule in promised(live.earning)
            ),
            *(with_its_end(_factor(rule), rule) for rule in promised(live.multipliers)),
        ]

    def multipliers(
        self, activity: ActivityData, rules: Sequence[Any], facts: Facts
    ) -> list[Multiplier]:
        if activity.sale is None:
            return []
        found = []
        for rule in rules[0].multipliers:
            lines = rule.restriction.lines(activity)
            if lines and applies(rule, activity, facts):
                everything = len(lines) == len(activity.sale.lines)
                found.append(
                    Multiplier.made(
                        asset=rule.asset,
                        factor_bp=rule.factor_bp,
                        rule=rule.public_id,
                        rule_name=rule.name,
                        lines=None if everything else frozenset(one.number for one in lines),
                    )
                )
        return found

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        live: PointsRules = rules[0]
        if activity.type == OPENING:
            return _opening(activity, live, facts)
        awards = []
        for rule in live.earning:
            if rule.activity == activity.type and applies(rule, activity, facts):
                award = base_award(rule, activity)
                if award is not None:
                    awards.append(award)
        effects: list[Effect] = []
        picked = pick(awards)
        for settings in live.settings:
            asset = settings.asset
            own = [one for one in picked if one.rule.asset == asset]
            if live.sliding[settings.asset]:
                effects += _slides(activity, live, settings, facts, earned=bool(own))
            effects += _earned(activity, live, settings, own, facts)
        return effects


class PayWithPoints(Paying):
    """Points pay a part of the goods: the cashier chooses how many."""

    name: ClassVar[str] = "points.pay"
    means: ClassVar = "points"
    spend: ClassVar = SpendPoints
    paid: ClassVar = ("points_paid", "points_paid_in_part")
    most_units: ClassVar[int] = MAX_POINTS

    def load(self, programme_id: int) -> Sequence[SettingsTerms]:
        return [one for rules in live_points_rules() for one in rules.settings if one.pay_enabled]

    def refusal(self, terms: PayTerms, *, most: int, available: int, currency: str) -> str:
        return gettext(
            "Points pay from %(minimum)s on, in steps of %(step)s. "
            "Here at most %(most)s can be used; %(available)s are available."
        ) % {
            "minimum": terms.pay_minimum,
            "step": pay_step(terms),
            "most": most,
            "available": available,
        }


def _factor(rule: MultiplierTerms) -> str:
    return f"{rule.name}: ×{formats.quantity_text(rule.factor_bp // 10)}"


def _promise(rule: EarningTerms, units: Mapping[str, tuple[str, str]], currency: str) -> str:
    """An earning rule as a sentence for members."""
    in_vietnamese, in_english = units.get(rule.asset, ("", ""))
    unit = in_vietnamese if formats.locale().language == "vi" else in_english
    values = {"name": rule.name, "points": formats.points_text(rule.points, unit=unit)}
    if rule.basis == "money":
        each = formats.money_text(rule.per_minor, currency=currency)
        return gettext("%(name)s: %(points)s for each %(each)s") % {**values, "each": each}
    if rule.basis == "units":
        return gettext("%(name)s: %(points)s for each %(count)s bought") % {
            **values,
            "count": formats.number_text(rule.per_units),
        }
    if rule.restriction.minimum_minor:
        least = formats.money_text(rule.restriction.minimum_minor, currency=currency)
        return gettext("%(name)s: %(points)s from %(least)s on") % {**values, "least": least}
    return gettext("%(name)s: %(points)s") % values


def _earned(
    activity: ActivityData,
    live: PointsRules,
    settings: SettingsTerms,
    awards: list[Award],
    facts: Facts,
) -> list[Effect]:
    at = activity.happened_at
    limited = []
    for award in awards:
        points = award.points
        if not award.rule.is_unlimited:
            points = capped(award.rule, points, facts, at=at)
        if points > 0:
            limited.append(award if points == award.points else changed(award, points=points))
    factors = facts.multipliers(settings.asset) if activity.sale and limited else []
    kept, bonuses = limited, list[Bonus]()
    if factors:
        stacking, rounding = facts.terms.multiplier_stacking, settings.rounding
        kept, bonuses = multiplied(limited, factors, stacking=stacking, rounding=rounding)
    # A bonus lives as long as the award it is for.
    lots: dict[int, LotTerms] = {}
    effects: list[Effect] = []
    for award in kept:
        rule = award.rule
        terms = _terms(award, settings, at, facts)
        if bonuses:
            lots[id(award)] = terms
        effects.append(
            EarnPoints.made(
                mechanic=Points.name,
                rule=rule.public_id,
                rule_name=rule.name,
                reason="points_earned",
                details=award.details
                if rule.budget is None
                else {**award.details, "budgeted": True},
                basis=award.basis,
                asset=settings.asset,
                amount=award.points,
                terms=terms,
                keep=award.keep,
                steps=award.steps,
            )
        )
    for bonus in bonuses:
        factor = live.own_multipliers.get(bonus.multiplier.rule)
        points = capped(factor, bonus.points, facts, at=at) if factor else bonus.points
        if points > 0:
            details = {"factor_bp": bonus.multiplier.factor_bp, "base": bonus.award.points}
            if factor is not None and factor.budget is not None:
                details["budgeted"] = True
            effects.append(
                EarnPoints.made(
                    mechanic=Points.name,
                    rule=bonus.multiplier.rule,
                    rule_name=bonus.multiplier.rule_name,
                    reason="points_bonus",
                    details=details,
                    basis=bonus.basis,
                    asset=settings.asset,
                    amount=points,
                    terms=lots[id(bonus.award)],
                    keep=bonus.award.keep,
                    steps=bonus.award.steps,
                )
            )
    return effects


def _slides(
    activity: ActivityData,
    live: PointsRules,
    settings: SettingsTerms,
    facts: Facts,
    *,
    earned: bool,
) -> list[Effect]:
    if not earned and activity.type != PURCHASE:
        return []
    terms = live.sliding[settings.asset]
    if not terms:
        return []
    zone = facts.terms.timezone
    ends = [one.instant(activity.happened_at, zone) for one in terms]
    known = [end for end in ends if end is not None]
    if not known:
        return []
    return [
        SlideExpiry.made(
            mechanic=Points.name, reason="points_slid", asset=settings.asset, expires_at=max(known)
        )
    ]


def _opening(activity: ActivityData, live: PointsRules, facts: Facts) -> list[Effect]:
    zone, effects = facts.terms.timezone, list[Effect]()
    for settings in live.settings:
        points = activity.data.get(settings.asset)
        if points is None or points == 0:
            continue
        if isinstance(points, bool) or not isinstance(points, int):
            raise Invalid("not_an_integer", _("Give a whole number of points."), field="points")
        check_minor(points, field="points", minimum=1, maximum=MAX_POINTS)
        terms = lot_terms(wait=NO_WAIT, expiry=settings.expiry, at=facts.now, zone=zone)
        if activity.data.get("expires_at"):
            expires_at = _instant(activity.data["expires_at"])
            terms = changed(terms, expires_at=expires_at, slides=False)
        effects.append(
            OpenBalance(
                mechanic=Points.name,
                reason="points_opened",
                asset=settings.asset,
                amount=points,
                terms=terms,
            )
        )
    return effects


def _instant(value: Any) -> datetime:
    """An instant as ISO text. Raises ``Invalid``."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid(
            "no_time_zone", _("Give the time with its time zone."), field="data.expires_at"
        )
    return found


def _terms(award: Award, settings: SettingsTerms, at: datetime, facts: Facts) -> LotTerms:
    expiry = award.rule.expiry if award.rule.expiry is not None else settings.expiry
    terms = lot_terms(wait=award.rule.wait, expiry=expiry, at=at, zone=facts.terms.timezone)
    if award.rule.expiry is not None and expiry.kind == "none":
        # Never, because the rule says so: switching expiry on later does not reach these.
        return changed(terms, expiry_term=expiry.stored())
    return terms


MECHANICS = (Points(), PayWithPoints())
