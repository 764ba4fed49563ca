"""Who works here, and as what."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.common.errors import Refused
from loyalty.setup import forms, selectors, services
from loyalty.tenancy.models import Staff
from loyalty.web.pages import DashboardView, FormView, saved


class TeamPage(FormView):
    """A form whose places are the merchant's own."""

    permission = "staff:read"
    write_permission = "staff:write"

    def form_options(self) -> dict[str, Any]:
        rows = selectors.locations(merchant_id=self.employer())
        return {"locations": [(row.public_id, row.name) for row in rows if row.is_active]}

    def employer(self) -> int:
        """Whose places they are."""
        return int(self.staff.merchant_id)


class TeamView(TeamPage):
    """Everyone, and a form to invite one more."""

    template_name = "setup/team.html"
    form_class = forms.InviteForm

    def form_options(self) -> dict[str, Any]:
        merchants = selectors.merchants() if self.actor.may_give_all_merchants else []
        return {
            **super().form_options(),
            "merchants": [(row.public_id, row.name) for row in merchants],
            "own": self.staff.merchant.public_id,
        }

    def context(self, form: django_forms.Form) -> dict[str, Any]:
        return {"form": form, "team": selectors.team(merchant_id=_whose(self.actor, self.staff))}

    def act(self, form: Any) -> HttpResponse:
        services.invite_staff(self.call(), **form.arguments())
        return self.go("team", text=_("Invited: the letter is on its way."))


class RoleView(TeamPage):
    """One person's role."""

    template_name = "setup/role.html"
    form_class = forms.RoleForm

    def row(self) -> Staff:
        """The role of the address. Raises ``NotFound``."""
        return selectors.staff_of_id(
            self.kwargs["staff"], merchant_id=_whose(self.actor, self.staff)
        )

    def employer(self) -> int:
        return int(self.row().merchant_id)

    def initial(self) -> dict[str, Any]:
        row = self.row()
        return {"role": row.role, "location": row.location.public_id if row.location else ""}

    def context(self, form: django_forms.Form) -> dict[str, Any]:
        return {"form": form, "person": self.row()}

    def act(self, form: Any) -> HttpResponse:
        services.change_role(self.call(), staff=self.kwargs["staff"], **form.cleaned_data)
        return self.go("team", text=saved())


def _whose(actor: Actor, staff: Staff) -> int | None:
    """Whose people are shown: who runs a coalition sees everybody."""
    return None if actor.may_give_all_merchants else staff.merchant_id


class CloseView(DashboardView):
    """Let someone go."""

    permission = "staff:read"
    write_permission = "staff:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        selectors.staff_of_id(self.kwargs["staff"], merchant_id=_whose(self.actor, self.staff))
        try:
            self.act()
        except Refused as error:
            return self.go("team", text=str(error.message), tone="error")
        return self.go("team", text=saved())

    def act(self) -> None:
        """Do it."""
        services.close_role(self.call(), staff=self.kwargs["staff"])


class OpenView(CloseView):
    """Let someone in again."""

    def act(self) -> None:
        services.open_role(self.call(), staff=self.kwargs["staff"])
