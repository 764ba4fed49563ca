"""Referrals in the dashboard: figures, the review queue, one referral, a member's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.referrals import selectors, services
from campaigns.referrals.models import Referral
from campaigns.referrals.rules.codes import shown_code
from campaigns.referrals.rules.telling import reason_texts
from loyalty.commands.actor import Actor
from loyalty.common.errors import Invalid
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView, FormView
from members.profiles.models import Member

_SHOWN = 5


class ReviewForm(forms.Form):
    """Why it passes or does not."""

    note = forms.CharField(
        label=gettext_lazy("What you found out"),
        max_length=200,
        help_text=gettext_lazy("For the audit trail. The members do not read it."),
    )


class ReferralsView(DashboardView):
    """All referrals: what they brought, what waits for a person, the newest."""

    permission = "referrals:read"
    template_name = "referrals/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        state = request.GET.get("state", "")
        state = state if state in Referral.State.values else ""
        context = {
            "programmes": selectors.figures(list(selectors.programmes())),
            "queue": [(row, reason_texts(row.reasons)) for row in selectors.queue()[:20]],
            "list": newest_first(selectors.referrals_by(state=state), request),
            "states": Referral.State.choices,
            "state": state,
        }
        return self.page(context)


class ReferralView(FormView):
    """One referral: who, when, what looks wrong, and the decision."""

    permission = "referrals:read"
    write_permission = "referrals:approve"
    template_name = "referrals/referral.html"
    form_class = ReviewForm

    def context(self, form: Any) -> dict[str, Any]:
        row = selectors.access_referral(self.kwargs["referral"])
        return {
            "form": form,
            "row": row,
            "reasons": reason_texts(row.reasons),
            "is_held": row.state == Referral.State.HELD,
        }

    def act(self, form: Any) -> HttpResponse:
        what = {"release": services.release_referral, "reject": services.reject_referral}
        chosen = self.request.POST.get("act", "")
        if chosen not in what:
            raise Invalid("unknown_action", _("This page has no such button."))
        referral, note = self.kwargs["referral"], form.cleaned_data["note"]
        what[chosen](self.call(), referral=referral, note=note)
        text = _("Released.") if chosen == "release" else _("Rejected.")
        return self.go("referrals", text=text)


def _panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    came_by, code = selectors.referral_of(member), selectors.code_of(member)
    made = list(selectors.made_by(member)[:_SHOWN])
    if came_by is None and code is None and not made:
        return None
    return {
        "came_by": came_by,
        "code": shown_code(code.code) if code else "",
        "made": made,
        "figures": selectors.figures_of(member),
    }


def _waiting(actor: Actor) -> int:
    return selectors.queue().count()


routes = [
    path("referrals/", ReferralsView.as_view(), name="referrals"),
    path("referrals/<str:referral>/", ReferralView.as_view(), name="referral"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Referrals"),
        route="referrals",
        icon="user-plus",
        section="programme",
        order=55,
        permission="referrals:read",
        count=_waiting,
    ),
)
panels = (
    Panel(
        place="member",
        template="referrals/member_panel.html",
        context=_panel,
        order=40,
        permission="referrals:read",
        column="side",
    ),
)
