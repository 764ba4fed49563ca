"""A member's rewards and vouchers: what can be had, what is missing, the code to show at the till."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.commands.actor import Actor
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member
from rewards.catalog import selectors, services
from rewards.catalog.models import Voucher
from rewards.catalog.rules import shown_code


class RewardsView(PortalView):
    """What I can get, and my vouchers."""

    template_name = "catalog/portal_rewards.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        at = clock_now()
        offers = selectors.offers(self.member, at=at)
        offers.sort(key=lambda offer: (not offer.is_affordable, offer.best.missing))
        old = selectors.vouchers_of(self.member).exclude(state=Voucher.State.RESERVED)
        usable = selectors.vouchers_usable(self.member, at=at)
        known = {voucher.pk for voucher in usable}
        context = {
            "offers": offers,
            "vouchers": usable,
            "old": [voucher for voucher in old[:30] if voucher.pk not in known][:10],
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        done = services.redeem_reward(
            self.call(),
            member=self.member.public_id,
            reward=request.POST.get("reward", "")[:40],
            asset=request.POST.get("asset", "")[:60],
        )
        return self.go("voucher", done.voucher, text=_("It is yours. Show the code at the till."))


class VoucherView(PortalView):
    """One voucher, large, to be scanned."""

    template_name = "catalog/portal_voucher.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        wanted = selectors.vouchers_of(self.member).filter(public_id=self.kwargs["voucher"])
        voucher = wanted.first()
        if voucher is None:
            raise NotFound("voucher_not_found", _("There is no such voucher."))
        context = {
            "voucher": voucher,
            "code": shown_code(voucher.code),
            "outside": selectors.external_code_of(voucher),
        }
        return self.page(context)


def _home(actor: Actor, member: Member) -> dict[str, Any]:
    return {
        "next_reward": selectors.next_reward(member),
        "affordable": selectors.rewards_affordable(member)[:3],
        "vouchers": selectors.vouchers_usable(member)[:5],
    }


routes = [
    path("rewards/", RewardsView.as_view(), name="rewards"),
    path("vouchers/<str:voucher>/", VoucherView.as_view(), name="voucher"),
]
menu = (MenuItem(label=gettext_lazy("Rewards"), route="rewards", icon="gift", order=30),)
panels = (Panel(place="home", template="catalog/portal_home.html", context=_home, order=20),)
