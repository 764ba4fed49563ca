"""A rule's values from outside: checked field by field, every fault told at once and by name.

Serves every kind of rule. The fields all rules share are judged here, a kind's own by ``problems()``
of its terms (its ``rules.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from datetime import date, datetime
from typing import Any

import orjson
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid, NotFound, Several
from loyalty.common.money import number_faults
from loyalty.engine import conditions
from loyalty.engine.fact_info import fact_infos, fact_options
from loyalty.engine.models import Expiring, Rule
from loyalty.engine.plug import namer_of
from loyalty.engine.ports import goods_names
from loyalty.engine.rule_choices import is_asked
from loyalty.engine.rule_shared import AUDIENCES, shared_faults
from loyalty.engine.selectors import RuleKind
from loyalty.engine.validity import first_date
from loyalty.ledger.assets import asset_codes
from loyalty.tenancy.scope import TenantModel

MAX_JSON = 20_000
_SHOWN = 8
_unknown_here = _("“%(value)s” is unknown here.")
_FITS: dict[str, Callable[[Any], bool]] = {
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "money": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "flag": lambda value: isinstance(value, bool),
    "text": lambda value: isinstance(value, str),
    "texts": lambda value: isinstance(value, str),
}
_WANTED = {
    "number": _("Give a whole number."),
    "money": _("Give a whole number."),
    "flag": _("Give true or false."),
    "text": _("Give a text."),
    "texts": _("Give a text."),
}
_GOODS = {
    "skus": "sku",
    "categories": "category",
    "excluded_skus": "sku",
    "excluded_categories": "category",
}


def fill(row: Rule, kind: RuleKind, values: Mapping[str, Any]) -> None:
    """Put values from outside on a draft. Raises ``Invalid``, ``NotFound`` or ``Several``."""
    complain(faults_of(row, kind, values))


def faults_of(
    row: Rule, kind: RuleKind, values: Mapping[str, Any], *, unread: Collection[str] = ()
) -> list[DomainError]:
    """Put values from outside on a draft; answers all that is wrong with them.

    Args:
        unread: fields that were given too, and could not even be read.
    """
    faults: list[DomainError] = []
    if isinstance(row, Expiring):
        values = {**values, **first_date(row.expiry_kind, values)}
    for name, value in values.items():
        if broken := list(number_faults(value, field=name)):
            is_whom = name in AUDIENCES and isinstance(value, list)
            faults += conditions.faults(value, field=name) if is_whom else broken
            continue
        try:
            field = kind.fields.get(name)
            if field is None:
                raise Invalid(
                    "unknown_field", _("A rule of this kind has no such field."), field=name
                )
            cleaned = clean_value(field, value)
            _check_like(cleaned, kind.examples.get(name), field=name)
            setattr(row, name, cleaned)
        except DomainError as error:
            faults.append(error)
    for name, value in row.unasked.items():
        if name not in values and name not in unread and not is_asked(row, name):
            setattr(row, name, value)
    named = {fault.field.split(".")[0] for fault in faults}
    faults += [fault for fault in shared_faults(row) if fault.field.split(".")[0] not in named]
    aside = {*unread, *(fault.field.split(".")[0] for fault in faults)}
    if not aside:
        return list(row.terms().problems())
    return faults + [
        fault
        for fault in _problems_beside(row, kind, aside)
        if fault.field.split(".")[0] in values.keys() - aside
    ]


def _problems_beside(row: Rule, kind: RuleKind, aside: Collection[str]) -> list[DomainError]:
    """What is wrong with a rule apart from some of its fields, as if those said what they usually do.
    Nothing where one of them is a choice that decides what the others mean.
    """
    fields = [kind.fields[name] for name in aside if name in kind.fields]
    if any(field.choices or isinstance(field, models.BooleanField) for field in fields):
        return []
    beside = copy(row)
    for field in fields:
        if not isinstance(field, models.ForeignKey):
            setattr(beside, field.name, field.get_default())
    return list(beside.terms().problems())


def _check_like(value: Any, example: Any, *, field: str) -> None:
    """A list whose example holds plain texts or numbers holds nothing else."""
    if not isinstance(value, list) or not isinstance(example, list) or not example:
        return
    wanted = {type(one) for one in example}
    if len(wanted) > 1 or not wanted <= {str, int}:
        return
    for number, one in enumerate(value):
        if type(one) not in wanted:
            text = _("Give a text.") if wanted == {str} else _("Give a whole number.")
            raise Invalid("wrong_type", text, field=f"{field}.{number}")


def complain(faults: list[DomainError]) -> None:
    """Raise what was found: one fault as itself, several together."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Several(faults)


def check(row: Rule) -> list[DomainError]:
    """What is wrong with a rule as it stands; its own terms are looked at when the rest is right."""
    return shared_faults(row) or list(row.terms().problems())


def unknown_faults(row: Rule) -> list[DomainError]:
    """What a rule asks for that does not exist, or that a fact can never be: it would publish, and
    then silently never count; and what it cannot be published without. A draft may name what is
    still to come. A few queries.
    """
    found = [
        fault for name in AUDIENCES for fault in condition_faults(getattr(row, name), field=name)
    ]
    places = fact_options("location")
    for number, place in enumerate(getattr(row, "locations", ())):
        if place not in places:
            found.append(_unknown(place, field=f"locations.{number}"))
    for name, fact in row.asks.items():
        value, known = getattr(row, name), fact_options(fact)
        if value and value not in known:
            found.append(_unknown(value, field=name, among=known))
    asset = getattr(row, "asset", "")
    if asset and asset not in asset_codes():
        found.append(_unknown(asset, field="asset"))
    return found + list(row.terms().missing())


def clash_faults(row: Rule) -> list[DomainError]:
    """What in a rule about to be published cannot stand beside those of its kind that run. One query,
    one more for each version before it.
    """
    own, before = {row.pk}, row.replaces
    while before is not None:
        own.add(before.pk)
        before = before.replaces
    running = (Rule.State.LIVE, Rule.State.PILOT, Rule.State.PAUSED)
    rows: models.QuerySet[Any] = type(row)._default_manager.filter(state__in=running)
    others = list(rows.exclude(pk__in=own))
    found: list[DomainError] = []
    for name in row.called_by:
        value = getattr(row, name)
        holder = next((one for one in others if getattr(one, name) == value), None)
        if holder is not None:
            text = _("“%(name)s” goes by this already. Take another.") % {"name": holder.name}
            found.append(Invalid("already_taken", text, field=name))
        if row.replaces is not None and getattr(row.replaces, name) != value:
            told = _(
                "It is known by “%(value)s”, rules may ask for it: leave it, or write a new one."
            )
            old = getattr(row.replaces, name)
            found.append(Invalid("cannot_change", told % {"value": old}, field=name))
    return [*found, *row.clashes(others)]


def condition_faults(wanted: Sequence[Mapping[str, Any]], *, field: str) -> list[DomainError]:
    """Values no fact can ever have, each by its place: ``audience.0.value``."""
    found: list[DomainError] = []
    for number, one in enumerate(wanted):
        info = fact_infos().get(one["fact"])
        where = f"{field}.{number}"
        if info is None:
            if namer_of(one["fact"]) is not None:
                found.append(_no_such_fact(one["fact"], field=f"{where}.fact"))
            continue
        fits = _FITS[info.kind]
        many = one["op"] in ("in", "not_in")
        given = one["value"] if many else [one["value"]]
        is_ordered = one["op"] in ("gte", "lte", "gt", "lt")
        if is_ordered and info.kind not in ("number", "money"):
            found.append(
                Invalid("bad_operator", _("Only numbers can be compared so."), field=f"{where}.op")
            )
            continue
        names = fact_options(one["fact"]) if info.options and not info.is_open else None
        for place, value in enumerate(given):
            at = f"{where}.value.{place}" if many else f"{where}.value"
            if not fits(value):
                found.append(Invalid("wrong_type", _WANTED[info.kind], field=at))
            elif names is not None and value not in names:
                found.append(_unknown(value, field=at, among=names))
    return found


def _no_such_fact(fact: str, *, field: str) -> Invalid:
    text = _("There is no fact called “%(fact)s”.") % {"fact": fact[:60]}
    return Invalid("unknown_fact", text, field=field)


def _unknown(value: Any, *, field: str, among: Mapping[Any, str] | None = None) -> Invalid:
    """Says what there is: as people call it, and as a rule writes it."""
    known = dict(list((among or {}).items())[:_SHOWN])
    some = ", ".join(
        name if str(code) in (name, "") or f"({code})" in name else f"{name} ({code})"
        for code, name in known.items()
    )
    text = _("“%(value)s” is unknown here. There are: %(some)s.") if some else _unknown_here
    return Invalid(
        "unknown_value",
        text % {"value": str(value)[:60], "some": some},
        field=field,
        params={"known": list(known)} if known else None,
    )


def unknown_goods(row: Rule) -> list[DomainError]:
    """Codes of goods that are in no catalogue of the programme. No fault: a till may sell what nobody
    listed; but mostly it is a slip, and the rule would never count. Two queries at most.
    """
    named = [
        (f"{name}.{number}", kind, code)
        for name, kind in _GOODS.items()
        for number, code in enumerate(getattr(row, name, ()))
    ]
    sku = getattr(row, "sku", "")
    if sku:
        named.append(("sku", "sku", sku))
    known = goods_names(
        skus=[code for _where, kind, code in named if kind == "sku"],
        categories=[code for _where, kind, code in named if kind == "category"],
    )
    texts = {
        "sku": _("No product has the code “%(code)s”: check the spelling."),
        "category": _("No category has the code “%(code)s”: check the spelling."),
    }
    return [
        Invalid(f"unknown_{kind}", texts[kind] % {"code": code[:60]}, field=where)
        for where, kind, code in named
        if (kind, code) not in known
    ]


def values_of(row: Rule, kind: RuleKind) -> dict[str, Any]:
    """A rule's values as plain JSON; what it points at by public id."""
    return {name: _plain(getattr(row, name)) for name in kind.fields}


def clean_value(field: Any, value: Any) -> Any:
    """One value as the field keeps it. Raises ``Invalid`` or ``NotFound`` naming the field."""
    if value is None and field.null:
        return None
    if isinstance(field, models.ForeignKey):
        return _pointed_at(field, value)
    try:
        cleaned = field.clean(_typed(field, value), None)
    except ValidationError as error:
        raise Invalid("invalid_value", " ".join(error.messages), field=field.name) from error
    return cleaned


def _typed(field: Any, value: Any) -> Any:
    """Refuse what Django would quietly bend: 1.5 for a number, text for a list."""
    if isinstance(field, models.BooleanField):
        ok, wanted = isinstance(value, bool), _("Give true or false.")
    elif isinstance(field, models.IntegerField):
        ok = isinstance(value, int) and not isinstance(value, bool)
        wanted = _("Give a whole number.")
    elif isinstance(field, models.JSONField):
        ok, wanted = isinstance(value, field.default), _("Give a list.")
        ok = ok and len(orjson.dumps(value, default=str)) <= MAX_JSON
    elif isinstance(field, models.DateTimeField):
        value = _parsed(parse_datetime, value)
        ok = isinstance(value, datetime) and value.tzinfo is not None
        wanted = _("Give the time with its time zone, such as 2026-01-31T08:00:00+07:00.")
    elif isinstance(field, models.DateField):
        value = _parsed(parse_date, value)
        ok, wanted = isinstance(value, date), _("Give a day such as 2026-01-31.")
    else:
        lines = isinstance(field, models.TextField)
        ok = isinstance(value, str) and "\x00" not in value and (lines or "\n" not in value)
        value, wanted = value.strip() if ok else value, _("Give a text.")
    if not ok:
        raise Invalid("invalid_value", wanted, field=field.name)
    return value


def _parsed(parse: Callable[[str], Any], value: Any) -> Any:
    """Text as a day or an instant; ``None`` where the calendar knows no such one (30 February)."""
    try:
        return parse(value) if isinstance(value, str) else value
    except ValueError:
        return None


def _pointed_at(field: Any, value: Any) -> models.Model:
    target = field.related_model
    try:
        target._meta.get_field("public_id")
    except FieldDoesNotExist as error:  # a kind of rule may only point at what has a public id
        raise AssertionError(field) from error
    assert issubclass(target, TenantModel)
    found: models.Model | None = target._default_manager.filter(public_id=str(value)[:40]).first()
    if found is None:
        raise NotFound("not_found", _("Not found in this programme."), field=field.name)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return getattr(value, "public_id", "")
    return value
