"""The levels of a ladder as they are written (plain JSON), read into values, each fault by its field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import DomainError, Invalid
from loyalty.common.money import MAX_MINOR
from tiers.levels.rules.level import BASES, LevelTerms, Need

MOST_LEVELS = 20
MOST_ROWS = 6
MOST_FACTOR_BP = 1_000_000
_MOST = {"spend_minor": MAX_MINOR, "points": 10**9, "visits": 100_000, "months": 1_200}
_TEXTS = {"name_vi": 60, "name_en": 60, "perk_vi": 200, "perk_en": 200, "birthday_reward": 40}
_FLAGS = ("for_life", "free_delivery", "early_access")
_NUMBERS = {"factor_bp": (10_000, MOST_FACTOR_BP), "discount_bp": (0, 10_000)}
_KEYS = frozenset({"code", "enter", "keep", *_TEXTS, *_FLAGS, *_NUMBERS})
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def read_levels(raw: Sequence[Any]) -> tuple[tuple[LevelTerms, ...], tuple[DomainError, ...]]:
    """The levels that make sense, lowest first, and what is wrong with the others."""
    levels: list[LevelTerms] = []
    faults: list[DomainError] = []
    if not 1 <= len(raw) <= MOST_LEVELS:
        return (), (
            Invalid(
                "bad_levels",
                _("A ladder has 1 to %(n)s levels.") % {"n": MOST_LEVELS},
                field="levels",
            ),
        )
    for number, one in enumerate(raw):
        where = f"levels.{number}"
        if not isinstance(one, Mapping):
            faults.append(
                Invalid(
                    "bad_level",
                    _("A level has a code, names, and conditions to enter and to keep it."),
                    field=where,
                )
            )
            continue
        found = _faults(one, where)
        faults += found
        if not found:
            levels.append(_level(one))
    codes = [level.code for level in levels]
    for number, code in enumerate(codes):
        if code in codes[:number] and not faults:
            faults.append(
                Invalid(
                    "code_twice",
                    _("Two levels have the code “%(code)s”.") % {"code": code},
                    field=f"levels.{number}.code",
                )
            )
    return tuple(levels), tuple(faults)


def _level(raw: Mapping[str, Any]) -> LevelTerms:
    plain = {name: raw[name] for name in (*_TEXTS, *_FLAGS, *_NUMBERS) if name in raw}
    return LevelTerms(
        code=raw["code"],
        enter=_needs(raw.get("enter", ())),
        keep=_needs(raw.get("keep", ())),
        **plain,
    )


def _needs(raw: Sequence[Mapping[str, int]]) -> tuple[Need, ...]:
    return tuple(dict(row) for row in raw)


def _faults(raw: Mapping[str, Any], where: str) -> list[DomainError]:
    found: list[DomainError] = [
        Invalid("unknown_field", _("A level has no such field."), field=f"{where}.{name}"[:100])
        for name in sorted(map(str, set(raw) - _KEYS))
    ]
    code = raw.get("code")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        found.append(
            Invalid(
                "bad_code",
                _("Give the level a short code of small letters and digits, such as “gold”."),
                field=f"{where}.code",
            )
        )
    if not raw.get("name_vi") and not raw.get("name_en"):
        found.append(Invalid("required", _("Name the level."), field=f"{where}.name_vi"))
    for name, most in _TEXTS.items():
        value = raw.get(name, "")
        if not isinstance(value, str) or len(value) > most or not (value.isprintable()):
            found.append(
                Invalid(
                    "bad_text",
                    _("Give a text of at most %(n)s characters.") % {"n": most},
                    field=f"{where}.{name}",
                )
            )
    for name in _FLAGS:
        if not isinstance(raw.get(name, False), bool):
            found.append(Invalid("bad_value", _("Give true or false."), field=f"{where}.{name}"))
    for name, (least, most) in _NUMBERS.items():
        if not _whole(raw.get(name, least), least, most):
            found.append(_range(f"{where}.{name}", least, most))
    for name in ("enter", "keep"):
        found += _need_faults(raw.get(name, []), f"{where}.{name}")
    return found


def _need_faults(raw: Any, where: str) -> list[DomainError]:
    if not isinstance(raw, list | tuple) or len(raw) > MOST_ROWS:
        return [
            Invalid(
                "bad_conditions",
                _("Give at most %(n)s ways, each a set of conditions.") % {"n": MOST_ROWS},
                field=where,
            )
        ]
    found: list[DomainError] = []
    for number, row in enumerate(raw):
        if not isinstance(row, Mapping) or not row or not set(row) <= set(BASES):
            found.append(
                Invalid(
                    "bad_conditions",
                    _("A way names at least one of: %(names)s.") % {"names": ", ".join(BASES)},
                    field=f"{where}.{number}",
                )
            )
            continue
        found += [
            _range(f"{where}.{number}.{basis}", 1, _MOST[basis])
            for basis, value in row.items()
            if not _whole(value, 1, _MOST[basis])
        ]
    return found


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _range(field: str, least: int, most: int) -> Invalid:
    return Invalid(
        "out_of_range",
        _("Give a number from %(minimum)s to %(maximum)s.") % {"minimum": least, "maximum": most},
        field=field,
        params={"minimum": least, "maximum": most},
    )
