"""Rewards and vouchers in the dashboard."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.errors import DomainError
from loyalty.ledger.assets import AssetView, assets_of_kind
from loyalty.web.forms import show_errors
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView, FormView, saved
from members.profiles.models import Member
from rewards.catalog import selectors, services
from rewards.catalog.forms import CodesForm, RewardForm, StockForm, VoucherFilter, initial_of
from rewards.catalog.models import Reward, Voucher
from rewards.catalog.rules import shown_code


def _payable() -> list[AssetView]:
    """What rewards are paid with."""
    return [*assets_of_kind("points"), *assets_of_kind("money")]


class RewardsView(DashboardView):
    """The list of rewards, by state."""

    permission = "rewards:read"
    template_name = "catalog/rewards.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        shown = [selectors.shown(row) for row in selectors.rewards()]
        return self.page({"rewards": shown, "may_write": self.may("rewards:write")})


class RewardFormView(FormView):
    """What a new and a known reward share."""

    permission = "rewards:read"
    write_permission = "rewards:write"
    template_name = "catalog/reward_edit.html"
    form_class = RewardForm

    def form_options(self) -> dict[str, Any]:
        return {
            "currency": self.programme.currency,
            "assets": _payable(),
            "language": get_language() or "vi",
        }


class NewRewardView(RewardFormView):
    """A new reward; publishing it is the next step."""

    def initial(self) -> dict[str, Any]:
        return {"kind": "free_product"}

    def act(self, form: Any) -> HttpResponse:
        made = services.create_reward(self.call(), terms=form.terms())
        return self.go(
            "reward", made.reward, text=_("Saved as a draft. Publish it when it is right.")
        )


class EditRewardView(RewardFormView):
    """The next terms of a reward."""

    def reward(self) -> Reward:
        """The reward of the address. Raises ``NotFound``."""
        return selectors.access_reward(self.kwargs["reward"])

    def initial(self) -> dict[str, Any]:
        costs = {f"cost_{number}": asset for number, asset in enumerate(_payable())}
        return initial_of(self.reward(), costs)

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "reward": self.reward()}

    def act(self, form: Any) -> HttpResponse:
        reward = self.reward()
        services.edit_reward(
            self.call(),
            reward=reward.public_id,
            terms=form.terms(),
            revision=form.cleaned_data["revision"],
        )
        return self.go("reward", reward.public_id, text=saved())


class RewardView(DashboardView):
    """A reward's page: its terms, state, stock, codes and vouchers; one button does one thing."""

    permission = "rewards:read"
    template_name = "catalog/reward.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self._shown(StockForm(), CodesForm())

    def _shown(self, stock: StockForm, codes: CodesForm, status: int = 200) -> HttpResponse:
        row = selectors.access_reward(self.kwargs["reward"])
        shown = selectors.shown(row)
        if not stock.is_bound:
            stock = StockForm(initial={"stock": row.stock_left})
        vouchers = selectors.all_vouchers(reward=row.public_id).order_by("-id")[:10]
        context = {
            "shown": shown,
            "reserved_for": selectors.reserved_for(shown.terms),
            "reward": row,
            "figures": selectors.voucher_figures(row),
            "vouchers": list(vouchers),
            "stock_form": stock,
            "codes_form": codes if shown.terms.kind == "external_code" else None,
            "codes_left": selectors.codes_left(row),
            "may_write": self.may("rewards:write"),
        }
        return self.page(context, status=status)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        self.actor.require("rewards:write")
        reward, act = self.kwargs["reward"], request.POST.get("act", "")
        selectors.access_reward(reward)
        if act == "publish":
            services.publish_reward(self.call(), reward=reward)
            return self.go("reward", reward, text=_("It is on offer now."))
        if act == "end":
            services.end_reward(self.call(), reward=reward)
            return self.go("reward", reward, text=_("Ended. Vouchers in hand stay good."))
        if act == "stock":
            return self._set_stock(StockForm(request.POST))
        return self._add_codes(CodesForm(request.POST))

    def _set_stock(self, form: StockForm) -> HttpResponse:
        reward = self.kwargs["reward"]
        if not form.is_valid():
            return self._shown(form, CodesForm(), status=422)
        services.set_stock(self.call(), reward=reward, stock=form.cleaned_data["stock"])
        return self.go("reward", reward, text=saved())

    def _add_codes(self, form: CodesForm) -> HttpResponse:
        reward = self.kwargs["reward"]
        if not form.is_valid():
            return self._shown(StockForm(), form, status=422)
        try:
            done = services.import_codes(self.call(), reward=reward, codes=form.listed())
        except DomainError as error:
            show_errors(form, error)
            return self._shown(StockForm(), form, status=422)
        text = ngettext("%(n)s code added.", "%(n)s codes added.", done.added) % {"n": done.added}
        if done.duplicates:
            text += " " + _("%(n)s were known already.") % {"n": done.duplicates}
        return self.go("reward", reward, text=text)


class VouchersView(DashboardView):
    """All vouchers, newest first."""

    permission = "redemptions:read"
    template_name = "catalog/vouchers.html"
    partial_name = "catalog/voucher_rows.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        state = request.GET.get("state", "")
        state = state if state in Voucher.State.values else ""
        rows = selectors.all_vouchers(state=state)
        form = VoucherFilter({"state": state}, states=list(Voucher.State.choices))
        return self.page({"list": newest_first(rows, request), "filter": form})


class VoidVoucherView(DashboardView):
    """Cancelling a voucher from its member's page."""

    permission = "redemptions:read"
    write_permission = "redemptions:write"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        voucher = selectors.access_voucher(public_id=self.kwargs["voucher"])
        return self.go("member", voucher.member.public_id)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        voucher = selectors.access_voucher(public_id=self.kwargs["voucher"])
        reason = request.POST.get("reason", "")[:200]
        services.void_voucher(self.call(), voucher=voucher.public_id, reason=reason)
        text = _("Cancelled. What it cost was given back.")
        return self.go("member", voucher.member.public_id, text=text)


def _member_panel(actor: Actor, member: Member) -> dict[str, Any]:
    rows = list(selectors.vouchers_of(member)[:10])
    return {
        "vouchers": [(row, shown_code(row.code)) for row in rows],
        "next_reward": selectors.next_reward(member),
        "may_void": actor.may("redemptions:write"),
    }


routes = [
    path("rewards/", RewardsView.as_view(), name="rewards"),
    path("rewards/new/", NewRewardView.as_view(), name="reward_new"),
    path("rewards/vouchers/", VouchersView.as_view(), name="vouchers"),
    path("rewards/vouchers/<str:voucher>/void/", VoidVoucherView.as_view(), name="voucher_void"),
    path("rewards/<str:reward>/", RewardView.as_view(), name="reward"),
    path("rewards/<str:reward>/edit/", EditRewardView.as_view(), name="reward_edit"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Rewards"),
        route="rewards",
        icon="gift",
        section="programme",
        order=30,
        permission="rewards:read",
    ),
)
panels = (
    Panel(
        place="member",
        template="catalog/member_panel.html",
        context=_member_panel,
        order=30,
        permission="redemptions:read",
        column="side",
    ),
)
