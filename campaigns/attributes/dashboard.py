"""Attributes in the dashboard: those there are, a new one, and what is known of a member."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.attributes import selectors, services
from campaigns.attributes.models import Attribute
from loyalty.commands.actor import Actor
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import FormView
from members.profiles.models import Member


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


def _known(actor: Actor, member: Member) -> dict[str, Any] | None:
    shown = [(row, value) for row, value in selectors.shown_of(member) if value is not None]
    return {"known": shown} if shown else None


routes = [path("attributes/", AttributesView.as_view(), name="attributes")]
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
