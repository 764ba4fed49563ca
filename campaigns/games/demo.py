"""The coffee shop's games: a wheel a day, and a draw for the season that purchases enter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from campaigns.games.services import look_after, play
from loyalty.common.clock import now
from loyalty.engine.ports import DemoShop

_LEGAL_VI = (
    "Dành cho thành viên từ 16 tuổi của Cà phê Hiên, không áp dụng cho nhân viên của quán.\n"
    "Kết quả do máy chủ rút theo tỉ lệ công bố; dấu vân của mầm bí mật đặt sẵn ở trang này, mầm được "
    "công bố khi kết thúc.\nQuà nhận tại quầy bằng phiếu quà. Không đổi thành tiền. Hỏi đáp: tại quầy "
    "hoặc 028 3822 0000."
)
_LEGAL_EN = (
    "For members of Cà phê Hiên from 16 on; not for its staff.\nOutcomes are drawn by the server with "
    "the odds told here; the fingerprint of the secret seed stands on this page, the seed is shown when "
    "it is over.\nGifts are handed over at the counter for a voucher and not paid out in money. "
    "Questions: at the counter or 028 3822 0000."
)


def finish(shop: DemoShop, *, member: str) -> None:
    """Open since today; the regular with a log-in has spun once."""
    legal: dict[str, Any] = {"legal_vi": _LEGAL_VI, "legal_en": _LEGAL_EN}
    three = {
        "code": "three",
        "name_vi": "3 sao",
        "name_en": "3 stars",
        "kind": "points",
        "points": 3,
        "odds_ppm": 150_000,
    }
    one = {**three, "code": "one", "name_vi": "1 sao", "name_en": "1 star", "points": 1}
    wheel = shop.rule(
        "games.game",
        name="Vòng quay của Hiên",
        name_en="Hiên's wheel",
        free_per_day=1,
        points_cost=2,
        limits=[{"maximum": 5, "period": "day", "measure": "times"}],
        prizes=[
            {
                "code": "cake",
                "name_vi": "Một chiếc bánh",
                "name_en": "A pastry",
                "kind": "reward",
                "reward": shop.rewards["cake"],
                "odds_ppm": 50_000,
                "stock": 60,
                "instead": "three",
            },
            {**one, "odds_ppm": 300_000},
            three,
            {
                "code": "none",
                "name_vi": "Hẹn bạn ngày mai",
                "name_en": "See you tomorrow",
                "odds_ppm": 500_000,
            },
        ],
        **legal,
    )
    draw = shop.rule(
        "games.game",
        name="Bốc thăm cuối mùa",
        name_en="End-of-season draw",
        way="draw",
        tickets=1,
        minimum_minor=100_000,
        draws_at=(now() + timedelta(days=45)).isoformat(),
        registration="SCT-MAU 01/2026",
        prizes=[
            {
                "code": "tote",
                "name_vi": "Túi vải Hiên",
                "name_en": "Hiên tote bag",
                "kind": "reward",
                "reward": shop.rewards["tote"],
                "stock": 3,
            }
        ],
        **legal,
    )
    for game in (wheel, draw):
        look_after(shop.call(), game=game)
    play(shop.call(), game=wheel, member=member)
