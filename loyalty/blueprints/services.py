"""A blueprint laid out in a programme: drafts of its rewards and rules, in one command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import TypeAdapter

from loyalty.blueprints.blueprint import Blueprint, blueprints, resolved
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, NotFound
from loyalty.engine.publishing import create_rule
from rewards.catalog.rules import TermsInput
from rewards.catalog.services import create_reward
from rewards.points.services.settings import change_settings

_TERMS = TypeAdapter(TermsInput)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """The drafts a blueprint wrote: public ids in the order of the file. Publish rewards first."""

    blueprint: str
    rewards: tuple[str, ...]
    rules: tuple[str, ...]


def find_blueprint(slug: str) -> Blueprint:
    """A blueprint by its slug. Raises ``NotFound``."""
    found = blueprints().get(slug)
    if found is None:
        raise NotFound("blueprint_not_found", _("There is no such blueprint."), field="blueprint")
    return found


@command(
    "blueprints.load_blueprint", label=_("Ready-made programme loaded"), permission="rules:write"
)
def load_blueprint(ctx: Context, *, blueprint: str, with_settings: bool = False) -> Loaded:
    """Draft everything a blueprint holds; nothing counts before it is published.

    Args:
        with_settings: also call points what the blueprint calls them, with its worth and expiry.
            That counts at once, so it is for a programme that begins.

    Raises ``NotFound`` and ``Invalid`` (``wrong_currency``); a draft at fault raises as by hand.
    """
    plan = find_blueprint(blueprint)
    if plan.currency != ctx.programme.currency:
        raise Invalid(
            "wrong_currency",
            _("This blueprint counts in %(theirs)s, this programme in %(ours)s.")
            % {"theirs": plan.currency, "ours": ctx.programme.currency},
            field="blueprint",
        )
    if with_settings and plan.points:
        ctx.actor.require("points:write")
        change_settings.within(ctx, values=plan.points)
    known = _draft_rewards(ctx, plan)
    rewards = tuple(known.values())
    rules = tuple(_draft_rules(ctx, plan, known))
    ctx.about(ctx.programme.public_id, blueprint=blueprint, rewards=rewards, rules=rules)
    return Loaded(blueprint=blueprint, rewards=rewards, rules=rules)


def _draft_rewards(ctx: Context, plan: Blueprint) -> dict[str, str]:
    known: dict[str, str] = {}
    if plan.rewards:
        ctx.actor.require("rewards:write")
    for one in plan.rewards:
        made = create_reward.within(ctx, terms=_terms(one.terms), stock=one.stock)
        known[f"reward:{one.key}"] = made.reward
    return known


def _terms(values: Mapping[str, Any]) -> TermsInput:
    return _TERMS.validate_python(dict(values))


def _draft_rules(ctx: Context, plan: Blueprint, known: dict[str, str]) -> list[str]:
    made = []
    for one in plan.rules:
        rule = create_rule.within(ctx, kind=one.kind, values=resolved(one.values, known)).rule
        made.append(rule)
        if one.key:
            known[f"rule:{one.key}"] = rule
    return made
