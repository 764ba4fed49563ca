"""What is known of a fact beside its value: what people call it, which values it can have, and how to
ask for it of many members at once.

By it forms let people choose from names, publishing refuses what a fact can never be, and a segment
of fifty thousand members is counted by one statement instead of fifty thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import local_day
from loyalty.engine.activity import PURCHASE
from loyalty.engine.matching import Moment, Where, as_days, as_flag, as_number, as_text, as_texts
from loyalty.engine.models import Activity
from loyalty.engine.plug import mechanics, namer_of
from loyalty.tenancy.models import Location, Merchant
from members.profiles.models import Member
from members.profiles.selectors import newest_tags, tagged

Kind = Literal["number", "money", "flag", "text", "texts"]
Options = Sequence[tuple[Any, str | Promise]]

DAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
_ACTIVITY_WORDS = {
    "purchase": _("a purchase"),
    "member.joined": _("joining"),
    "member.birthday": _("the birthday"),
    "member.profile_completed": _("a completed profile"),
    "club.joined": _("joining the e-mail club"),
    "visit": _("a visit"),
    "review.published": _("a review"),
    "topic.published": _("a topic in the community"),
    "idea.published": _("an idea"),
    "idea.accepted": _("an idea the shop wants"),
    "reply.published": _("a reply in the community"),
    "answer.accepted": _("the best answer"),
}
# What comes to a member by itself, by another's word, or once in a life.
_BEFALLING = frozenset(
    {
        "member.joined",
        "member.birthday",
        "member.profile_completed",
        "club.joined",
        "idea.accepted",
        "answer.accepted",
    }
)


@dataclass(frozen=True, kw_only=True)
class FactInfo:
    """What is known of a fact.

    Args:
        label: what people call it: “tags”, “purchases in the last 30 days”.
        kind: what its values are. ``money`` counts in the currency's minor unit; ``texts`` are
            several at once (tags), of which “is” asks for one.
        options: the values it can have, with their names, as they are now; ``None``: any will do.
        is_open: the options are only the usual ones. Where they are all there are, a rule that
            asks for another is not published.
        where: the same question put to the database (:mod:`loyalty.engine.matching`).
        promise: what a condition on it says to members, from operator and value; ``None`` where
            it is not for their eyes.
    """

    label: str | Promise
    kind: Kind = "number"
    options: Callable[[], Options] | None = None
    is_open: bool = False
    where: Where | None = None
    promise: Callable[[str, Any], str | None] | None = None


class _Infos(dict[str, FactInfo]):
    """What is known of facts; those a programme named for itself are found, and not listed."""

    def get(self, name: str, default: Any = None) -> Any:
        found = super().get(name)
        if found is None and (namer := namer_of(name)) is not None:
            found = namer.named_facts().get(name)
        return default if found is None else found


@cache
def fact_infos() -> Mapping[str, FactInfo]:
    """What is known of every fact by name: the engine's own, and those that mechanics offer."""
    found = _Infos(_COMMON)
    for mechanic in mechanics():
        found.update(mechanic.fact_info)
    return found


@cache
def activity_words() -> Mapping[str, str | Promise]:
    """What people call each kind of activity: the engine's own, and those that mechanics name."""
    found: dict[str, str | Promise] = dict(_ACTIVITY_WORDS)
    for mechanic in mechanics():
        found.update(mechanic.activity_words)
    return found


@cache
def willed_activities() -> frozenset[str]:
    """The activities a member can do by will and again: what a streak can be made of."""
    befalling = _BEFALLING.union(*(one.befalling for one in mechanics()))
    return frozenset(activity_words()) - befalling


def named_infos() -> dict[str, FactInfo]:
    """What is known of the facts the programme in scope named for itself."""
    return {
        name: info
        for one in mechanics()
        if one.names_facts
        for name, info in one.named_facts().items()
    }


def fact_label(name: str) -> str:
    """What people call a fact; its name where nobody said."""
    info = fact_infos().get(name)
    return str(info.label) if info else name


def fact_options(name: str) -> dict[Any, str]:
    """The values a fact can have, each with a name of its own. At most one query."""
    info = fact_infos().get(name)
    found = (
        [(value, str(label)) for value, label in info.options()] if info and info.options else []
    )
    names = [label for _value, label in found]
    return {
        value: label if names.count(label) == 1 else f"{label} ({value})" for value, label in found
    }


def is_text(name: str) -> bool:
    """Are the values of a fact texts, even where they look like numbers? A product's code, a tag."""
    info = fact_infos().get(name)
    return info is not None and info.kind in ("text", "texts")


def _locations() -> Options:
    closed = str(_("closed"))
    return [
        (row.public_id, row.name if row.is_active else f"{row.name} ({closed})")
        for row in Location.objects.order_by("-is_active", "name")
    ]


def _merchants() -> Options:
    return list(Merchant.objects.order_by("name").values_list("public_id", "name"))


def _tag(tag: str, moment: Moment) -> Q:
    """Tags are kept in lower case; another spelling is nobody's."""
    return tagged(tag) if tag == tag.lower() else Q(pk__in=[])


def _purchases(moment: Moment) -> Any:
    rows = Activity.objects.filter(member=OuterRef("pk"), type=PURCHASE).order_by()
    return Coalesce(Subquery(rows.values("member").annotate(n=Count("pk")).values("n")), 0)


_COMMON: dict[str, FactInfo] = {
    "member.tags": FactInfo(
        label=_("tags"),
        kind="texts",
        options=lambda: [(tag, tag) for tag in newest_tags()],
        is_open=True,
        where=as_texts(_tag),
    ),
    "member.gender": FactInfo(
        label=_("gender"),
        kind="text",
        options=lambda: Member.Gender.choices,
        where=as_text(lambda _moment: F("gender")),
    ),
    "member.language": FactInfo(
        label=_("language"),
        kind="text",
        options=lambda: settings.LANGUAGES,
        where=as_text(lambda _moment: F("language")),
    ),
    "member.days": FactInfo(
        label=_("days as a member"), where=as_days(lambda _moment: F("joined_at"))
    ),
    "member.birthday_month": FactInfo(
        label=_("birthday this month"),
        kind="flag",
        where=as_flag(lambda moment: Q(birthday__month=local_day(moment.at, moment.zone).month)),
    ),
    "purchases.count": FactInfo(label=_("purchases so far"), where=as_number(_purchases)),
    "activity.type": FactInfo(
        label=_("what is done"),
        kind="text",
        options=lambda: list(activity_words().items()),
        is_open=True,
    ),
    "at.weekday": FactInfo(
        label=_("day of the week"), options=lambda: list(enumerate(DAYS, start=1))
    ),
    "location": FactInfo(label=_("place"), kind="text", options=_locations),
    "merchant": FactInfo(label=_("shop"), kind="text", options=_merchants),
    "sale.total_minor": FactInfo(label=_("worth of the goods"), kind="money"),
    "sale.earning_minor": FactInfo(label=_("worth of what earns"), kind="money"),
}
