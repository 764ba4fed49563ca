"""Conditions and limits as rows of a form: as many as the rule has, and spare ones.

What must stay true: a row nobody touched is kept as it was written, whatever wrote it, and a value
keeps its type: a number stays a number, a text a text, a list a list. Where a text could be read as
something else it stands in quotation marks: ``"30"`` is a text, ``30`` a number. Where a fact knows
its values by name (a place, a segment), the name is shown and typed, and the value is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.engine.conditions import ACTIVITY_FACTS, operators
from loyalty.engine.fact_info import (
    fact_infos,
    fact_label,
    fact_options,
    is_text,
    named_infos,
)
from loyalty.engine.facts import known_facts
from loyalty.engine.rule_shared import MAX_LIMITS
from loyalty.engine.rules import PERIODS
from loyalty.web import formats
from loyalty.web.forms import RatioField, WholeField

CONDITIONS = ("audience", "pilot_audience")
ROWS = (*CONDITIONS, "limits")
SPARE = 2
MOST = 50
PERIOD_WORDS = {
    "day": _("a day"),
    "week": _("a week"),
    "month": _("a month"),
    "year": _("a year"),
    "ever": _("altogether"),
}
MEASURE_WORDS = {"amount": _("awarded in all"), "times": _("times")}
_LIMIT = {"maximum": None, "measure": "amount", "period": "day", "by_all": False, "rejects": False}
_MANY = ("in", "not_in")
_ORDER = ("gte", "lte", "gt", "lt")
_YES, _NO = ("true", "yes", "có"), ("false", "no", "không")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:[., \u00a0\u202f][0-9]{3})+")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_PART = re.compile(r'\s*("(?:[^"]|"")*"|[^,]*?)\s*(?:,|$)')


def most_rows(name: str) -> int:
    """How many rows a list may have."""
    return MAX_LIMITS if name == "limits" else MOST


def row_count(name: str, data: Any, value: Sequence[Any]) -> int:
    """How many rows to show, or to read of what was sent."""
    first = "maximum" if name == "limits" else "fact"
    if data is None:
        return max(min(len(value) + SPARE, most_rows(name)), len(value))
    sent = [row for row in range(MOST) if f"{name}-{row}-{first}" in data]
    return max(len(value), *(row + 1 for row in sent), 1)


def row_fields(
    name: str,
    label: str,
    *,
    rows: int,
    value: Sequence[Any],
    without: Collection[str] = (),
    places: int = 0,
) -> dict[str, forms.Field]:
    """The fields of all rows, by name: ``audience-0-fact`` …

    Args:
        without: facts not to offer. ``places``: decimals of the money that limits count.
    """
    if name == "limits":
        return _limit_fields(rows, places)
    facts = {*ACTIVITY_FACTS, *known_facts(), *named_infos()} - set(without)
    return _condition_fields(name, label, rows, facts | {str(one.get("fact")) for one in value})


def value_lists() -> Iterator[tuple[str, list[str]]]:
    """For every fact that knows its values by name: the names, to choose from. A query for some."""
    for fact, info in {**fact_infos(), **named_infos()}.items():
        if info.options is not None:
            yield fact, list(fact_options(fact).values())


def condition_text(condition: Mapping[str, Any], *, currency: str) -> str:
    """A condition in words: ``purchases in the last 30 days is at least 4``."""
    fact, op, value = condition["fact"], condition["op"], condition["value"]
    info = fact_infos().get(fact)
    is_money = info is not None and info.kind == "money" and isinstance(value, int)
    text = formats.money_text(value, currency=currency) if is_money else value_text(fact, value)
    return f"{fact_label(fact)} {operators().get(op, op)} {text}"


def limit_text(limit: Mapping[str, Any], *, currency: str = "") -> str:
    """A limit in words: ``100 awarded in all a day``; with a currency, what is awarded is money."""
    is_money = currency and limit.get("measure", "amount") == "amount"
    words = [
        formats.money_text(limit["maximum"], currency=currency)
        if is_money
        else formats.number_text(limit["maximum"]),
        MEASURE_WORDS[limit.get("measure", "amount")],
        PERIOD_WORDS[limit.get("period", "day")],
        _("for all members together") if limit.get("by_all") else "",
    ]
    return " ".join(str(word) for word in words if word)


def shown_rows(name: str, value: Sequence[Mapping[str, Any]], *, places: int = 0) -> dict[str, Any]:
    """What the fields show of a rule's conditions or limits."""
    shown: dict[str, Any] = {}
    for row, one in enumerate(value):
        parts = {**_LIMIT, **one} if name == "limits" else dict(one)
        if name == "limits" and places and parts["measure"] == "amount":
            parts["maximum"] = Decimal(parts["maximum"]).scaleb(-places)
        elif name != "limits":
            parts["value"] = value_text(str(one.get("fact")), one.get("value"))
        shown |= {f"{name}-{row}-{part}": what for part, what in parts.items()}
    return shown


def read_rows(
    form: forms.Form,
    name: str,
    *,
    before: Sequence[Any],
    is_changed: Callable[[str], bool],
    places: int = 0,
) -> list[Any]:
    """The conditions or limits as sent; untouched rows as they were."""
    found: list[Any] = []
    parts = [part for part in form.fields if part.startswith(f"{name}-")]
    for row in range(len(parts) // (5 if name == "limits" else 3)):
        own = [part for part in parts if part.split("-")[1] == str(row)]
        was = before[row] if row < len(before) else None
        if was is not None and (own[0] not in form.data or not any(map(is_changed, own))):
            found.append(was)
            continue
        data = {part.rpartition("-")[2]: form.cleaned_data.get(part) for part in own}
        if name == "limits":
            if data["maximum"]:
                scale = places if data["measure"] != "times" else 0
                data["maximum"] = int(Decimal(data["maximum"]).scaleb(scale))
                found.append({part: data[part] or usual for part, usual in _LIMIT.items()})
        elif data["fact"]:
            found.append(_condition(data, was))
    return found


def row_field(form: forms.Form, name: str, path: str) -> str:
    """The field of a fault the domain told: ``conditions.1.value.0`` is the second row filled in."""
    parts = path.split(".")
    if parts[0] != name or len(parts) < 3 or not parts[1].isdigit():
        return path
    facts = [part for part in form.fields if part.startswith(f"{name}-") and part.endswith("-fact")]
    rows = [part.split("-")[1] for part in facts if form.cleaned_data.get(part)]
    number = int(parts[1])
    return f"{name}-{rows[number]}-{parts[2]}" if number < len(rows) else path


def row_faults(form: forms.Form, *, is_changed: Callable[[str], bool]) -> Iterator[tuple[str, Any]]:
    """Rows half filled in: (field, what to do)."""
    for part in form.fields:
        start, _dash, what = part.rpartition("-")
        if what not in ("value", "by_all", "rejects") or not form.cleaned_data.get(part):
            continue
        first = f"{start}-fact" if what == "value" else f"{start}-maximum"
        is_row = first in form.fields and first not in form.errors
        if is_row and not form.cleaned_data.get(first) and is_changed(part):
            yield (
                first,
                _("Choose what is compared.") if what == "value" else _("Say how much at most."),
            )


def value_text(fact: str, value: Any) -> str:
    """A condition's value as people read and type it."""
    names = fact_options(fact)
    if isinstance(value, list):
        return ", ".join(_word_text(fact, one, names, in_list=True) for one in value)
    return _word_text(fact, value, names)


def _word_text(fact: str, value: Any, names: Mapping[Any, str], *, in_list: bool = False) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, str | int) and value in names:
        name = names[value]
        return _quoted(name) if in_list and ("," in name or '"' in name) else name
    if not isinstance(value, str):
        return orjson.dumps(value).decode()
    is_plain = _word(fact, value, names) == value and not (in_list and ("," in value or not value))
    return value if is_plain else _quoted(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _condition(data: Mapping[str, Any], was: Mapping[str, Any] | None) -> dict[str, Any]:
    fact, op = str(data["fact"]), str(data["op"] or "eq")
    typed = str(data["value"] or "")
    if was is not None and typed == value_text(str(was.get("fact")), was.get("value")):
        same = was.get("value")
        if isinstance(same, list) == (op in _MANY):
            return {"fact": fact, "op": op, "value": same}
    return {"fact": fact, "op": op, "value": read_value(fact, op, typed)}


def read_value(fact: str, op: str, text: str) -> Any:
    """A condition's value as typed, with the type it looks like."""
    names = fact_options(fact)
    if op in _MANY:
        return [_word(fact, one, names) for one in _PART.findall(text) if one]
    if op in _ORDER and _GROUPED.fullmatch(text.strip()):
        return int(re.sub(r"[^0-9-]", "", text))
    return _word(fact, text, names)


def _word(fact: str, text: str, names: Mapping[Any, str]) -> Any:
    word = text.strip()
    quoted = _QUOTED.fullmatch(word)
    literal = quoted[1].replace('""', '"') if quoted else word
    named = [value for value, name in names.items() if name.casefold() == literal.casefold()]
    if named:
        return named[0]
    if quoted or is_text(fact):
        return literal
    if word.casefold() in (*_YES, *_NO):
        return word.casefold() in _YES
    return int(word) if _WHOLE.fullmatch(word) else word


def _condition_fields(
    name: str, label: str, rows: int, facts: Collection[str]
) -> dict[str, forms.Field]:
    choices = sorted(
        ((fact, fact_label(fact)) for fact in facts), key=lambda one: one[1].casefold()
    )
    fields: dict[str, forms.Field] = {}
    for row in range(rows):
        fields[f"{name}-{row}-fact"] = forms.ChoiceField(
            choices=[("", "–"), *choices],
            label=f"{label} {row + 1}",
            required=False,
        )
        fields[f"{name}-{row}-op"] = forms.ChoiceField(
            choices=list(operators().items()), label=_("compared"), required=False
        )
        fields[f"{name}-{row}-value"] = forms.CharField(
            label=_("with"),
            required=False,
            max_length=4_000,
            strip=False,
            widget=forms.TextInput(attrs={"autocomplete": "off", "data-value": ""}),
        )
    return fields


def _limit_fields(rows: int, places: int) -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {}
    for row in range(rows):
        fields[f"limits-{row}-maximum"] = (
            RatioField(
                label=_("At most"),
                required=False,
                min_value=0,
                max_digits=16,
                decimal_places=places,
            )
            if places
            else WholeField(label=_("At most"), required=False, min_value=1)
        )
        fields[f"limits-{row}-measure"] = forms.ChoiceField(
            choices=list(MEASURE_WORDS.items()), label=_("counted as"), required=False
        )
        fields[f"limits-{row}-period"] = forms.ChoiceField(
            choices=[(one, PERIOD_WORDS[one]) for one in PERIODS], label=_("within"), required=False
        )
        fields[f"limits-{row}-by_all"] = forms.BooleanField(
            label=_("for all members together"), required=False
        )
        fields[f"limits-{row}-rejects"] = forms.BooleanField(
            label=_("give nothing rather than a part"), required=False
        )
    return fields
