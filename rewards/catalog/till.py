"""Rewards at the till: redeem one, use a voucher on the sale, take a voucher by its code."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.errors import DomainError
from loyalty.web.navigation import Panel
from loyalty.web.pages import TillView
from members.profiles.models import Member
from members.profiles.selectors import member_of_id
from rewards.catalog import selectors
from rewards.catalog.models import RewardKind
from rewards.catalog.rules import shown_code
from rewards.catalog.services import check_voucher, redeem_reward, use_voucher

# These lower the bill: redeemed, they become a voucher to tick on the sale. Others are handed over.
_ON_THE_BILL = {RewardKind.AMOUNT_OFF, RewardKind.PERCENT_OFF, RewardKind.FREE_PRODUCT}
_MOST = 12


class RedeemView(TillView):
    """A reward for a member who stands here."""

    permission = "members:read"
    write_permission = "redemptions:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"]).public_id
        wanted = selectors.access_reward(request.POST.get("reward", ""))
        on_bill = wanted.terms is not None and wanted.terms.kind in _ON_THE_BILL
        by_code = wanted.terms is not None and wanted.terms.kind == RewardKind.EXTERNAL_CODE
        try:
            done = redeem_reward(
                self.call(),
                member=member,
                reward=wanted.public_id,
                asset=request.POST.get("asset", ""),
                hand_over=not on_bill and not by_code,
            )
        except DomainError as error:
            return self.go("member", member, text=str(error.message), tone="error")
        if on_bill:
            text = _("%(name)s: the voucher is ready, tick it on the sale.") % {"name": done.name}
        elif by_code:
            text = _("%(name)s, the code: %(code)s") % {
                "name": done.name,
                "code": done.external_code,
            }
        else:
            text = _("Hand it over: %(name)s.") % {"name": done.name}
        return self.go("member", member, text=text)


class VoucherView(TillView):
    """Take a voucher by its code or QR: look first, then use it, once."""

    permission = "redemptions:read"
    write_permission = "redemptions:write"
    template_name = "catalog/till_voucher.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        code = request.GET.get("code", "").strip()[:80]
        context: dict[str, Any] = {"code": code}
        if code:
            try:
                context["voucher"] = check_voucher(actor=self.actor, code=code)
            except DomainError as error:
                context["problem"] = str(error.message)
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        code = request.POST.get("code", "").strip()[:80]
        try:
            done = use_voucher(self.call(), code=code)
        except DomainError as error:
            context = {"code": code, "problem": str(error.message)}
            return self.page(context, status=422)
        return self.page({"code": "", "done": done})


def _offers(actor: Actor, member: Member) -> dict[str, Any] | None:
    offers = [one for one in selectors.offers(member) if not one.blocked]
    offers.sort(key=lambda one: (not one.is_affordable, one.best.amount))
    return {"offers": offers[:_MOST]} if offers else None


def _usable(actor: Actor, member: Member) -> dict[str, Any] | None:
    rows = selectors.vouchers_usable(member)
    on_bill = [row for row in rows if row.terms.kind in _ON_THE_BILL]
    by_hand = [row for row in rows if row.terms.kind not in _ON_THE_BILL]
    if not rows:
        return None
    return {
        "on_bill": [{"voucher": row, "code": shown_code(row.code)} for row in on_bill],
        "by_hand": [{"voucher": row, "code": shown_code(row.code)} for row in by_hand],
    }


def _next(actor: Actor, member: Member) -> dict[str, Any] | None:
    following = selectors.next_reward(member)
    affordable = selectors.rewards_affordable(member)
    return (
        {"following": following, "affordable": affordable[:3]} if following or affordable else None
    )


routes = [
    path("members/<str:member>/redeem/", RedeemView.as_view(), name="redeem"),
    path("vouchers/", VoucherView.as_view(), name="vouchers"),
]
panels = (
    Panel(
        place="till_pay",
        template="catalog/till_vouchers.html",
        context=_usable,
        order=20,
        permission="redemptions:read",
    ),
    Panel(
        place="till_member",
        template="catalog/till_offers.html",
        context=_offers,
        order=20,
        permission="rewards:read",
    ),
    Panel(
        place="till_result",
        template="catalog/till_next.html",
        context=_next,
        order=20,
        permission="rewards:read",
    ),
)
