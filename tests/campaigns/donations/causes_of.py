"""Causes and ways of giving for the stories, written and published through the doors."""

from __future__ import annotations

from typing import Any

from loyalty.engine.publishing import create_rule, publish_rule
from tests.world import Shop


def rule(shop: Shop, kind: str, **values: Any) -> str:
    """A live rule; answers its id."""
    draft = create_rule(shop.call(), kind=kind, values=values)
    publish_rule(shop.call(), rule=draft.rule)
    shop.programme.refresh_from_db()
    shop.staff.programme.refresh_from_db()
    return draft.rule


def cause(shop: Shop, name: str = "Library", **values: Any) -> str:
    """A live cause."""
    return rule(shop, "donations.cause", name=name, **values)


def gives(shop: Shop, to: str, way: str, **values: Any) -> str:
    """A live way of giving to a cause."""
    return rule(shop, "donations.donation", name=way, way=way, cause=to, **values)
