"""What staff type about members, read into plain values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from loyalty.web.forms import WholeField
from members.profiles.models import Member


class MemberFilter(forms.Form):
    """The filters above the list of members."""

    q = forms.CharField(max_length=200, required=False)
    state = forms.ChoiceField(
        choices=[("", _("All")), *Member.State.choices], required=False, label=_("State")
    )
    tag = forms.CharField(max_length=40, required=False, label=_("Tag"))


class ProfileForm(forms.Form):
    """A member's particulars."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    birthday = forms.DateField(
        label=_("Birthday"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    gender = forms.ChoiceField(label=_("Gender"), choices=Member.Gender.choices, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    revision = WholeField(widget=forms.HiddenInput)


class NewMemberForm(forms.Form):
    """Someone new, entered in the back office."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    phone = forms.CharField(label=_("Phone number"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    birthday = forms.DateField(
        label=_("Birthday"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    code = forms.CharField(
        label=_("A friend's code, if they have one"), max_length=40, required=False
    )
    terms = forms.BooleanField(
        label=_("They agreed to the terms of the programme"),
        error_messages={"required": _("Without their yes there is no card.")},
    )

    def __init__(self, *args: Any, takes_codes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not takes_codes:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("phone") and not cleaned.get("email") and not self.errors:
            self.add_error("phone", _("Give a phone number or an e-mail address."))
        return cleaned


class IdentifierForm(forms.Form):
    """One more way to recognise a member."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("phone", _("phone")), ("email", _("e-mail")), ("card", _("card number"))],
    )
    value = forms.CharField(label=_("Number or address"), max_length=254)


class TagForm(forms.Form):
    """Tags, separated by commas."""

    tags = forms.CharField(label=_("Tags"), max_length=500, required=False)

    def wanted(self) -> tuple[str, ...]:
        """The tags as they are kept."""
        parts = (tag.strip().lower() for tag in self.cleaned_data["tags"].split(","))
        return tuple(dict.fromkeys(tag for tag in parts if tag))


class NoteForm(forms.Form):
    """Something to remember about a member."""

    text = forms.CharField(
        label=_("Note"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )


class HoldForm(forms.Form):
    """Why a card is put on hold."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
