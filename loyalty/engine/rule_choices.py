"""Which fields of a rule are asked for beside its other choices: on its form, on its page, in what it
takes. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from loyalty.engine.plug import carry_sales

if TYPE_CHECKING:
    from loyalty.engine.models import Rule

# A choice that stands for every activity with a sale: “activity=<sale>”.
_SALE = "<sale>"
_A_TIME = "expiry_kind=rolling sliding"
# Of the shared parts of rules: asked for some choices alone, as ``Rule.shown_for`` is.
_SHARED_WHEN = {
    "expiry_count": _A_TIME,
    "expiry_unit": _A_TIME,
    "expiry_round_up": _A_TIME,
    "expiry_dates": "expiry_kind=dates",
    "wait_days": "wait_kind=days",
    "wait_until": "wait_kind=date",
    "wait_event": "wait_kind=event",
    "wait_cancel_days": "wait_kind=event",
}


class Asked(NamedTuple):
    """A field is asked for where ``other`` is one of ``choices``; for ``spare`` ones among them it may
    stay empty.
    """

    other: str
    choices: tuple[str, ...]
    spare: tuple[str, ...]

    @property
    def wanting(self) -> tuple[str, ...]:
        """The choices that cannot do without it."""
        return tuple(one for one in self.choices if one not in self.spare)


def asked_where(model: type[Rule], name: str) -> Asked | None:
    """Where a field is asked for; ``None``: always."""
    said = model.shown_for.get(name) or _SHARED_WHEN.get(name)
    if not said:
        return None
    other, _equals, words = said.partition("=")
    marked = [
        one
        for word in words.split()
        for one in (sorted(carry_sales()) if word == _SALE else [word])
    ]
    return Asked(
        other,
        tuple(one.removesuffix("?") for one in marked),
        tuple(one[:-1] for one in marked if one.endswith("?")),
    )


def is_asked(row: Rule, name: str) -> bool:
    """Does a value count beside the rule's other choices?"""
    asked = asked_where(type(row), name)
    if asked is None:
        return True
    return str(getattr(row, asked.other)) in asked.choices and is_asked(row, asked.other)
