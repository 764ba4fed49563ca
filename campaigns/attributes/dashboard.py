"""Attributes in the dashboard: those there are, a new one, and what is known of a member."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.attributes import selectors, services
from campaigns.attributes.models import Attribute
from campaigns.attributes.rules import MAX_TEXT, read_typed
from loyalty.commands.actor import Actor
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView, FormView, saved
from members.profiles.models import Member
from members.profiles.selectors import member_of_id


class AttributeForm(forms.Form):
    """A new attribute."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("Your systems set it by this code. It never changes."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Attribute.Kind.choices)
    name_vi = forms.CharField(label=gettext_lazy("Name in Vietnamese"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=80, required=False)
    options = forms.CharField(
        label=gettext_lazy("Possible texts, one a line (empty: any)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_told = forms.BooleanField(
        label=gettext_lazy("Members may read rules that ask for it"), required=False
    )


class AttributesView(FormView):
    """All attributes, and a form for one more."""

    permission = "attributes:read"
    write_permission = "attributes:write"
    template_name = "attributes/list.html"
    form_class = AttributeForm

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "attributes": selectors.attributes()}

    def act(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        lines = tuple(one.strip() for one in data["options"].splitlines() if one.strip())
        done = services.declare(self.call(), **{**data, "options": lines})
        return self.go(
            "attributes", text=_("Rules can ask for “%(fact)s” now.") % {"fact": done.fact}
        )


class PutAwayView(DashboardView):
    """Nobody sets it any more; or it comes back."""

    permission = "attributes:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_attribute(self.kwargs["attribute"])
        back = request.POST.get("act") == "back"
        services.change(self.call(), attribute=row.public_id, is_retired=not back)
        return self.go("attributes", text=_("It is back.") if back else _("Put away."))


class MemberValuesView(DashboardView):
    """What is known of a member, typed by staff: a field left empty forgets it."""

    permission = "member_attributes:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"])
        before = selectors.values_of(member)
        typed = {
            row.code: read_typed(str(row.kind), request.POST.get(row.code, "")[: MAX_TEXT + 1])
            for row in selectors.attributes(in_use=True)
        }
        values = {code: value for code, value in typed.items() if value != before.get(code)}
        if values:
            services.set_values(self.call(), member=member.public_id, values=values)
        return self.go("member", member.public_id, text=saved())


def _known(actor: Actor, member: Member) -> dict[str, Any] | None:
    every = selectors.shown_of(member)
    may_write = actor.may("member_attributes:write") or actor.may("attributes:write")
    fields = [(row, value) for row, value in every if not row.is_retired] if may_write else []
    shown = [(row, value) for row, value in every if value is not None]
    return {"known": shown, "fields": fields} if shown or fields else None


routes = [
    path("attributes/", AttributesView.as_view(), name="attributes"),
    path("attributes/<str:attribute>/away/", PutAwayView.as_view(), name="attribute_away"),
    path("members/<str:member>/attributes/", MemberValuesView.as_view(), name="member_attributes"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Attributes"),
        route="attributes",
        icon="list",
        section="setup",
        order=45,
        permission="attributes:read",
    ),
)
panels = (
    Panel(
        place="member",
        template="attributes/member.html",
        context=_known,
        order=70,
        permission="attributes:read",
        column="side",
    ),
)
