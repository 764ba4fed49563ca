"""Names of rules and rewards as history keeps them, told to readers of both languages.

What happened is kept with the name of that day, one text (``rule_name``, the values of a reason). Who
reads it in the other language reads the name its owner gave for that, where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from loyalty.common.naming import InBoth, told
from loyalty.engine.models import Rule
from loyalty.engine.ports import rewards_in_both
from loyalty.engine.selectors import rule_kinds
from loyalty.tenancy.scope import current_programme

_KNOWN: dict[int, tuple[int, dict[str, InBoth]]] = {}


def retold(name: str) -> str:
    """A name out of the books as readers of the active language call it. Queries once per version of
    the programme's rules, one for all kinds, one for rewards and one for each kind that has names inside.
    """
    return told(name if isinstance(name, InBoth) else _names().get(name, name))


def forget_names() -> None:
    """Forget all names (a test rolled back)."""
    _KNOWN.clear()


def _names() -> dict[str, InBoth]:
    programme = current_programme()
    known = _KNOWN.get(programme.pk)
    if known is None or known[0] != programme.rules_version:
        known = (programme.rules_version, dict(_read()))
        _KNOWN[programme.pk] = known
    return known[1]


def _read() -> Iterator[tuple[str, InBoth]]:
    """Every published name that is another one in the other language; the newest rule's counts."""
    for vi, en in rewards_in_both():
        yield from _pair(vi, en)
    plain: list[Any] = []
    for kind in rule_kinds().values():
        rows: Any = kind.model._default_manager.exclude(state=Rule.State.DRAFT)
        called = rows.exclude(Q(name_vi="") & Q(name_en=""))
        plain.append(called.values_list("id", "name", "name_vi", "name_en"))
        for field in kind.model.names_inside:
            for inside in rows.order_by("id").values_list(field, flat=True):
                yield from _inside(inside)
    first, *others = plain
    for _id, name, vi, en in sorted(first.union(*others, all=True)):
        yield name, InBoth(name, vi=vi, en=en)


def _inside(listed: Any) -> Iterator[tuple[str, InBoth]]:
    """Names in a list of a rule, such as those of levels: kept in whichever language."""
    for one in listed:
        vi, en = one.get("name_vi", ""), one.get("name_en", "")
        if vi and en:
            yield from _pair(vi, en)


def _pair(vi: str, en: str) -> Iterator[tuple[str, InBoth]]:
    yield vi, InBoth(vi, vi=vi, en=en)
    yield en, InBoth(en, vi=vi, en=en)
