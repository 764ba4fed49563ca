"""Cards that belong together, on a member's page: duplicates merged and taken apart, households."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.errors import DomainError, NotFound
from loyalty.ledger import holders
from loyalty.ledger.lines import balance_view
from loyalty.ledger.selectors import balances
from loyalty.web.navigation import Panel
from loyalty.web.pages import DashboardView
from members.profiles import selectors
from members.profiles.models import Member


def _together(actor: Actor, member: Member) -> dict[str, Any] | None:
    if member.state == Member.State.ERASED:
        return None
    others = [one for one in selectors.household_of(member) if one.pk != member.pk]
    return {"others": others, "merges": selectors.merges_of(member)}


class TogetherView(DashboardView):
    """The base of what is done to cards that belong together."""

    permission = "members:read"

    def found(self, text: str) -> Member:
        """The other card, by phone, e-mail, card number or id. Raises ``NotFound``."""
        found = selectors.find_member(text)
        if found is not None:
            return found.member
        return selectors.member_of_id(text[:40])

    def answer(self, member: str, act: Any) -> HttpResponse:
        """Do it, and back to the member's page with what was said."""
        try:
            text, tone = act(), "success"
        except DomainError as error:
            text, tone = str(error.message), "error"
        return self.go("member", member, text=text, tone=tone)


class MergeView(TogetherView):
    """Both cards side by side, and then one card of the two."""

    write_permission = "members:approve"
    template_name = "ledger/merge.html"

    def get(self, request: HttpRequest, member: str) -> HttpResponse:
        kept = selectors.member_of_id(member)
        try:
            gone = self.found(request.GET.get("with", ""))
        except NotFound as error:
            return self.go("member", member, text=str(error.message), tone="error")
        pair = [self._shown(kept), self._shown(gone)]
        return self.page({"kept": kept, "gone": gone, "pair": pair})

    def post(self, request: HttpRequest, member: str) -> HttpResponse:
        def merge() -> str:
            holders.merge_members(
                self.call(),
                survivor=member,
                loser=request.POST.get("loser", "")[:40],
                reason=request.POST.get("reason", ""),
            )
            return _("One card now. You can take this back on this page.")

        return self.answer(member, merge)

    def _shown(self, member: Member) -> dict[str, Any]:
        held = balances(holder_id=member.holder_id)
        return {
            "member": member,
            "contact": selectors.masked_contact(member),
            "balances": [balance_view(one, currency=self.programme.currency) for one in held],
        }


class UnmergeView(TogetherView):
    """Take a merge back."""

    write_permission = "members:approve"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, member: str, merge: str) -> HttpResponse:
        def unmerge() -> str:
            holders.unmerge_members(self.call(), merge=merge)
            return _("Two cards again.")

        return self.answer(member, unmerge)


class JoinHouseholdView(TogetherView):
    """Share one account with another member."""

    write_permission = "members:transfer"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, member: str) -> HttpResponse:
        def join() -> str:
            other = self.found(request.POST.get("other", ""))
            holders.join_household(self.call(), member=member, other=other.public_id)
            return _("They share one account now.")

        return self.answer(member, join)


class LeaveHouseholdView(TogetherView):
    """An account of one's own again."""

    write_permission = "members:transfer"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, member: str) -> HttpResponse:
        def leave() -> str:
            holders.leave_household(self.call(), member=member)
            return _("This member has an account of their own again.")

        return self.answer(member, leave)


_MEMBER = "members/<str:member>/"
routes = [
    path(f"{_MEMBER}merge/", MergeView.as_view(), name="member_merge"),
    path(f"{_MEMBER}merges/<str:merge>/undo/", UnmergeView.as_view(), name="member_unmerge"),
    path(f"{_MEMBER}household/", JoinHouseholdView.as_view(), name="household_join"),
    path(f"{_MEMBER}household/leave/", LeaveHouseholdView.as_view(), name="household_leave"),
]
panels = (
    Panel(
        place="member",
        template="ledger/together.html",
        context=_together,
        order=70,
        permission="members:transfer",
        column="side",
    ),
)
