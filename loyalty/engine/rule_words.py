"""What a rule says, in words: its values as its page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from loyalty.engine.fact_info import DAYS, activity_words
from loyalty.engine.models import Rule
from loyalty.engine.rule_choices import is_asked
from loyalty.engine.rule_fields import ACTIVITIES, ACTIVITY, asset_choices
from loyalty.engine.rule_rows import condition_text, limit_text
from loyalty.engine.rule_tables import Columns
from loyalty.engine.rules_forms import blank_values
from loyalty.engine.selectors import RuleKind
from loyalty.web import formats

# A text longer than this takes the whole width.
_LONG = 120


def facts_of(row: Rule, kind: RuleKind, *, currency: str) -> Iterator[dict[str, Any]]:
    """The rule's own values, and of those all rules share the unusual ones: ``label``, ``value``, ``is_long``. What
    its other choices do away with is left out, as on its form.
    """
    blank, own = blank_values(kind), kind.own_fields
    # How it waits and dies is told after what it is.
    fields = sorted(kind.fields.items(), key=lambda one: one[0].startswith(("wait_", "expiry_")))
    for name, field in fields:
        value = getattr(row, name)
        is_blank = not value and name not in kind.model.says_zero
        usual = value == blank.get(name) and (name not in own or is_blank)
        if name in {"name", *kind.model.elsewhere} or value in (None, "", []) or usual:
            continue
        if not is_asked(row, name):
            continue
        text = _value(row, name, kind, currency)
        yield {"label": str(field.verbose_name), "value": text, "is_long": len(text) > _LONG}


def _value(row: Rule, name: str, kind: RuleKind, currency: str) -> str:
    value = getattr(row, name)
    shown = getattr(row, f"get_{name}_display", None)
    if shown:
        return str(shown())
    if name in ("budget", "limits") and kind.model.counts_money:
        return _money_said(value, currency)
    if name in kind.model.tables:
        return "; ".join(_table_row(one, kind.model.tables[name]) for one in value)
    if name in ("activity", ACTIVITY, ACTIVITIES):
        words = activity_words()
        codes = value if isinstance(value, list) else [value]
        return ", ".join(str(words.get(code, code)) for code in codes)
    if name == "asset":
        return str(dict(asset_choices()).get(value, value))
    return _said(name, value, currency)


def _table_row(one: Mapping[str, Any], columns: Columns) -> str:
    """A row by the names of its columns: “so many in a row 7, points 10”."""
    parts = []
    for part, column in columns.items():
        value = one.get(part)
        if value in (None, "", 0):
            continue
        names = {str(row.public_id): str(row) for row in column.rows()} if column.rows else {}
        text = formats.number_text(value) if isinstance(value, int) else names.get(value, value)
        parts.append(f"{column.label} {text}")
    return ", ".join(parts)


def _said(name: str, value: Any, currency: str) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return _number(name, value, currency)
    if isinstance(value, datetime):
        return formats.instant_text(value)
    if isinstance(value, date):
        return formats.day_text(value)
    if isinstance(value, list):
        return ", ".join(_item(name, one, currency) for one in value)
    return str(value)


def _money_said(value: Any, currency: str) -> str:
    if isinstance(value, int):
        return formats.money_text(value, currency=currency)
    return ", ".join(limit_text(one, currency=currency) for one in value)


def _number(name: str, value: int, currency: str) -> str:
    if name.startswith("factor"):
        return f"×{formats.quantity_text(value // 10)}"
    if name.startswith("minute_"):
        return f"{value // 60:02}:{value % 60:02}"
    if name.endswith("_minor"):
        return formats.money_text(value, currency=currency)
    if name.endswith("_bp"):
        return formats.percent_text(value)
    return formats.number_text(value)


def _item(name: str, value: Any, currency: str) -> str:
    if name == "weekdays":
        return str(DAYS[value - 1])
    if isinstance(value, dict) and "fact" in value:
        return condition_text(value, currency=currency)
    if isinstance(value, dict) and "maximum" in value:
        return limit_text(value)
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    return str(value)
