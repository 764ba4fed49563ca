"""Plans at the till: the cashier sees what this customer holds, and sells a plan.

Choosing one opens its bill, which stands on the same page to be paid; the membership runs from then.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.errors import DomainError
from loyalty.engine.glossary import retold
from loyalty.web.navigation import Panel
from loyalty.web.pages import TillView
from members.profiles.models import Member
from members.profiles.selectors import member_of_id
from tiers.memberships import selectors, services
from tiers.memberships.rules import HOLDING, WAITING

SELL = "memberships:sell"


class SellPlanView(TillView):
    """A customer joins a plan at the counter."""

    permission = "memberships:read"
    write_permission = SELL
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"]).public_id
        plan = request.POST.get("plan", "")[:40]
        try:
            done = services.join_plan(self.call(), member=member, plan=plan)
        except DomainError as error:
            return self.go("member", member, text=str(error.message), tone="error")
        if done.charge:
            text = _("“%(plan)s” begins when its bill is paid.")
        elif done.state == "trial":
            text = _("The free trial of “%(plan)s” has begun.")
        else:
            text = _("“%(plan)s” has begun.")
        return self.go("member", member, text=text % {"plan": retold(done.name)})


def _held(actor: Actor, member: Member) -> dict[str, Any] | None:
    rows = selectors.memberships_of(member)
    held = [row for row in rows if row.state in HOLDING]
    waiting = [row for row in rows if row.state == WAITING and not selectors.is_unpaid_gift(row)]
    joinable = (
        selectors.plans_for(member) if actor.may("memberships:write") or actor.may(SELL) else []
    )
    if not held and not waiting and not joinable:
        return None
    return {"held": held, "waiting": waiting, "joinable": joinable}


routes = [
    path("members/<str:member>/sell-plan/", SellPlanView.as_view(), name="sell_plan"),
]
panels = (
    Panel(
        place="till_member",
        template="memberships/till.html",
        context=_held,
        order=5,
        permission="memberships:read",
    ),
)
