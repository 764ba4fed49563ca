"""A blueprint laid out in a programme: drafts of all it holds, in one command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from loyalty.blueprints.blueprint import Blueprint, blueprints, replaced, texts_in
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import DomainError, Invalid, NotFound, Several
from loyalty.engine.parts import parts
from loyalty.engine.publishing import create_rule
from rewards.points.services.settings import change_settings

MAX_FILE_BYTES = 200_000
OWN = "file"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """The drafts a blueprint wrote: public ids in the order of the file.

    ``others`` are what else it holds, by the name of the part: ``{"badges": [...]}``.
    """

    blueprint: str
    rewards: tuple[str, ...]
    rules: tuple[str, ...]
    others: dict[str, tuple[str, ...]]


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
    return _lay_out(ctx, find_blueprint(blueprint), with_settings=with_settings)


@command("blueprints.load_file", label=_("Programme loaded from a file"), permission="rules:write")
def load_file(ctx: Context, *, blueprint: Mapping[str, Any], with_settings: bool = False) -> Loaded:
    """Draft what a blueprint of one's own holds, such as the export of another programme.

    Raises as :func:`load_blueprint`, each error naming its place (``blueprint.rules.0.values.points``).
    """
    with _under("blueprint"):
        return _lay_out(ctx, own_blueprint(blueprint), with_settings=with_settings)


def own_blueprint(raw: Mapping[str, Any]) -> Blueprint:
    """A blueprint from outside, checked. Raises ``Invalid`` or ``Several`` naming the places."""
    try:
        plan = Blueprint.model_validate({**raw, "slug": OWN})
    except ValidationError as error:
        faults: list[DomainError] = [
            Invalid("bad_blueprint", _says(one), field=_place(one["loc"])) for one in error.errors()
        ]
        raise Several(faults) from error
    known: set[str] = set()
    for part, number, draft in plan.parts():
        known.add(_once(f"{part.one}:{draft.key}", known, field=f"{part.name}.{number}.key"))
    for number, rule in enumerate(plan.rules):
        for text in texts_in(rule.values):
            if text.split(":")[0] in _prefixes() and ":" in text and text not in known:
                raise Invalid(
                    "unknown_reference",
                    _("“%(text)s” does not stand before this in the file.") % {"text": text[:60]},
                    field=f"rules.{number}.values",
                )
        if rule.key:
            known.add(_once(f"rule:{rule.key}", known, field=f"rules.{number}.key"))
    return plan


def _once(name: str, known: set[str], *, field: str) -> str:
    if name in known:
        text = _("Another one in this file is called that already.")
        raise Invalid("repeated_key", text, field=field)
    return name


def _place(where: Sequence[int | str]) -> str:
    """A place as the file has it: parts are keys of their own there."""
    return ".".join(str(step) for step in where if step != "drafts")


def read_file(content: bytes) -> Mapping[str, Any]:
    """The text of a blueprint's file. Raises ``Invalid`` (``bad_file``)."""
    try:
        if len(content) > MAX_FILE_BYTES:
            raise yaml.YAMLError
        text = content.decode("utf-8")
        if any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(text)):
            raise yaml.YAMLError  # a few aliases of aliases would fill the memory
        raw = yaml.safe_load(text)
        if not isinstance(raw, Mapping) or not all(isinstance(name, str) for name in raw):
            raise yaml.YAMLError
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Invalid(
            "bad_file",
            _("This is no file of a programme. Choose one that was downloaded here."),
            field="file",
        ) from error
    return raw


def _says(one: Any) -> Any:
    if one["type"] == "missing":
        return _("This is missing.")
    if one["type"] == "extra_forbidden":
        return _("There is no such entry.")
    return _("This value does not fit here.")


def _prefixes() -> set[str]:
    return {"rule", *(part.one for part in parts().values())}


@contextmanager
def _under(place: str) -> Iterator[None]:
    """Name a fault inside by where it stands in the file."""
    try:
        yield
    except DomainError as error:
        error.move_under(place)
        raise


def _lay_out(ctx: Context, plan: Blueprint, *, with_settings: bool) -> Loaded:
    if plan.currency != ctx.programme.currency:
        raise Invalid(
            "wrong_currency",
            _("This blueprint counts in %(theirs)s, this programme in %(ours)s.")
            % {"theirs": plan.currency, "ours": ctx.programme.currency},
            field="currency" if plan.slug == OWN else "blueprint",
        )
    if with_settings and plan.points:
        ctx.actor.require("points:write")
        with _under("points"):
            change_settings.within(ctx, values=plan.points)
    known: dict[str, str] = {}
    made: dict[str, list[str]] = {}
    for part, number, draft in plan.parts():
        ctx.actor.require(part.permission)
        with _under(f"{part.name}.{number}.terms"):
            public_id = part.write(ctx, draft.terms)
        known[f"{part.one}:{draft.key}"] = public_id
        made.setdefault(part.name, []).append(public_id)
    rules = tuple(_draft_rules(ctx, plan, known))
    others = {name: tuple(ids) for name, ids in made.items()}
    rewards = others.pop("rewards", ())
    ctx.about(ctx.programme.public_id, blueprint=plan.slug, rewards=rewards, rules=rules)
    return Loaded(blueprint=plan.slug, rewards=rewards, rules=rules, others=others)


def _draft_rules(ctx: Context, plan: Blueprint, known: dict[str, str]) -> Iterator[str]:
    for number, one in enumerate(plan.rules):
        with _under(f"rules.{number}"):
            values = replaced(one.values, known)
            try:
                rule = create_rule.within(ctx, kind=one.kind, values=values).rule
            except DomainError as error:
                error.move_under("values", apart=("kind",))
                raise
        if one.key:
            known[f"rule:{one.key}"] = rule
        yield rule
