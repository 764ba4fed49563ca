"""Forms of the members' pages: they read what was typed; the domain decides what is right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from loyalty.tenancy.models import Programme
from loyalty.web.forms import WholeField
from members.profiles.models import Member
from members.profiles.rules import consents

_DATE = forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d")


class ContactForm(forms.Form):
    """Where a code shall go."""

    contact = forms.CharField(
        label=_("E-mail or phone"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "email", "autofocus": True}),
    )

    def __init__(self, *args: Any, by_phone: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by_phone:
            self.fields["contact"].label = _("E-mail")


class CodeForm(forms.Form):
    """The code that came."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "class": "than-code-field",
            }
        ),
    )


class JoinForm(ContactForm):
    """Joining: as little as the programme needs, nothing ticked beforehand."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    birthday = forms.DateField(
        label=_("Birthday"),
        required=False,
        widget=_DATE,
        help_text=_("For a small present once a year."),
    )
    code = forms.CharField(
        label=_("A friend's code, if you have one"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    field_order = ("name", "contact", "birthday", "code", "of_age")

    def __init__(
        self,
        *args: Any,
        programme: Programme,
        proven: str = "",
        takes_codes: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not takes_codes:
            del self.fields["code"]
        # The name stands above it: a page that starts in its middle is easily misread.
        self.fields["contact"].widget.attrs.pop("autofocus", None)
        if proven:
            del self.fields["contact"]
        self.fields["of_age"] = forms.BooleanField(
            label=_("I am %(age)s or older.") % {"age": programme.minimum_age},
            error_messages={"required": _("Tick that you are old enough to join.")},
        )
        for one in consents.PURPOSES:
            self.fields[f"consent_{one.code}"] = forms.BooleanField(
                label=one.text % {"programme": programme.name},
                required=one.needed,
                error_messages={"required": _("Without this yes there is no card.")},
            )
            self.fields[f"version_{one.code}"] = forms.CharField(
                initial=one.version, required=False, widget=forms.HiddenInput
            )
        self.order_fields(self.field_order)

    def agreed(self) -> list[list[str]]:
        """Purpose and version of every text that was ticked."""
        return [
            [one.code, self.cleaned_data[f"version_{one.code}"] or one.version]
            for one in consents.PURPOSES
            if self.cleaned_data.get(f"consent_{one.code}")
        ]


class ProfileForm(forms.Form):
    """A member's own particulars."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    birthday = forms.DateField(label=_("Birthday"), required=False, widget=_DATE)
    gender = forms.ChoiceField(label=_("Gender"), required=False, choices=Member.Gender.choices)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    revision = WholeField(widget=forms.HiddenInput)


class EraseForm(forms.Form):
    """The last question before a card is erased."""

    sure = forms.BooleanField(
        label=_("Yes, erase my card, my points and everything kept about me."),
        error_messages={"required": _("Tick this if you are sure.")},
    )
