"""The lucky spin as a program from outside sets it up and lives through it: the REST API alone."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any

from campaigns.games.tasks import look_after_games
from loyalty.common.clock import now, played_at
from loyalty.outbox.relay import relay_due
from tests.api import Api, make_key
from tests.campaigns.games.games_of import LEGAL, TEN
from tests.world import Shop


def _did(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.data
    return answer.data


def _published(api: Api, values: dict[str, Any]) -> str:
    rule = _did(api.post("rules/", {"kind": "games.game", "values": values}), 201)["rule"]
    _did(api.post(f"rules/{rule}/publish/", {}))
    relay_due()
    return str(rule)


def test_the_lucky_spin_from_the_blueprint_to_the_shown_seed(shop: Shop) -> None:
    api = Api(make_key(shop))
    loaded = _did(api.post("blueprints/lucky-spin/", {}), 201)
    for reward in loaded["rewards"]:
        _did(api.post(f"rewards/{reward}/publish/"))
    (rule,) = loaded["rules"]
    _did(api.post(f"rules/{rule}/publish/", {}))
    relay_due()
    shown = _did(api.get(f"games/{rule}/"))
    assert sum(one["odds_ppm"] for one in shown["prizes"]) == 1_000_000
    assert len(shown["commitment"]) == 64
    ana = {"member": shop.member.public_id}
    played = _did(api.post(f"games/{rule}/plays/", ana), 201)
    assert (played["paid"], played["number"]) == ("free", 1)
    refused = api.post(f"games/{rule}/plays/", ana)
    assert (refused.status_code, refused.data["code"]) == (422, "costs_points")
    _did(api.post(f"rules/{rule}/end/", {}))
    relay_due()
    with played_at(now() + timedelta(minutes=6)):
        look_after_games()
    proof = _did(api.get(f"plays/{played['play']}/"))
    seed = bytes.fromhex(proof["seed"])
    assert hashlib.sha256(seed).hexdigest() == shown["commitment"] == proof["commitment"]
    found = hmac.new(seed, proof["message"].encode(), hashlib.sha256).digest()
    assert int.from_bytes(found[:8], "big") % 1_000_000 == played["outcome_ppm"]
    (hit,) = [
        one for one in proof["ranges"] if one["first"] <= played["outcome_ppm"] <= one["last"]
    ]
    assert hit["prize"] == played["prize"]
    figures = _did(api.get(f"games/{rule}/figures/"))
    assert (figures["plays"], figures["free"], figures["looks"]) == (1, 1, "few")
    assert _did(api.get(f"games/{rule}/seeds/"))["seeds"][0]["seed"] == proof["seed"]


def test_a_season_s_draw_over_the_api(shop: Shop) -> None:
    api = Api(make_key(shop))
    draws_at = (now() + timedelta(days=1)).isoformat()
    rule = _published(
        api,
        {
            "name": "Season",
            "way": "draw",
            "tickets": 1,
            "minimum_minor": 100_000,
            "draws_at": draws_at,
            "prizes": [{**TEN, "stock": 1}],
            **LEGAL,
        },
    )
    ana = {"member": shop.member.public_id}
    sale = {**ana, "lines": [{"sku": "coffee", "quantity": 1, "net_minor": 100_000}]}
    bought = _did(api.post("purchases/", sale), 201)
    assert [one["reason"] for one in bought["effects"]] == ["play_earned"]
    (can,) = _did(api.get(f"members/{shop.member.public_id}/games/"))
    assert (can["game"], can["tickets"]) == (rule, 1)
    entered = _did(api.post(f"games/{rule}/plays/", ana), 201)
    assert (entered["entry"], entered["given"]) == (1, "")
    assert api.get(f"games/{rule}/draw/").status_code == 404
    assert api.post(f"games/{rule}/draw/").data["code"] == "too_early"
    with played_at(now() + timedelta(days=1, minutes=1)):
        look_after_games()
    drawn = _did(api.get(f"games/{rule}/draw/"))
    (win,) = drawn["wins"]
    claimed = _did(api.post(f"wins/{win['id']}/claim/", ana), 201)
    assert claimed["effects"][0]["amount"] == 10
    assert api.post(f"wins/{win['id']}/claim/", ana).data["code"] == "claimed_already"
    assert [one["entry"] for one in _did(api.get(f"games/{rule}/plays/"))["data"]] == [1]


def test_keys_without_the_right_and_strangers_see_and_play_nothing(
    shop: Shop, other_shop: Shop
) -> None:
    rule = _published(
        Api(make_key(shop)),
        {"name": "W", "free_per_day": 1, "prizes": [{**TEN, "odds_ppm": 1_000_000}], **LEGAL},
    )
    ana = {"member": shop.member.public_id}
    assert Api(make_key(shop, scopes=("games:read",))).post(
        f"games/{rule}/plays/", ana
    ).status_code in (401, 403)
    stranger = Api(make_key(other_shop))
    assert stranger.get(f"games/{rule}/").status_code == 404
    assert stranger.post(f"games/{rule}/plays/", ana).status_code == 404
    wrong: tuple[Any, ...] = (
        {},
        {"member": 7},
        {"member": "mem_x"},
        {**ana, "with_points": "yes"},
        [],
        "x",
    )
    for body in wrong:
        answer = Api(make_key(shop)).post(f"games/{rule}/plays/", body)
        assert answer.status_code in (400, 404), body
