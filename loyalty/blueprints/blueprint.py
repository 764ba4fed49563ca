"""A ready-made programme as data: what a file in ``data/`` must say, checked to the letter.

A blueprint writes drafts and nothing else: rewards, badges and what else the apps name in their
``drafts.py``, and rules of any kind by their own field names (those of ``/api/v1/rules/``). A value
``reward:<key>`` stands for a reward of the same file, ``badge:<key>`` for a badge, ``rule:<key>`` for a
rule written before it. Amounts are minor units of the blueprint's currency.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from loyalty.engine.parts import Part, parts

FOLDER = Path(__file__).parent / "data"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Words(_Strict):
    """A text in both languages."""

    vi: str = ""
    en: str = ""

    def text(self, language: str) -> str:
        """The text in a language, or in the one there is."""
        first, second = (self.vi, self.en) if language.startswith("vi") else (self.en, self.vi)
        return first or second


class PartDraft(_Strict):
    """Something to draft besides rules; its ``terms`` as its app reads them (``drafts.py``)."""

    key: str
    terms: dict[str, Any]


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
        drafts: what it drafts besides rules, by the name of the part. In a file each part is a
            key of its own: ``rewards``, ``badges``.
    """

    slug: str
    order: int = 100
    name: Words
    about: Words = Words()
    why: Words = Words()
    suits: tuple[str, ...] = Field(default=(), strict=False)
    currency: str
    points: dict[str, Any] = {}
    drafts: dict[str, tuple[PartDraft, ...]] = Field(default={}, strict=False)
    rules: tuple[RuleDraft, ...] = Field(strict=False)

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, raw: Any) -> Any:
        """The parts of a file under one name."""
        if not isinstance(raw, Mapping):
            return raw
        found = {name: raw[name] for name in parts() if name in raw}
        found = {n: tuple(one) if isinstance(one, list) else one for n, one in found.items()}
        rest = {name: value for name, value in raw.items() if name not in found}
        return {**rest, "drafts": found} if found else rest

    def parts(self) -> Iterator[tuple[Part, int, PartDraft]]:
        """What it drafts besides rules, each with its place in its list."""
        for name, drafts in self.drafts.items():
            for number, draft in enumerate(drafts):
                yield parts()[name], number, draft


@cache
def blueprints() -> Mapping[str, Blueprint]:
    """Every blueprint by its slug, as they are shown. Raises where a file is not in order."""
    found = [read(path) for path in FOLDER.glob("*.yaml")]
    return {one.slug: one for one in sorted(found, key=lambda one: (one.order, one.slug))}


def read(path: Path) -> Blueprint:
    """One file. Raises pydantic's ``ValidationError``, which names the place."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Blueprint.model_validate({"slug": path.stem, **raw})


def replaced(value: Any, known: Mapping[str, str]) -> Any:
    """A value with every text in it that ``known`` holds as what it stands for there."""
    if isinstance(value, str):
        return known.get(value, value)
    if isinstance(value, Mapping):
        return {name: replaced(one, known) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [replaced(one, known) for one in value]
    return value


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        within = value.values() if isinstance(value, Mapping) else value
        for one in cast("list[Any]", within):
            yield from texts_in(one)
