"""The plug of the catalogue: vouchers pay at the till, and rules may ask what a member can afford."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Invalid
from loyalty.engine.activity import PURCHASE, ActivityData
from loyalty.engine.conditions import parse
from loyalty.engine.effects import Effect
from loyalty.engine.fact_info import FactInfo
from loyalty.engine.facts import Facts
from loyalty.engine.plug import Mechanic, Phase, Reserved, live_rules
from loyalty.engine.world import World
from members.profiles.models import Member
from rewards.catalog import selectors
from rewards.catalog.effects import UseVoucher, live_grants
from rewards.catalog.rules import MAX_VOUCHERS_PER_BILL, deductions

FIELD = "use.vouchers"
GRANTS = live_grants
REWARD_NAMES = selectors.reward_names


def _usable_codes(member: Member, *, reward: str) -> list[str]:
    """Codes of the vouchers a member can use now for one reward, soonest expiry first."""
    rows = selectors.vouchers_usable(member)
    return [row.code for row in rows if row.reward.public_id == reward]


USABLE_VOUCHERS = _usable_codes


def _names_in_both() -> list[tuple[str, str]]:
    """What rewards that have a name in each language are called now, oldest first. One query."""
    called = [row.terms for row in selectors.rewards().order_by("pk") if row.terms]
    return [(one.name_vi, one.name_en) for one in called if one.name_vi and one.name_en]


REWARDS_IN_BOTH = _names_in_both


def _stock_of(public_ids: Iterable[str]) -> dict[str, int]:
    """How many are left of those of these rewards that run out, codes of partners included."""
    rows = list(selectors.rewards().filter(public_id__in=list(public_ids)))
    by_code = [row.pk for row in rows if row.terms and row.terms.kind == "external_code"]
    codes, found = selectors.code_pools(by_code), dict[str, int]()
    for row in rows:
        ends = [row.stock_left] if row.stock_left is not None else []
        if row.pk in by_code:
            ends.append(codes.get(row.pk, 0))
        if ends:
            found[row.public_id] = min(ends)
    return found


REWARD_STOCK = _stock_of


def _affordable(world: World) -> list[str]:
    """Public ids of the live rewards the holder could have for what they can spend now."""
    (offered,) = live_rules(CATALOG, world.terms.programme_id, world.terms.rules_version)
    return [
        reward.public_id
        for reward in offered.rewards
        if any(world.book.available(asset) >= amount for asset, amount in reward.costs)
    ]


class Catalog(Mechanic):
    """Takes up ``use={"vouchers": [codes]}`` of a sale, in the order given."""

    name = "catalog"
    phase = Phase.PAY
    activity_types = frozenset({PURCHASE})
    facts: ClassVar[dict[str, Any]] = {"rewards.affordable": _affordable}
    fact_info: ClassVar[dict[str, Any]] = {
        "rewards.affordable": FactInfo(
            label=_("rewards they can afford"), kind="texts", options=selectors.reward_choices
        )
    }
    reasons: ClassVar[dict[str, Any]] = {
        "voucher_used": _("Voucher used: %(reward)s"),
        "reward_redeemed": _("Redeemed: %(reward)s"),
        "redemption_released": _("Given back: %(reward)s was not taken"),
        "voucher_voided": _("Given back: voucher for %(reward)s was cancelled"),
    }

    def load(self, programme_id: int) -> Sequence[Any]:
        return selectors.catalogue()

    def ways_to_pay(self, rules: Sequence[Any]) -> Sequence[str]:
        return ["vouchers"]

    def reserved(self) -> Sequence[Reserved]:
        return [
            Reserved(
                public_id=row.public_id,
                kind="catalog.reward",
                name=str(row),
                conditions=parse(row.terms.audience),
            )
            for row in selectors.rewards(states=("live",))
            if row.terms and row.terms.audience
        ]

    def evaluate(self, activity: ActivityData, rules: Sequence[Any], facts: Facts) -> list[Effect]:
        asked = (activity.data.get("use") or {}).get("vouchers")
        if not asked:
            return []
        assert activity.sale is not None
        left = {line.number: line.left_minor for line in activity.sale.lines}
        effects: list[Effect] = []
        for number, code in enumerate(_codes(asked)):
            view = facts.voucher(code)
            off = deductions(view, activity.sale, left=left, field=f"{FIELD}.{number}")
            if any(one.voucher == view.public_id for one in effects if isinstance(one, UseVoucher)):
                raise _twice(number)
            for one in off:
                left[one.line] -= one.amount_minor
            effects.append(
                UseVoucher(
                    mechanic=self.name,
                    reason="voucher_used",
                    details={"reward": view.name, "off_minor": sum(o.amount_minor for o in off)},
                    basis=tuple((one.line, one.amount_minor) for one in off),
                    voucher=view.public_id,
                    deductions=off,
                )
            )
        return effects


def _codes(asked: Any) -> list[str]:
    if not isinstance(asked, list | tuple) or not all(isinstance(one, str) for one in asked):
        raise Invalid("bad_vouchers", _("Give the voucher codes as a list of texts."), field=FIELD)
    if len(asked) > MAX_VOUCHERS_PER_BILL:
        raise Invalid(
            "too_many_vouchers",
            _("At most %(maximum)s vouchers on one bill.") % {"maximum": MAX_VOUCHERS_PER_BILL},
            field=FIELD,
        )
    return list(asked)


def _twice(number: int) -> Invalid:
    return Invalid(
        "voucher_twice",
        _("This voucher is on the bill already."),
        field=f"{FIELD}.{number}",
    )


CATALOG = Catalog()
MECHANICS = (CATALOG,)
