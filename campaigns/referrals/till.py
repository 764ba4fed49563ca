"""Referrals at the till: what a friend may look forward to, and the code they forgot to say."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from campaigns.referrals import selectors
from campaigns.referrals.services import claim_code
from loyalty.commands.actor import Actor
from loyalty.common.clock import now
from loyalty.common.errors import DomainError
from loyalty.web.navigation import Panel
from loyalty.web.pages import TillView
from members.profiles.models import Member
from members.profiles.selectors import member_of_id


class CameByView(TillView):
    """The code of the friend they came by."""

    permission = "members:read"
    write_permission = "members:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"]).public_id
        try:
            claim_code(self.call(), member=member, code=request.POST.get("code", "")[:40])
        except DomainError as refusal:
            return self.go("member", member, text=str(refusal.message), tone="error")
        return self.go("member", member, text=_("Noted: they came by a friend."))


def _panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    if not selectors.has_programmes():
        return None
    coming = selectors.coming_to(member, programme=actor.programme)
    may_claim = (
        coming is None
        and actor.may("members:write")
        and selectors.may_still_claim(member, at=now())
    )
    return {"coming": coming, "may_claim": may_claim} if coming or may_claim else None


routes = [path("members/<str:member>/came-by/", CameByView.as_view(), name="member_came_by")]
panels = (Panel(place="till_member", template="referrals/till.html", context=_panel, order=25),)
