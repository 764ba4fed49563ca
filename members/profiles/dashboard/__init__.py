"""Members in the dashboard: addresses, the menu, and the panels this app adds to a member's page."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import Actor
from loyalty.web.navigation import MenuItem, Panel
from members.profiles import forms, selectors
from members.profiles.dashboard import actions, pages
from members.profiles.models import Member
from members.profiles.rules import consents


def _who(actor: Actor, member: Member) -> dict[str, Any]:
    full = pages.sees_contacts(actor)
    return {
        "identifiers": pages.shown_identifiers(member, full=full),
        "household": selectors.household_of(member),
        "birthday": member.birthday if full else None,
    }


def _tags(actor: Actor, member: Member) -> dict[str, Any]:
    return {"form": forms.TagForm(initial={"tags": ", ".join(member.tags)})}


def _notes(actor: Actor, member: Member) -> dict[str, Any]:
    return {"notes": selectors.notes_of(member), "form": forms.NoteForm()}


def _consents(actor: Actor, member: Member) -> dict[str, Any]:
    now = selectors.consents_now(member)
    rows = [{"label": one.label, "row": now.get(one.code)} for one in consents.PURPOSES]
    return {"consents": rows}


_MEMBER = "members/<str:member>/"
routes = [
    path("members/", pages.MembersView.as_view(), name="members"),
    path("members/export.csv", pages.MembersExportView.as_view(), name="members_export"),
    path("members/new/", pages.NewMemberView.as_view(), name="member_new"),
    path(_MEMBER, pages.MemberView.as_view(), name="member"),
    path(f"{_MEMBER}profile/", pages.ProfileView.as_view(), name="member_profile"),
    path(f"{_MEMBER}data.json", pages.DataView.as_view(), name="member_data"),
    path(f"{_MEMBER}hold/", actions.HoldView.as_view(), name="member_hold"),
    path(f"{_MEMBER}activate/", actions.ActivateView.as_view(), name="member_activate"),
    path(f"{_MEMBER}tags/", actions.TagsView.as_view(), name="member_tags"),
    path(f"{_MEMBER}notes/", actions.NoteView.as_view(), name="member_note"),
    path(f"{_MEMBER}numbers/add/", actions.AddIdentifierView.as_view(), name="member_number_add"),
    path(
        f"{_MEMBER}numbers/remove/",
        actions.RemoveIdentifierView.as_view(),
        name="member_number_remove",
    ),
    path(f"{_MEMBER}card/", actions.IssueCardView.as_view(), name="member_card"),
    path(f"{_MEMBER}erase/", actions.EraseView.as_view(), name="member_erase"),
]
menu = (
    MenuItem(
        label=_("Members"), route="members", icon="users", order=10, permission="members:read"
    ),
)
panels = (
    Panel(place="member", template="members/who.html", context=_who, order=10, column="side"),
    Panel(place="member", template="members/tags.html", context=_tags, order=30, column="side"),
    Panel(
        place="member", template="members/consents.html", context=_consents, order=60, column="side"
    ),
    Panel(place="member", template="members/notes.html", context=_notes, order=80),
)
