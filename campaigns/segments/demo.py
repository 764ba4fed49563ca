"""Audiences of the demo's coffee shop: its regulars, those it misses, and a list for an evening."""

from __future__ import annotations

from campaigns.segments.services import count_segment, create_segment, take_list
from loyalty.engine.ports import DemoShop

_SEGMENTS = (
    {
        "code": "khach-quen",
        "name": "Khách quen",
        "told_vi": "khách quen",
        "told_en": "regulars",
        "conditions": [{"fact": "purchases.count_90d", "op": "gte", "value": 8}],
    },
    {
        "code": "lau-chua-ghe",
        "name": "Lâu chưa ghé",
        "conditions": [
            {"fact": "purchases.count", "op": "gte", "value": 3},
            {"fact": "purchases.days_since", "op": "gte", "value": 30},
        ],
    },
    {
        "code": "dem-acoustic",
        "name": "Mời đêm acoustic",
        "kind": "frozen",
        "conditions": [
            {"fact": "segment", "op": "eq", "value": "khach-quen"},
            {"fact": "purchases.spent_90d", "op": "gte", "value": 500_000},
        ],
    },
)


def furnish(shop: DemoShop) -> None:
    """The audiences, and a draft that is for one of them."""
    for values in _SEGMENTS:
        create_segment(shop.call(), **values)
    shop.rule(
        "points.multiplier_rule",
        draft=True,
        name="Mời quay lại: nhân đôi sao",
        name_en="Come back: double stars",
        factor_bp=20_000,
        audience=[{"fact": "segment", "op": "eq", "value": "lau-chua-ghe"}],
    )


def finish(shop: DemoShop, *, member: str) -> None:
    """Counted after the year; the evening's list is taken."""
    for values in _SEGMENTS:
        count_segment(shop.call(), segment=str(values["code"]))
    take_list(shop.call(), segment="dem-acoustic")
