"""Trials as plain values: what is given to whom, what they think of it, whether they buy it later.

What a member has had and may still buy stands in one status, ``trials``: ``had`` lists the codes of
what they were given, ``open`` what they could still buy (each with the instants it counts between),
``bought`` what of it they did buy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.engine.rules import RuleTerms
from loyalty.engine.status import Status

STATUS = "trials"
PRODUCT, PLAN = "product", "plan"
OFFERED, ACCEPTED, GIVEN, LAPSED, RETURNED = (
    "offered",
    "accepted",
    "given",
    "lapsed",
    "returned",
)
# What counts as having had it: there is one for each person.
HAD = (ACCEPTED, GIVEN)
MOST_STARS = 5
MOST_PLAN_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class TrialTerms(RuleTerms):
    """Something given free once to each of those it is for; its budget is how many there are.

    Args:
        what: ``product`` (of ``sku``, handed over at the till) or ``plan`` (of that code, for
            ``plan_days`` days from the moment it is taken).
        by_hand: only for those it was offered to by hand.
        collect_days: how many days what was accepted waits at the till; then it goes back.
        ask_days: after how many days they are asked what they think.
        convert_days: within how many days after it a purchase counts as won by it.
    """

    family: str
    code: str
    what: str = PRODUCT
    sku: str = ""
    plan: str = ""
    plan_days: int = 30
    by_hand: bool = False
    collect_days: int = 7
    ask_days: int = 3
    convert_days: int = 30

    def problems(self) -> list[DomainError]:
        found: list[DomainError] = []
        if not self.code:
            found.append(
                Invalid(
                    "required",
                    _(
                        "Give the trial a short code, such as “cold-brew”: rules ask for it by that."
                    ),
                    field="code",
                )
            )
        if self.what == PRODUCT and not self.sku:
            found.append(Invalid("required", _("Say which product is given."), field="sku"))
        if self.what == PLAN and not self.plan:
            found.append(Invalid("required", _("Say which plan is given."), field="plan"))
        bounds = {
            "plan_days": (self.plan_days, 1, MOST_PLAN_DAYS),
            "collect_days": (self.collect_days, 1, 90),
            "ask_days": (self.ask_days, 0, 90),
            "convert_days": (self.convert_days, 1, 365),
        }
        for field, (value, least, most) in bounds.items():
            if not least <= value <= most:
                found.append(
                    Invalid(
                        "out_of_range",
                        _("Give a number from %(minimum)s to %(maximum)s.")
                        % {"minimum": least, "maximum": most},
                        field=field,
                    )
                )
        return found


@dataclass(frozen=True, kw_only=True)
class Open:
    """Something given that can still be bought: by ``sku`` or ``plan``, from one instant to another."""

    taking: str
    family: str
    code: str
    name: str
    sku: str
    plan: str
    since: datetime
    until: datetime

    def plain(self) -> dict[str, Any]:
        """As JSON, for a status or the record of an effect."""
        return {
            "taking": self.taking,
            "family": self.family,
            "code": self.code,
            "name": self.name,
            "sku": self.sku,
            "plan": self.plan,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
        }

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Open:
        """What :meth:`plain` wrote."""
        instants = {name: datetime.fromisoformat(plain[name]) for name in ("since", "until")}
        return cls(**{**plain, **instants})


def one_mailbox(email: str) -> str:
    """The mailbox behind an address: what follows a plus is a label, and at Gmail dots are nothing.

    ``A.na+cafe@gmail.com`` and ``ana@googlemail.com`` are one person's.
    """
    local, _at, domain = email.strip().lower().rpartition("@")
    local = local.split("+", maxsplit=1)[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def codes(status: Status | None, what: str) -> list[str]:
    """The codes of what was ``had`` or ``bought``."""
    data = status.data if status else {}
    return [str(one["code"]) for one in data.get(what, ())]


def open_at(status: Status | None, at: datetime) -> list[Open]:
    """What could be bought at an instant as won by its trial."""
    entries = (Open.read(one) for one in (status.data if status else {}).get("open", ()))
    return [one for one in entries if one.since <= at < one.until]


def with_given(status: Status | None, entry: Open, *, at: datetime) -> Status:
    """The status once something was given."""
    had = {"taking": entry.taking, "code": entry.code}
    return _changed(status, at, had=[had], open=[entry.plain()])


def without(status: Status | None, taking: str, *, at: datetime) -> Status:
    """The status once something given went back."""
    return _changed(status, at, gone=[taking])


def with_bought(status: Status | None, entry: Open, *, at: datetime) -> Status:
    """The status once something was bought after its trial."""
    kept = _changed(status, at, out_of_open=entry.taking)
    bought = [*kept.data["bought"], {"taking": entry.taking, "code": entry.code}]
    return Status(value="", since=at, data={**kept.data, "bought": bought})


def with_reopened(status: Status | None, entry: Open, *, at: datetime) -> Status:
    """The status once that purchase came back whole."""
    kept = _changed(status, at)
    bought = [one for one in kept.data["bought"] if one["taking"] != entry.taking]
    still_had = any(one["taking"] == entry.taking for one in kept.data["had"])
    again = [entry.plain()] if still_had else []
    return Status(
        value="",
        since=at,
        data={**kept.data, "bought": bought, "open": [*kept.data["open"], *again]},
    )


def _changed(
    status: Status | None,
    at: datetime,
    *,
    had: Iterable[Mapping[str, Any]] = (),
    open: Iterable[Mapping[str, Any]] = (),
    gone: Iterable[str] = (),
    out_of_open: str = "",
) -> Status:
    data = status.data if status else {}
    out = set(gone)
    lists = {
        "had": [*data.get("had", ()), *had],
        "open": [*data.get("open", ()), *open],
        "bought": list(data.get("bought", ())),
    }
    kept = {
        name: [one for one in entries if one["taking"] not in out]
        for name, entries in lists.items()
    }
    kept["open"] = [one for one in kept["open"] if one["taking"] != out_of_open]
    return Status(value="", since=at, data=kept)
