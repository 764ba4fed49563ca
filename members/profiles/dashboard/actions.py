"""The small actions on a member's page, one address each; all answer on that page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from loyalty.common.errors import Conflict, DomainError, NotFound
from loyalty.web.pages import saved
from members.profiles import forms, selectors, services
from members.profiles.dashboard.pages import MemberPage


class MemberActionView(MemberPage):
    """The small actions on a member's page, one address each."""

    write_permission = "members:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = self.member().public_id
        try:
            text = self.act(member)
        except NotFound:
            raise
        except DomainError as error:
            return self.go("member", member, text=str(error.message), tone="error")
        return self.go("member", member, text=text)

    def act(self, member: str) -> str:
        """Do it; answer what to say."""
        raise NotImplementedError

    def read(self, form: Any) -> dict[str, Any]:
        """A form's values. Raises ``Conflict`` with its first error."""
        if not form.is_valid():
            raise Conflict("invalid", next(iter(form.errors.values()))[0])
        return dict(form.cleaned_data)


class HoldView(MemberActionView):
    """Put the card on hold, with a reason."""

    def act(self, member: str) -> str:
        reason = self.read(forms.HoldForm(self.request.POST))["reason"]
        services.hold_member(self.call(), member=member, reason=reason)
        return _("The card is on hold: nothing is earned or spent.")


class ActivateView(MemberActionView):
    """Lift the hold."""

    def act(self, member: str) -> str:
        services.activate_member(self.call(), member=member)
        return _("The card works again.")


class TagsView(MemberActionView):
    """Set the tags."""

    def act(self, member: str) -> str:
        form = forms.TagForm(self.request.POST)
        self.read(form)
        wanted, had = form.wanted(), tuple(self.member().tags)
        services.tag_member(
            self.call(),
            member=member,
            add=tuple(tag for tag in wanted if tag not in had),
            remove=tuple(tag for tag in had if tag not in wanted),
        )
        return saved()


class NoteView(MemberActionView):
    """Write something down."""

    def act(self, member: str) -> str:
        text = self.read(forms.NoteForm(self.request.POST))["text"]
        services.add_note(self.call(), member=member, text=text)
        return _("The note is kept. Members never see it.")


class AddIdentifierView(MemberActionView):
    """One more number or address."""

    def act(self, member: str) -> str:
        data = self.read(forms.IdentifierForm(self.request.POST))
        services.add_identifier(self.call(), member=member, kind=data["kind"], value=data["value"])
        return saved()


class RemoveIdentifierView(MemberActionView):
    """Forget a number or address."""

    def act(self, member: str) -> str:
        kind, place = self.request.POST.get("kind", ""), self.request.POST.get("place", "")
        held = [one for one in selectors.identifiers_of(self.member()) if one.kind == kind]
        if not place.isdigit() or int(place) >= len(held):
            raise Conflict("gone", _("It is gone already."))
        value = held[int(place)].value
        services.remove_identifier(self.call(), member=member, kind=kind, value=value)
        return saved()


class IssueCardView(MemberActionView):
    """Give a numbered card."""

    def act(self, member: str) -> str:
        services.issue_card(self.call(), member=member)
        return _("The card has a number now.")


class EraseView(MemberActionView):
    """Forget the person for good."""

    write_permission = "members:erase"

    def act(self, member: str) -> str:
        services.erase_member(self.call(), member=member)
        return _("The person is forgotten; the bookkeeping stays.")
