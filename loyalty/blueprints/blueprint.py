"""A ready-made programme as data: what a file in ``data/`` must say, checked to the letter.

A blueprint writes drafts and nothing else: rewards, and rules of any kind by their own field names
(those of ``/api/v1/rules/``). A value ``reward:<key>`` stands for a reward of the same file, a value
``rule:<key>`` for a rule written before it. Amounts are minor units of the blueprint's currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent / "data"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Words(_Strict):
    """A text in both languages."""

    vi: str
    en: str

    def text(self, language: str) -> str:
        """The text in a language."""
        return self.vi if language.startswith("vi") else self.en


class RewardDraft(_Strict):
    """A reward to draft: ``terms`` as of :class:`rewards.catalog.rules.TermsInput`."""

    key: str
    terms: dict[str, Any]
    stock: int | None = None


class RuleDraft(_Strict):
    """A rule to draft: its kind and its values by field name."""

    kind: str
    values: dict[str, Any]
    key: str = ""


class Blueprint(_Strict):
    """One ready-made programme.

    Args:
        suits: kinds of business it fits (``cafe``, ``grocer`` …), for suggestions.
        points: settings of points it stands on (name, worth, expiry); set only where asked.
    """

    slug: str
    order: int = 100
    name: Words
    about: Words
    why: Words
    suits: tuple[str, ...] = Field(strict=False)
    currency: str
    points: dict[str, Any] = {}
    rewards: tuple[RewardDraft, ...] = Field(default=(), strict=False)
    rules: tuple[RuleDraft, ...] = Field(strict=False)


@cache
def blueprints() -> Mapping[str, Blueprint]:
    """Every blueprint by its slug, as they are shown. Raises where a file is not in order."""
    found = [read(path) for path in FOLDER.glob("*.yaml")]
    return {one.slug: one for one in sorted(found, key=lambda one: (one.order, one.slug))}


def read(path: Path) -> Blueprint:
    """One file. Raises pydantic's ``ValidationError``, which names the place."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Blueprint.model_validate({"slug": path.stem, **raw})


def resolved(value: Any, known: Mapping[str, str]) -> Any:
    """A value with every ``reward:<key>`` and ``rule:<key>`` in it as the public id it stands for."""
    if isinstance(value, str) and value.startswith(("reward:", "rule:")):
        return known[value]
    if isinstance(value, Mapping):
        return {name: resolved(one, known) for name, one in value.items()}
    if isinstance(value, list):
        return [resolved(one, known) for one in value]
    return value
