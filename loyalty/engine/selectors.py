"""Reads about rules, for every mechanic alike: kinds, rows, what is live. All in the programme in scope.

A kind of rule is any concrete subclass of :class:`~loyalty.engine.models.Rule`: a new mechanic's rules
are listed, edited and published without an edit here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound
from loyalty.engine.models import Rule, RuleBudget
from loyalty.ledger.assets import assets_of_kind

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet

R = TypeVar("R", bound=Rule)

# Rows that may apply to an activity: what ended still counts for what happened before its end.
STAMPS_PREFIX = "stamps:"
COUNTING = (Rule.State.LIVE, Rule.State.PILOT, Rule.State.ENDED)


@dataclass(frozen=True, kw_only=True)
class RuleKind:
    """One kind of rule: ``points.earning_rule`` of the app ``rewards.points``."""

    name: str
    model: type[Rule]

    @property
    def label(self) -> str:
        """What people call it."""
        return str(self.model._meta.verbose_name)

    @property
    def fields(self) -> dict[str, Field[Any, Any]]:
        """Everything that can be set, by name: the kind's own fields, then those all rules share."""
        own = self._own
        editable = [
            field
            for field in self.model._meta.concrete_fields
            if field.editable
            and field.name not in ("id", "programme", "state")
            and field.name not in self.model.leaves_out
        ]
        return {field.name: field for field in sorted(editable, key=lambda f: f.name not in own)}

    @property
    def examples(self) -> dict[str, Any]:
        """A right value for each list a rule of this kind has, by the name of the field."""
        bases = reversed(self.model.__mro__)
        return {
            name: value for base in bases for name, value in vars(base).get("examples", {}).items()
        }

    @property
    def own_fields(self) -> dict[str, Field[Any, Any]]:
        """The fields only this kind has, and shared ones that it calls by a name of its own."""
        return {name: field for name, field in self.fields.items() if name in self._own}

    @property
    def _own(self) -> set[str]:
        shared = {field.name: field.verbose_name for field in Rule._meta.local_fields}
        fields = self.model._meta.concrete_fields
        return {f.name for f in fields if f.verbose_name != shared.get(f.name)}


@cache
def rule_kinds() -> dict[str, RuleKind]:
    """Every kind of rule by name, found among the models of all apps."""
    found = {}
    for model in apps.get_models():
        if issubclass(model, Rule):
            app = model._meta.app_config.name.rsplit(".", maxsplit=1)[-1]
            name = "".join(f"_{c.lower()}" if c.isupper() else c for c in model.__name__)
            kind = RuleKind(name=f"{app}.{name.lstrip('_')}", model=model)
            found[kind.name] = kind
    return found


def kind_named(name: str) -> RuleKind:
    """A kind by name. Raises ``NotFound`` naming those there are."""
    if name not in rule_kinds():
        raise NotFound(
            "unknown_rule_kind",
            _("There are these kinds of rules: %(kinds)s.") % {"kinds": ", ".join(rule_kinds())},
            field="kind",
        )
    return rule_kinds()[name]


def kind_of(rule: Rule) -> RuleKind:
    """The kind a row is of."""
    return next(kind for kind in rule_kinds().values() if kind.model is type(rule))


def counting_rules(model: type[R]) -> list[R]:
    """The rows a mechanic evaluates, by priority: live, pilot, and ended for what happened before.

    A version that never awarded anything leaves no past behind: it ended as it was published.
    """
    rows: QuerySet[Any] = model._default_manager.filter(state__in=COUNTING)
    return list(
        rows.exclude(state=Rule.State.ENDED, ends_at__lte=F("published_at")).order_by(
            "-priority", "id"
        )
    )


def rules(
    *, kinds: Iterable[str] = (), states: Iterable[str] = (), with_old: bool = False
) -> list[Rule]:
    """Rules of all kinds, newest first; versions that a successor replaced only ``with_old``."""
    found: list[Rule] = []
    for kind in [kind_named(name) for name in kinds] or list(rule_kinds().values()):
        rows: QuerySet[Any] = kind.model._default_manager.all()
        if states:
            rows = rows.filter(state__in=list(states))
        if not with_old:
            replaced: QuerySet[Any] = kind.model._default_manager.filter(published_at__isnull=False)
            rows = rows.exclude(
                pk__in=replaced.filter(replaces__isnull=False).values_list("replaces", flat=True)
            )
        found += rows
    return sorted(found, key=lambda rule: rule.created_at, reverse=True)


def find_rule(public_id: str) -> Rule | None:
    """A rule of any kind."""
    for kind in rule_kinds().values():
        row = kind.model._default_manager.filter(public_id=public_id).first()
        if row is not None:
            return row
    return None


def get_rule(public_id: str) -> Rule:
    """A rule of any kind. Raises ``NotFound``."""
    row = find_rule(public_id)
    if row is None:
        raise NotFound("rule_not_found", _("There is no such rule."), field="rule")
    return row


def open_successor(rule: Rule) -> Rule | None:
    """The draft that would replace a rule, if one is being written."""
    rows: Any = type(rule)._default_manager  # the type plugin cannot follow an abstract "self"
    found: Rule | None = rows.filter(replaces=rule.pk, state=Rule.State.DRAFT).first()
    return found


def budget_of(rule: Rule) -> RuleBudget | None:
    """What of a published rule's budget is spent."""
    return RuleBudget.objects.filter(Q(rule=rule.public_id)).first()


def live_cards() -> dict[str, str]:
    """Name of every live punch card by its id, as its stamps go by in the ledger."""
    families = {asset.code.removeprefix(STAMPS_PREFIX) for asset in assets_of_kind("stamps")}
    live = rules(states=(Rule.State.LIVE,)) if families else []
    return {root: row.name for row in live if (root := _root(row)) in families}


def _root(rule: Rule) -> str:
    while rule.replaces is not None:
        rule = rule.replaces
    return str(rule.public_id)
