"""Forms of the e-mail club: joining it, choosing topics, writing a newsletter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.tenancy.models import Programme
from loyalty.web.forms import WholeField
from members.messaging.rules import LONGEST_BODY, LONGEST_SUBJECT, MARKETING
from members.profiles.rules import consents

TOPIC_CHOICES = [(one.code.removeprefix("email_"), one.label) for one in consents.TOPICS]


class JoinClubForm(forms.Form):
    """An address, and a yes to what it is for."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = {"programme": programme.name}
        for code in (MARKETING, consents.TERMS):
            self.fields[f"agree_{code}"] = forms.BooleanField(
                label=consents.purpose(code).text % said,
                error_messages={"required": _("Without this yes nothing can be sent.")},
            )
        self.fields["of_age"] = forms.BooleanField(
            label=_("I am %(age)s or older.") % {"age": programme.minimum_age},
            error_messages={"required": _("Tick that you are old enough to join.")},
        )


class NewsletterForm(forms.Form):
    """A newsletter in two languages."""

    topic = forms.ChoiceField(label=_("About"), choices=TOPIC_CHOICES)
    segment = forms.ChoiceField(label=_("For whom"), required=False)
    subject_vi = forms.CharField(label=_("Subject in Vietnamese"), max_length=LONGEST_SUBJECT)
    subject_en = forms.CharField(
        label=_("Subject in English"), max_length=LONGEST_SUBJECT, required=False
    )
    body_vi = forms.CharField(
        label=_("Text in Vietnamese"),
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("{name} becomes the reader's name. An empty line begins a new paragraph."),
    )
    body_en = forms.CharField(
        label=_("Text in English"),
        max_length=LONGEST_BODY,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    revision = WholeField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, segments: dict[Any, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Everyone in the club")), *segments.items()]
        self.fields["segment"].choices = choices  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """As the command takes them."""
        data = dict(self.cleaned_data)
        data.pop("revision")
        segment = data.pop("segment")
        chosen = [{"fact": "segment", "op": "contains", "value": segment}] if segment else []
        return {**data, "audience": chosen}
