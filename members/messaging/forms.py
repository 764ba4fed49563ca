"""Forms of the e-mail club: joining it, choosing topics, writing a newsletter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    kept = forms.MultipleChoiceField(
        label=_("And only those for whom holds"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Written elsewhere. Untick what is to hold no more."),
    )
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

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        segments: dict[Any, str],
        audience: Sequence[Mapping[str, Any]] = (),
        texts: Sequence[str] = (),
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """``audience`` is what the draft holds so far, ``texts`` the same in words."""
        chosen = _segment_in(audience, segments)
        self._others = {
            str(place): dict(one)
            for place, one in enumerate(audience)
            if chosen is None or place != chosen
        }
        segment = "" if chosen is None else audience[chosen]["value"]
        begin = {"segment": segment, "kept": list(self._others), **(initial or {})}
        super().__init__(data, files, initial=begin)
        choices = [("", _("Everyone in the club")), *segments.items()]
        field = self.fields["segment"]
        assert isinstance(field, forms.ChoiceField), field
        field.choices = choices
        if self._others:
            shown = [(place, texts[int(place)]) for place in self._others]
            kept = self.fields["kept"]
            assert isinstance(kept, forms.MultipleChoiceField), kept
            kept.choices = shown
        else:
            del self.fields["kept"]

    def values(self) -> dict[str, Any]:
        """As the command takes them: the segment chosen, and the conditions that were kept."""
        data = dict(self.cleaned_data)
        data.pop("revision")
        segment, kept = data.pop("segment"), data.pop("kept", [])
        chosen = [{"fact": "segment", "op": "contains", "value": segment}] if segment else []
        return {**data, "audience": [*chosen, *(self._others[place] for place in kept)]}


def _segment_in(audience: Sequence[Mapping[str, Any]], segments: Mapping[Any, str]) -> int | None:
    """The place of the condition that the form shows as a choice."""
    for place, one in enumerate(audience):
        if (one.get("fact"), one.get("op")) == ("segment", "contains") and one["value"] in segments:
            return place
    return None
