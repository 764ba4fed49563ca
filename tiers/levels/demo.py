"""The levels of the demo's coffee shop: green for everybody, gold for regulars, and one above."""

from __future__ import annotations

from loyalty.engine.ports import DemoShop


def furnish(shop: DemoShop) -> None:
    """The ladder, from the first day."""
    shop.rule(
        "levels.ladder",
        name="Hạng bạn Hiên",
        name_en="Friends of Hiên",
        window_kind="rolling",
        window_months=12,
        grace_count=1,
        grace_round_up="month",
        levels=[
            {
                "code": "xanh",
                "name_vi": "Hiên Xanh",
                "name_en": "Green",
                "perk_vi": "Tích sao mỗi lần ghé",
                "perk_en": "Stars at every visit",
            },
            {
                "code": "vang",
                "name_vi": "Hiên Vàng",
                "name_en": "Gold",
                "enter": [{"points": 60}],
                "keep": [{"points": 40}],
                "factor_bp": 12_500,
                "birthday_reward": shop.rewards["cake"],
                "early_access": True,
            },
            {
                "code": "tri-ky",
                "name_vi": "Hiên Tri Kỷ",
                "name_en": "Kindred",
                "enter": [{"points": 320, "visits": 60}],
                "keep": [{"points": 250}],
                "factor_bp": 15_000,
                "discount_bp": 500,
                "birthday_reward": shop.rewards["cake"],
                "early_access": True,
                "perk_vi": "Giữ bàn bên cửa sổ khi gọi trước",
                "perk_en": "The table by the window, kept when you call",
            },
        ],
    )
