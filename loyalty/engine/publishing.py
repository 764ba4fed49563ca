"""The life of a rule, for every kind alike: draft, published, paused, ended, replaced by a successor.

What must stay true: a published row is never edited, so every effect refers to the rule of its day;
an edit is a draft that replaces its predecessor at the instant it is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Conflict, DomainError, NotFound, Outdated, Refused
from loyalty.engine.models import AppliedEffect, Rule, RuleBudget
from loyalty.engine.plug import mechanics
from loyalty.engine.rule_values import (
    check,
    clash_faults,
    complain,
    fill,
    unknown_faults,
    unknown_goods,
    values_of,
)
from loyalty.engine.selectors import (
    budget_of,
    find_rule,
    kind_named,
    kind_of,
    open_successor,
    rule_kinds,
)
from loyalty.ledger.assets import open_asset
from loyalty.outbox.services import publish

State = Rule.State


@dataclass(frozen=True, kw_only=True)
class RuleNote:
    """What is odd about a rule without being wrong, at a field of its values."""

    field: str
    code: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class RuleView:
    """A rule of any kind as plain values; ``values`` are its fields by name. ``notes`` say what
    should be looked at (a code no product has); lists leave them out.
    """

    rule: str
    kind: str
    name: str
    state: str
    version: int
    revision: int
    replaces: str
    published_at: datetime | None
    budget_spent: int
    values: dict[str, Any]
    notes: tuple[RuleNote, ...] = ()


def noted_view(row: Rule) -> RuleView:
    """What commands and whoever asks for one rule are shown."""
    notes = tuple(
        RuleNote(field=one.field, code=one.code, detail=str(one.message))
        for one in (*unknown_goods(row), *_oddities(row))
    )
    return replace(rule_view(row), notes=notes)


def _oddities(row: Rule) -> Iterator[DomainError]:
    for mechanic in mechanics():
        yield from mechanic.oddities(row)


def rule_view(row: Rule) -> RuleView:
    """What the API and the dashboard show of a rule."""
    kind = kind_of(row)
    budget = budget_of(row) if row.budget is not None and row.published_at else None
    return RuleView(
        rule=row.public_id,
        kind=kind.name,
        name=row.name,
        state=str(row.state),
        version=row.version,
        revision=row.revision,
        replaces=row.replaces.public_id if row.replaces else "",
        published_at=row.published_at,
        budget_spent=budget.spent if budget else 0,
        values=values_of(row, kind),
    )


def _rule_to_lock(rule: str) -> Lock:
    """The rule and the one it replaces."""
    row = find_rule(rule)
    if row is None:
        kind = next(iter(rule_kinds().values()))
        return Lock(rows=kind.model._default_manager.none())
    wanted = Q(pk=row.pk) | Q(pk=row.replaces_id)  # type: ignore[attr-defined]
    return Lock(rows=type(row)._default_manager.filter(wanted))


def _lock(*, rule: str, **_rest: Any) -> Lock:
    return _rule_to_lock(rule)


def _locked(ctx: Context, rule: str, revision: int | None) -> Rule:
    for row in ctx.locked:
        if row.public_id == rule:
            assert isinstance(row, Rule)
            if revision is not None and row.revision != revision:
                raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
            return row
    raise NotFound("rule_not_found", _("There is no such rule."), field="rule")


@command("engine.create_rule", label=_("Rule drafted"), permission="rules:write")
def create_rule(ctx: Context, *, kind: str, values: Mapping[str, Any]) -> RuleView:
    """Write a draft of a kind of rule.

    Raises ``NotFound`` (kind, or what a value points at), ``Invalid`` or ``Several`` by field.
    """
    found = kind_named(kind)
    row = found.model(programme=ctx.programme, created_at=ctx.now)
    fill(row, found, values)
    row.save(force_insert=True)
    ctx.about(row.public_id, kind=kind, name=row.name)
    return noted_view(row)


@command("engine.edit_rule", label=_("Rule changed"), permission="rules:write", lock=_lock)
def edit_rule(
    ctx: Context, *, rule: str, values: Mapping[str, Any], revision: int | None = None
) -> RuleView:
    """Change a draft in place; of a published rule write a draft that will replace it.

    Args:
        revision: of the row as it was read; another one raises ``Outdated``.

    Raises ``Outdated``, ``Conflict`` (``draft_exists``), ``Refused`` (``rule_ended``).
    """
    row = _locked(ctx, rule, revision)
    kind = kind_of(row)
    if row.state == State.DRAFT:
        fill(row, kind, values)
        row.revision += 1
        row.save()
    else:
        row = _successor(ctx, row)
        fill(row, kind, values)
        row.save(force_insert=True)
    ctx.about(row.public_id, name=row.name, fields=sorted(values))
    return noted_view(row)


def _successor(ctx: Context, row: Rule) -> Rule:
    if row.state == State.ENDED:
        raise Refused("rule_ended", _("This rule has ended. Write a new one."), field="rule")
    draft = open_successor(row)
    if draft is not None:
        raise Conflict(
            "draft_exists",
            _("A draft that will replace this rule exists already. Edit that one."),
            field="rule",
            params={"draft": draft.public_id},
        )
    kind = kind_of(row)
    values = {name: getattr(row, name) for name in kind.fields}
    values |= {"replaces": row, "version": row.version + 1, "created_at": ctx.now}
    return kind.model(programme=ctx.programme, **values)


@command("engine.publish_rule", label=_("Rule published"), permission="rules:write", lock=_lock)
def publish_rule(
    ctx: Context, *, rule: str, revision: int | None = None, pilot: bool = False
) -> RuleView:
    """Make a draft (or a pilot) live; what it replaces ends at that instant.

    Args:
        pilot: only for the pilot group, until it is published without.

    Raises ``Refused`` (``not_a_draft``, ``already_over``), ``Invalid`` or ``Several`` by field.
    """
    row = _locked(ctx, rule, revision)
    if row.state not in (State.DRAFT, State.PILOT) or (pilot and row.state == State.PILOT):
        raise Refused("not_a_draft", _("Only drafts can be published."), field="rule")
    complain(check(row) or [*unknown_faults(row), *clash_faults(row)])
    if row.ends_at is not None and row.ends_at <= ctx.now:
        raise Refused("already_over", _("Its end lies in the past."), field="ends_at")
    if row.state == State.DRAFT:
        if row.replaces is not None:
            if pilot:
                raise Refused(
                    "pilot_replaces",
                    _("A pilot stands beside the rule it tries to better. Write it as a new rule."),
                    field="pilot",
                )
            _end_predecessor(ctx, row, row.replaces)
        _open_budget(row)
        for own in row.terms().counted_in():
            open_asset(own)
        row.published_at = ctx.now
    row.state = State.PILOT if pilot else State.LIVE
    row.revision += 1
    row.save()
    return _changed(ctx, row, "rule.published")


def _end_predecessor(ctx: Context, row: Rule, old: Rule) -> None:
    """From one instant to the next: no moment without a rule, none with both."""
    if old.state == State.ENDED:
        return
    begins = max(ctx.now, row.starts_at or ctx.now)
    fired = AppliedEffect.objects.filter(rule=old.public_id).exists()
    if begins == ctx.now and not fired:
        # It never awarded anything: it leaves no past, and the successor takes its whole time.
        old.ends_at = old.published_at
    else:
        old.ends_at = min(old.ends_at or begins, begins)
        row.starts_at = begins
    if old.ends_at is not None and old.ends_at <= ctx.now:
        old.state = State.ENDED
    old.revision += 1
    old.save(update_fields=["ends_at", "state", "revision"])


def _open_budget(row: Rule) -> None:
    """The budget covers all versions of a rule: what was spent before stays spent."""
    if row.budget is None:
        return
    before = budget_of(row.replaces) if row.replaces else None
    spent = min(before.spent, row.budget) if before else 0
    RuleBudget.objects.create(rule=row.public_id, maximum=row.budget, spent=spent)
    if before is not None:
        RuleBudget.objects.filter(pk=before.pk).update(carried_to=row.public_id)


@command("engine.pause_rule", label=_("Rule paused"), permission="rules:write", lock=_lock)
def pause_rule(ctx: Context, *, rule: str) -> RuleView:
    """Stop a live rule for a while. Raises ``Refused`` (``rule_not_live``)."""
    return _move(ctx, rule, {State.LIVE}, State.PAUSED, "rule.paused")


@command("engine.resume_rule", label=_("Rule resumed"), permission="rules:write", lock=_lock)
def resume_rule(ctx: Context, *, rule: str) -> RuleView:
    """Go on with a paused rule. Raises ``Refused`` (``rule_not_paused``)."""
    return _move(ctx, rule, {State.PAUSED}, State.LIVE, "rule.resumed")


@command("engine.end_rule", label=_("Rule ended"), permission="rules:write", lock=_lock)
def end_rule(ctx: Context, *, rule: str) -> RuleView:
    """End a rule for good, from now on. Raises ``Refused`` (``rule_not_live``)."""
    states = {State.LIVE, State.PILOT, State.PAUSED}
    return _move(ctx, rule, states, State.ENDED, "rule.ended")


def _move(
    ctx: Context, rule: str, allowed: set[Rule.State], state: Rule.State, event: str
) -> RuleView:
    row = _locked(ctx, rule, None)
    if row.state not in allowed:
        wanted = "paused" if allowed == {State.PAUSED} else "live"
        raise Refused(
            f"rule_not_{wanted}",
            _("This rule is %(state)s.") % {"state": row.get_state_display()},
            field="rule",
        )
    row.state = state
    if state == State.ENDED:
        row.ends_at = min(row.ends_at or ctx.now, ctx.now)
        # While it ran it spoke for older receipts too. Over, it speaks for its own time alone: what
        # was live by mistake for a moment must not price last year's sales.
        if row.starts_at is None and row.replaces is None:
            row.starts_at = min(row.published_at or ctx.now, row.ends_at)
    row.revision += 1
    row.save(update_fields=["state", "starts_at", "ends_at", "revision"])
    return _changed(ctx, row, event)


@command(
    "engine.discard_draft",
    label=_("Draft of a rule thrown away"),
    permission="rules:write",
    lock=_lock,
)
def discard_draft(ctx: Context, *, rule: str) -> str:
    """Throw a draft away; answers its id. Raises ``Refused`` (``not_a_draft``)."""
    row = _locked(ctx, rule, None)
    if row.state != State.DRAFT:
        raise Refused("not_a_draft", _("Only drafts can be thrown away."), field="rule")
    ctx.about(row.public_id, name=row.name)
    row.delete()
    return rule


def _changed(ctx: Context, row: Rule, event: str) -> RuleView:
    ctx.rules_changed()
    kind = kind_of(row).name
    publish(ctx, event, subject=row.public_id, data={"rule": row.public_id, "kind": kind})
    ctx.about(row.public_id, name=row.name, state=row.state)
    return noted_view(row)
