"""One sale: amount or basket, what it would bring, record it, and what it brought.

The page keeps the sale's idempotency key from its first moment, so that a lost network never earns
twice: what was not confirmed is sent again, under the same key (static/js/till.js).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from loyalty.common.errors import DomainError, Forbidden, Invalid, Several
from loyalty.engine.effects import LowerPrice
from loyalty.engine.explain import explain
from loyalty.engine.glossary import retold
from loyalty.ledger import figures as ledger_figures
from loyalty.ledger.figures import AssetInfo
from loyalty.ledger.selectors import balances
from loyalty.sales import selectors
from loyalty.sales.forms import sale_of_till
from loyalty.sales.quotes import quote
from loyalty.sales.results import BalanceView, EffectView, PurchaseResult
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.sales.till.finding import PRESENT, TillPage
from loyalty.web import formats
from loyalty.web.forms import fresh_key
from loyalty.web.navigation import render_panels
from members.profiles.models import Member
from members.profiles.selectors import masked_contact, member_of_id

NOT_CHECKED = "identity_not_checked"


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What one asset gains, or what of it is used, by a sale, and why."""

    word: str
    kind: str
    unit: formats.Unit
    amount: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PriceBefore:
    """What a sale cost before discounts, what which rule took off, and what was taken off by hand."""

    was_minor: int
    off: tuple[tuple[str, int], ...]
    by_hand_minor: int


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a member holds of one asset, as a till shows it."""

    word: str
    kind: str
    unit: formats.Unit
    balance: int
    available: int
    pending: int
    worth_minor: int


class MemberPage(TillPage):
    """A page about one member."""

    def member(self) -> Member:
        """The member of the address. Raises ``NotFound``."""
        return member_of_id(self.kwargs["member"])

    def is_present(self, member: Member) -> bool:
        """Did this till just scan the member's own screen?"""
        return bool(self.request.session.get(PRESENT) == member.public_id)

    def sale(self) -> SaleInput:
        """The sale that was sent. Raises ``Invalid``."""
        place = self.place()
        return sale_of_till(self.request.POST, location=place.public_id if place else "")


class SaleView(MemberPage):
    """`/till/<programme>/members/<member>/`: the member, the sale, one button."""

    template_name = "sales/till/sale.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = self.member()
        shared = self.shell() | {"member": member}
        panels = {
            place: render_panels(
                place, actor=self.actor, subject=member, request=request, shared=shared, face="till"
            )["main"]
            for place in ("till_pay", "till_member")
        }
        return self.page(
            {
                "member": member,
                "contact": masked_contact(member),
                "held": held_of(member),
                "is_present": self.is_present(member),
                "is_own": member.user_id == self.staff.user_id,
                "may_sell": self.may("purchases:write") and member.state == Member.State.ACTIVE,
                "has_products": selectors.has_products(),
                "panels": panels,
            }
        )

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = self.member()
        try:
            self.actor.require("purchases:write")
            sale = self.sale()
            self._check_identity(member, sale)
            done = record_purchase(self.call(), member=member.public_id, sale=sale, source="till")
        except Forbidden:
            raise
        except DomainError as error:
            return self._not_recorded(error)
        request.session.pop(PRESENT, None)
        url = self.url("sale", done.purchase)
        if self.is_scripted:
            return JsonResponse({"go": url})
        return self.redirect(url)

    @property
    def is_scripted(self) -> bool:
        """Was it sent by our script, which shows the answer itself?"""
        return self.request.headers.get("X-Till") == "1"

    def _check_identity(self, member: Member, sale: SaleInput) -> None:
        """Anyone can say a phone number: before points are spent, the cashier makes sure."""
        if sale.use and not self.is_present(member) and "checked" not in self.request.POST:
            raise Invalid(
                NOT_CHECKED,
                _("Make sure it is them: scan the card on their phone, or ask and tick the box."),
                field="checked",
            )

    def _not_recorded(self, error: DomainError) -> HttpResponse:
        errors = error.errors if isinstance(error, Several) else [error]
        if not self.is_scripted:
            return self.refused(error)
        told = [{"field": one.field, "text": str(one.message)} for one in errors]
        return JsonResponse({"errors": told, "key": fresh_key()}, status=422)


class QuoteView(MemberPage):
    """What the sale on the screen would bring; asked while it is typed."""

    permission = "purchases:read"
    http_method_names = ["post"]
    template_name = "sales/till/quote.html"

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = self.member()
        try:
            answer = quote(actor=self.actor, member=member.public_id, sale=self.sale())
        except DomainError as error:
            return self.page({"problem": str(error.message)})
        return self.page(
            {
                "quote": answer,
                "collect_minor": answer.to_pay_minor + answer.on_top_minor,
                "gains": gains_of(answer.effects),
                "vouchers": rewards_of(answer),
                "price": price_before(answer),
            }
        )


class ProductsView(TillPage):
    """The grid of products, narrowed by a category or by words."""

    permission = "purchases:read"
    template_name = "sales/till/products.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        category = request.GET.get("category", "")
        found = selectors.products_on_sale(text=request.GET.get("q", ""), category=category)
        return self.page(
            {"products": found, "categories": selectors.categories(), "category": category}
        )


class ResultView(TillPage):
    """`/till/<programme>/sales/<purchase>/`: big and clear, also after a reload."""

    permission = "purchases:read"
    template_name = "sales/till/result.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        purchase = selectors.purchase_of_id(self.kwargs["purchase"])
        answer = selectors.recorded(purchase)
        shared = self.shell() | {"member": purchase.member}
        panels = render_panels(
            "till_result",
            actor=self.actor,
            subject=purchase.member,
            request=request,
            shared=shared,
            face="till",
        )["main"]
        return self.page(
            {
                "purchase": purchase,
                "on_top_minor": answer.on_top_minor,
                "collect_minor": answer.to_pay_minor + answer.on_top_minor,
                "member": purchase.member,
                "gains": gains_of(answer.effects),
                "vouchers": rewards_of(answer),
                "price": price_before(answer),
                "held": held_of(purchase.member),
                "may_undo": self.may("refunds:write")
                and selectors.can_undo(purchase, actor_id=self.actor.id),
                "may_refund": self.may("refunds:write")
                and purchase.refunded_minor < purchase.total_minor,
                "panels": panels,
            }
        )


def gains_of(effects: Iterable[EffectView]) -> list[Gain]:
    """What a sale brings and uses, a line each per asset, with the reasons behind it."""
    known = _shown_assets()
    sums: dict[tuple[str, bool], int] = {}
    reasons: dict[tuple[str, bool], list[str]] = {}
    for effect in effects:
        if effect.asset in known and effect.amount:
            key = (effect.asset, effect.amount < 0)
            sums[key] = sums.get(key, 0) + effect.amount
            why = explain(effect.reason, {"rule": effect.rule_name, **effect.details})
            reasons.setdefault(key, []).append(why)
    return [
        Gain(
            word=word_of(known[code]),
            kind=known[code].kind,
            unit=ledger_figures.unit_of(known[code]),
            amount=amount,
            reasons=tuple(dict.fromkeys(reasons[code, is_used])),
        )
        for (code, is_used), amount in sums.items()
    ]


def price_before(answer: PurchaseResult) -> PriceBefore | None:
    """The price before discounts and the reasons it fell; ``None`` where nothing is off."""
    if not answer.discount_minor:
        return None
    off = tuple(
        (explain(one.reason, {"rule": one.rule_name, **one.details}), one.amount)
        for one in answer.effects
        if one.kind == LowerPrice.kind
    )
    return PriceBefore(
        was_minor=answer.total_minor + answer.discount_minor,
        off=off,
        by_hand_minor=answer.discount_minor - sum(amount for _why, amount in off),
    )


def rewards_of(answer: Any) -> list[str]:
    """The names of rewards a sale brought: a full card, a gift."""
    return [
        str(effect.details.get("reward_name") or retold(effect.rule_name))
        for effect in answer.effects
        if effect.voucher and effect.kind != "use_voucher"
    ]


def held_of(member: Member) -> list[Held]:
    """What a member holds now, points first."""
    known = _shown_assets()
    now: dict[str, BalanceView | Any] = {
        one.asset: one for one in balances(holder_id=member.holder_id)
    }
    return [
        Held(
            word=word_of(asset),
            kind=asset.kind,
            unit=ledger_figures.unit_of(asset),
            balance=now[code].balance,
            available=now[code].available,
            pending=now[code].pending,
            worth_minor=0 if asset.is_money else asset.worth_minor(now[code].available),
        )
        for code, asset in known.items()
        if code in now
    ]


def _shown_assets() -> dict[str, AssetInfo]:
    """What people hold; what only counts towards something stands where it counts."""
    return {one.code: one for one in ledger_figures.assets() if one.kind != "counter"}


def word_of(asset: AssetInfo) -> str:
    """An asset's word in the reader's language."""
    return asset.name(get_language() or "en")
