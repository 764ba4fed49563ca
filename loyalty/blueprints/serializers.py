"""Shapes of the blueprints API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from loyalty.blueprints.blueprint import Blueprint
from loyalty.web.api import Body, Flag, PlainObject


class LoadBody(Body):
    """How a blueprint is loaded."""

    with_settings = Flag(
        required=False, help_text="Also name points and set their worth and expiry, at once."
    )


class LoadFileBody(LoadBody):
    """A blueprint of one's own."""

    blueprint = PlainObject(
        deepest=12,
        most=10_000,
        help_text="As an export answers it: `name`, `currency`, `rewards`, `badges`, `rules` …",
    )


@dataclass(frozen=True)
class ExportView:
    """The programme as a file holds it, and what no file can carry elsewhere."""

    blueprint: dict[str, Any]
    left_out: list[str]


@dataclass(frozen=True)
class BlueprintView:
    """A ready-made programme."""

    id: str
    name: str
    about: str
    why: str
    suits: list[str]
    currency: str
    rewards: int
    rules: list[str]


def present_blueprint(one: Blueprint) -> BlueprintView:
    """A blueprint in the caller's language; ``rules`` are the kinds of rules it drafts."""
    language = get_language() or "vi"
    return BlueprintView(
        id=one.slug,
        name=one.name.text(language),
        about=one.about.text(language),
        why=one.why.text(language),
        suits=list(one.suits),
        currency=one.currency,
        rewards=len(one.drafts.get("rewards", ())),
        rules=[rule.kind for rule in one.rules],
    )
