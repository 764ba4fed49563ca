"""The programme in scope as a blueprint: its live rules, and the rewards and badges there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml
from django.utils.translation import gettext as _

from loyalty.blueprints.blueprint import Blueprint, replaced, texts_in
from loyalty.common.clock import now
from loyalty.common.naming import InBoth
from loyalty.engine.models import Rule
from loyalty.engine.parts import defaults_of, parts, without_defaults
from loyalty.engine.selectors import kind_of, rules
from loyalty.ledger.assets import assets_of_kind
from loyalty.tenancy.models import Programme
from rewards.points.selectors import settings_row, settings_view


class _Dumper(yaml.SafeDumper):
    """Plain YAML; a name in both languages stands as the name, its languages beside it."""


_Dumper.add_representer(InBoth, lambda dumper, name: dumper.represent_str(str(name)))


@dataclass(frozen=True, kw_only=True)
class Export:
    """A programme as a file holds it.

    ``left_out`` says, in the reader's language, what no file can carry to another programme.
    """

    blueprint: dict[str, Any]
    left_out: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The file: YAML that :func:`loyalty.blueprints.services.load_file` reads."""
        remarks = "".join(f"# {one}\n" for one in self.left_out)
        dumped: str = yaml.dump(
            self.blueprint,
            Dumper=_Dumper,
            allow_unicode=True,
            sort_keys=False,
            width=110,
            default_flow_style=None,
        )
        return remarks + dumped


@dataclass
class _Gathered:
    """What stands in the file so far, and under which name each thing goes by there."""

    known: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    rules: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def export_programme(programme: Programme) -> Export:
    """The programme in scope. Members, sales, places and keys stay where they are."""
    found = _Gathered()
    _gather_parts(found)
    _gather_rules(found)
    plan: dict[str, Any] = {
        "name": {"vi": programme.name, "en": programme.name},
        "currency": programme.currency,
    }
    if points := _points():
        plan["points"] = points
    plan |= found.drafts
    plan["rules"] = found.rules
    Blueprint.model_validate({"slug": "export", **plan})
    return Export(blueprint=plan, left_out=tuple(found.left_out))


def _points() -> dict[str, Any]:
    if not any(asset.code == "points" for asset in assets_of_kind("points")):
        return {}
    usual = defaults_of(settings_row()) | {"expiry_kind": "none"}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in settings_view().values.items()
        if name not in ("revision", "expiry_switched_at")
        and not (name in usual and value in (usual[name], None))
    }


def _gather_parts(found: _Gathered) -> None:
    portable = {asset.code for asset in assets_of_kind("points")}
    for part in parts().values():
        for number, (public_id, terms) in enumerate(part.exported(), start=1):
            key = f"{part.one}-{number}"
            kept = dict(terms)
            costs = kept.get("costs", [])
            kept_costs = [cost for cost in costs if cost["asset"] in portable]
            if len(kept_costs) < len(costs):
                name = str(kept.get("name_vi") or kept.get("name_en"))
                found.left_out.append(
                    _("The price in stamps of “%(name)s”: set it by hand.") % {"name": name}
                )
                kept["costs"] = kept_costs
            found.known[public_id] = f"{part.one}:{key}"
            found.drafts.setdefault(part.name, []).append({"key": key, "terms": kept})


def _gather_rules(found: _Gathered) -> None:
    """The live rules, those that others point at before them."""
    waiting = sorted(rules(states=(Rule.State.LIVE,)), key=lambda rule: rule.created_at)
    keys: dict[str, str] = {}
    for number, rule in enumerate(waiting, start=1):
        for public_id in _ids_of(rule):
            keys[public_id] = f"rule:rule-{number}"
    named: dict[str, dict[str, Any]] = {}
    needs: dict[str, set[str]] = {}
    for rule in waiting:
        values = replaced(_values(rule), {**found.known, **keys})
        key = keys[rule.public_id]
        named[key] = {"kind": kind_of(rule).name, "values": values}
        needs[key] = {text for text in texts_in(values) if text in set(keys.values())} - {key}
    wanted = {text for texts in needs.values() for text in texts}
    for key in _in_order(needs):
        extra = {"key": key.removeprefix("rule:")} if key in wanted else {}
        found.rules.append({**named[key], **extra})
    found.known |= keys


def _ids_of(rule: Rule) -> Iterator[str]:
    """The ids all versions of a rule go by."""
    row: Rule | None = rule
    while row is not None:
        yield str(row.public_id)
        row = row.replaces


def _values(rule: Rule) -> dict[str, Any]:
    kind = kind_of(rule)
    values = without_defaults(rule, kind.fields)
    if rule.starts_at and rule.starts_at <= now():
        values.pop("starts_at", None)
    return {"name": rule.name, **values}


def _in_order(needs: Mapping[str, set[str]]) -> Iterator[str]:
    """Keys so that what is needed comes first; what needs each other comes last, as it was."""
    left = dict(needs)
    while left:
        ready = [key for key, wants in left.items() if not wants & left.keys()]
        for key in ready or list(left):
            yield key
            del left[key]
