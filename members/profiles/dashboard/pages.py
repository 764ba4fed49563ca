"""The list of members with search and export, and one member's page of panels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.tenancy.models import Programme
from loyalty.web.lists import csv_file, link, newest_first
from loyalty.web.navigation import (
    FileColumn,
    columns_for,
    file_columns_for,
    filters_for,
    render_panels,
)
from loyalty.web.pages import DashboardView, FormView, saved
from members.profiles import forms, selectors, services
from members.profiles.models import Identifier, Member
from members.profiles.rules import consents
from members.profiles.rules.names import mask
from members.profiles.rules.phones import national_form


class MembersView(DashboardView):
    """The list: search without accents, filters, fifty at a time."""

    permission = "members:read"
    template_name = "members/list.html"
    partial_name = "members/rows.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        form = forms.MemberFilter(request.GET)
        text, state, tag = asked_of(form)
        rows = selectors.filter_members(text=text, state=state, tag=tag)
        rows, filters = filters_for("members", actor=self.actor, asked=request.GET, rows=rows)
        page = newest_first(rows, request)
        return self.page(
            {
                "list": page,
                "contacts": contacts_of(page.rows, full=sees_contacts(self.actor)),
                "columns": columns_for("members", actor=self.actor, rows=page.rows),
                "filter": form,
                "filters": filters,
                "is_filtered": any(one.value for one in filters),
                "q": text,
                "tag": tag,
                "states": [
                    {"label": label, "url": link(request, state=value), "active": value == state}
                    for value, label in form.fields["state"].choices  # type: ignore[attr-defined]
                ],
                "export_url": f"{self.url('members_export')}?{request.GET.urlencode()}",
            }
        )


class MembersExportView(DashboardView):
    """The list as a file, with the filters of the page."""

    permission = "members:export"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        form = forms.MemberFilter(request.GET)
        text, state, tag = asked_of(form)
        rows = selectors.filter_members(text=text, state=state, tag=tag)
        rows, filters = filters_for("members", actor=self.actor, asked=request.GET, rows=rows)
        wanted = {"q": text, "state": state, "tag": tag, **{one.name: one.value for one in filters}}
        # The names are those ``import_members`` knows: the file comes in again as it is.
        more = file_columns_for("members", actor=self.actor)
        header = [
            *(_("Member id"), _("Name"), _("Phone number"), _("E-mail"), _("Card number")),
            *(_("Customer number"), _("Language"), _("Birthday"), _("Joined")),
            *(_("State"), _("Tags"), *(column.header for column in more)),
        ]
        services.export_members(self.call(), filters=wanted)
        return csv_file(
            "members",
            header=header,
            rows=_rows(rows, more=more, programme=self.programme),
            programme=self.programme,
        )


def asked_of(form: forms.MemberFilter) -> tuple[str, str, str]:
    """The text, state and tag a filter asks for; what is not well formed asks for nothing."""
    wanted = form.cleaned_data if form.is_valid() else {}
    return wanted.get("q", ""), wanted.get("state", ""), wanted.get("tag", "")


class NewMemberView(FormView):
    """Someone new, from the back office."""

    permission = "members:read"
    write_permission = "members:write"
    template_name = "members/new.html"
    form_class = forms.NewMemberForm

    def form_options(self) -> dict[str, Any]:
        return {"takes_codes": selectors.takes_codes()}

    def act(self, form: Any) -> HttpResponse:
        values = {name: form.cleaned_data[name] for name in ("name", "phone", "email", "birthday")}
        done = services.enrol_member(
            self.call(),
            person=services.NewMember(
                **values,
                code=form.cleaned_data.get("code", ""),
                consents=(services.ConsentGiven(purpose=consents.TERMS),),
                channel="dashboard",
            ),
        )
        return self.go("member", done.member, text=_("The card is ready."))


class MemberPage(DashboardView):
    """A page about one member."""

    permission = "members:read"

    def member(self) -> Member:
        """The member of the address. Raises ``NotFound``."""
        return selectors.member_of_id(self.kwargs["member"])


class MemberView(MemberPage):
    """One member: who they are, and what every app has to say about them."""

    template_name = "members/member.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = self.member()
        shared = self.shell() | {"member": member}
        panels = render_panels(
            "member", actor=self.actor, subject=member, request=request, shared=shared
        )
        return self.page({"member": member, "panels": panels, "hold": forms.HoldForm()})


class ProfileView(FormView):
    """A member's particulars."""

    permission = "members:read"
    write_permission = "members:write"
    template_name = "members/profile.html"
    form_class = forms.ProfileForm

    def member(self) -> Member:
        """The member of the address. Raises ``NotFound``."""
        return selectors.member_of_id(self.kwargs["member"])

    def initial(self) -> dict[str, Any]:
        row = self.member()
        names = ("name", "birthday", "gender", "language", "revision")
        return {name: getattr(row, name) for name in names}

    def context(self, form: Any) -> dict[str, Any]:
        member = self.member()
        return {
            "form": form,
            "member": member,
            "identifiers": shown_identifiers(member, full=sees_contacts(self.actor)),
            "identifier_form": forms.IdentifierForm(),
        }

    def act(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        services.update_member(
            self.call(),
            member=self.kwargs["member"],
            changes=services.ProfileChanges(
                name=data["name"],
                birthday=data["birthday"],
                clear_birthday=data["birthday"] is None,
                gender=data["gender"],
                language=data["language"],
            ),
            revision=data["revision"],
        )
        return self.go("member", self.kwargs["member"], text=saved())


class DataView(MemberPage):
    """Everything kept about a member, as a file to hand over."""

    permission = "members:export"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = self.member()
        services.export_member_data(self.call(), member=member.public_id)
        response = JsonResponse(
            selectors.personal_data(member), json_dumps_params={"ensure_ascii": False, "indent": 2}
        )
        response["Content-Disposition"] = f'attachment; filename="{member.public_id}.json"'
        return response


def sees_contacts(actor: Actor) -> bool:
    """Who may take members' data out sees it whole; others see it masked."""
    return actor.may("members:export")


def contacts_of(members: list[Member], *, full: bool) -> dict[int, str]:
    """One way to reach each member, by primary key. One query."""
    return {
        member_id: row.value if full else mask(row.kind, row.value)
        for member_id, row in selectors.first_contacts(members).items()
    }


def shown_identifiers(member: Member, *, full: bool) -> list[dict[str, Any]]:
    """How a member is recognised, each with its place among those of its kind."""
    places: dict[str, int] = {}
    shown = []
    for row in selectors.identifiers_of(member):
        place = places[row.kind] = places.get(row.kind, -1) + 1
        value = row.value if full else mask(row.kind, row.value)
        verified = row.verified_at is not None
        label = Identifier.Kind(row.kind).label
        shown.append(
            {"kind": row.kind, "label": label, "value": value, "place": place, "verified": verified}
        )
    return shown


def _rows(
    members: Any, *, more: Sequence[FileColumn], programme: Programme
) -> Iterator[tuple[object, ...]]:
    """The lines of the file, five hundred members per question to the database. Days are ISO."""
    zone = ZoneInfo(programme.timezone)
    last = None
    while True:
        block = members.order_by("-pk") if last is None else members.filter(pk__lt=last)
        found = list(block.order_by("-pk")[:500])
        if not found:
            return
        last = found[-1].pk
        numbers = selectors.identifiers_by_kind(found)
        cells = [column.values(found) for column in more]
        for row in found:
            own = numbers.get(row.pk, {})
            phone = own.get("phone", "")
            yield (
                row.public_id,
                row.name,
                # As people write it here: without a plus sign no spreadsheet takes it for a sum.
                national_form(phone, country=programme.country) if phone else "",
                own.get("email", ""),
                own.get("card", ""),
                own.get("external", ""),
                row.language,
                row.birthday,
                row.joined_at.astimezone(zone).date().isoformat(),
                row.get_state_display(),
                ", ".join(row.tags),
                *(column.get(row.pk, "") for column in cells),
            )
