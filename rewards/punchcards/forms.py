"""What people type about punch cards, read into the values of a rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.engine.rule_fields import NAMES, CalledForm, names_of
from loyalty.web.forms import MinorField, WholeField, codes_text, read_codes
from rewards.punchcards.models import MAX_STAMPS, PunchCard
from rewards.punchcards.selectors import reward_choices

INTERIMS = 3
_EXPIRY = [
    ("none", _("Never")),
    ("rolling", _("A time after the first stamp")),
    ("dates", _("On fixed days each year")),
]


class CardForm(CalledForm):
    """A punch card. Fields that another way of counting has no use for are hidden by the page."""

    stamp_per = forms.ChoiceField(
        label=_("A stamp"), choices=PunchCard.Per.choices, widget=forms.RadioSelect
    )
    skus = forms.CharField(
        label=_("Only these products"),
        required=False,
        max_length=4_000,
        help_text=_("Product codes, separated by commas. Empty: all."),
    )
    categories = forms.CharField(label=_("Only these categories"), required=False, max_length=4_000)
    stamps_needed = WholeField(
        label=_("Stamps for a full card"), min_value=2, max_value=MAX_STAMPS, initial=10
    )
    head_start = WholeField(
        label=_("Stamps to begin with"),
        min_value=0,
        max_value=MAX_STAMPS,
        initial=0,
        help_text=_("Ten places with two filled in are finished more often than eight empty ones."),
    )
    head_start_every = forms.BooleanField(
        label=_("On every card, not just the first"), required=False, initial=True
    )
    daily_limit = WholeField(
        label=_("At most so many stamps a day"), required=False, min_value=1, max_value=MAX_STAMPS
    )
    carry_over = forms.BooleanField(
        label=_("Stamps left over go to the next card"), required=False, initial=True
    )
    expiry_kind = forms.ChoiceField(
        label=_("The card dies"), choices=_EXPIRY, widget=forms.RadioSelect
    )
    expiry_count = WholeField(
        label=_("After"),
        required=False,
        min_value=1,
        max_value=3_650,
        initial=6,
        widget=forms.NumberInput(attrs={"data-when": "expiry_kind=rolling"}),
    )
    expiry_unit = forms.ChoiceField(
        label=_("Unit"),
        required=False,
        choices=PunchCard.Unit.choices,
        widget=forms.Select(attrs={"data-when": "expiry_kind=rolling"}),
    )
    expiry_dates = forms.CharField(
        label=_("Days of the year"),
        required=False,
        max_length=200,
        help_text=_("Month-day, separated by commas: 06-30, 12-31."),
        widget=forms.TextInput(attrs={"data-when": "expiry_kind=dates", "autocomplete": "off"}),
    )
    icon = forms.ChoiceField(label=_("Picture of a stamp"), choices=PunchCard.Icon.choices)
    revision = WholeField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rewards = [("", "–"), *reward_choices()]
        self.fields["reward"] = forms.ChoiceField(
            label=_("A full card gives"),
            choices=rewards,
            help_text=_(
                "Rewards are written under “Rewards”; one without a price is not for sale."
            ),
        )
        self.fields["per_minor"] = MinorField(
            currency=currency, label=_("For each amount of"), required=False
        )
        self.fields["per_minor"].widget.attrs["data-when"] = "stamp_per=amount"
        self.fields["minimum_minor"] = MinorField(
            currency=currency, label=_("Only from a bill of"), required=False
        )
        self.interims = max(INTERIMS, self.initial.get("interims", 0))
        for number in range(1, self.interims + 1):
            self.fields[f"position_{number}"] = WholeField(
                label=_("Reward on the way at stamp"), required=False, min_value=1, max_value=99
            )
            self.fields[f"interim_{number}"] = forms.ChoiceField(
                label=_("gives"), required=False, choices=rewards
            )
        self.order_fields(
            [*NAMES, "stamp_per", "per_minor", "skus", "categories", "minimum_minor"]
            + ["stamps_needed", "reward", "head_start", "head_start_every"]
            + [f"{w}_{n}" for n in range(1, self.interims + 1) for w in ("position", "interim")]
        )

    def values(self) -> dict[str, Any]:
        """What was typed, as the values of a rule."""
        data = self.cleaned_data
        same = "stamp_per reward stamps_needed head_start head_start_every carry_over icon"
        # Hidden where the days are fixed, and sent all the same: as it was, or left to the rule.
        count = (
            {} if data["expiry_kind"] == "dates" else {"expiry_count": data["expiry_count"] or 1}
        )
        return {
            **self.names(),
            **{name: data[name] for name in same.split()},
            "per_minor": data["per_minor"] or 0,
            "minimum_minor": data["minimum_minor"] or 0,
            "skus": read_codes(data["skus"]),
            "categories": read_codes(data["categories"]),
            "interims": [
                {"position": data[f"position_{n}"], "reward": data[f"interim_{n}"]}
                for n in range(1, self.interims + 1)
                if data[f"position_{n}"] or data[f"interim_{n}"]
            ],
            "limits": self._limits(),
            "expiry_kind": data["expiry_kind"],
            **count,
            "expiry_unit": data["expiry_unit"] or "month",
            "expiry_dates": read_codes(data["expiry_dates"]),
        }

    def _limits(self) -> list[dict[str, Any]]:
        """The daily limit as typed; limits this form does not show stay as they are."""
        known = [dict(one) for one in self.initial.get("limits", ())]
        daily, maximum = _daily(known), self.cleaned_data["daily_limit"]
        if daily is None:
            return known + ([{"maximum": maximum, "period": "day"}] if maximum else [])
        if not maximum:
            known.remove(daily)
        else:
            daily["maximum"] = maximum
        return known


def _daily(limits: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The limit the form shows: so many stamps a day for each member."""
    for one in limits:
        is_simple = one.get("measure", "amount") == "amount" and not one.get("by_all")
        if one.get("period", "day") == "day" and is_simple:
            return one
    return None


def initial_of(card: PunchCard) -> dict[str, Any]:
    """A card as the form shows it."""
    same = (
        "stamp_per per_minor minimum_minor stamps_needed head_start head_start_every "
        "carry_over expiry_kind expiry_count expiry_unit icon"
    )
    found = {**names_of(card), **{name: getattr(card, name) for name in same.split()}}
    # A card that says nothing of it never dies, and that is what the form says then.
    if card.expiry is None:
        found["expiry_kind"] = PunchCard.Kind.NONE
    for name in ("skus", "categories", "expiry_dates"):
        found[name] = codes_text(getattr(card, name))
    found["reward"] = card.reward.public_id if card.reward else ""
    for number, one in enumerate(card.interims, start=1):
        found[f"position_{number}"] = one.get("position")
        found[f"interim_{number}"] = one.get("reward")
    daily = _daily(card.limits)
    found["daily_limit"] = daily["maximum"] if daily else None
    found["revision"] = card.revision
    # Kept beside what the form shows: more rewards on the way, limits of other kinds.
    return {**found, "interims": len(card.interims), "limits": card.limits}
