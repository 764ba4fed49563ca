"""The named schemes as ready-made programmes, set up and walked through the REST API alone."""

from __future__ import annotations

from campaigns.challenges.models import Mission, Streak
from loyalty.demo import cafe
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.campaigns.challenges.challenges_of import badges, balance
from tests.world import Shop


def _loaded(api: Api, blueprint: str) -> list[str]:
    answer = api.post(f"blueprints/{blueprint}/", {})
    assert answer.status_code in (200, 201), answer.data
    return list(answer.data["rules"])


def _publish(api: Api, rule: str, **values: str) -> None:
    if values:
        seen = api.get(f"rules/{rule}/")["ETag"]
        done = api.patch(f"rules/{rule}/", {"values": values}, match=seen)
        assert done.status_code == 200
    assert api.post(f"rules/{rule}/publish/", {}).status_code == 200


def test_shein_daily_check_in(shop: Shop) -> None:
    api, body = Api(make_key(shop)), {"member": shop.member.public_id}
    _publish(api, *_loaded(api, "daily-check-in"))
    assert [api.post("check-ins/", body).data["points"] for _twice in range(2)] == [1, 0]
    assert balance(shop) == 1


def test_nike_first_run_of_five_kilometres(shop: Shop) -> None:
    api = Api(make_key(shop))
    badge = api.post("badges/", {"name_vi": "5 km đầu tiên"}).data["id"]
    _publish(api, _loaded(api, "run-milestones")[0], badge=badge)
    held = []
    for key, metres in (("1", 4_900), ("2", 5_000), ("2", 5_000), ("3", 5_000)):
        run = {"type": "run", "key": key, "data": {"metres": metres}}
        api.post("activities/", {"member": shop.member.public_id, **run})
        held.append(len(badges(shop)))
    assert held == [0, 1, 1, 1]


def test_treehouse_lessons_to_badges(shop: Shop) -> None:
    api = Api(make_key(shop))
    badge = api.post("badges/", {"name_vi": "HTML"}).data["id"]
    _publish(api, _loaded(api, "lessons-to-badges")[0], badge=badge)
    for number, step in enumerate(("video", "quiz", "quiz", "project")):
        lesson = {"type": "lesson.finished", "key": str(number), "data": {"step": step}}
        api.post("activities/", {"member": shop.member.public_id, **lesson})
    assert (balance(shop), badges(shop)) == (30, [badge])


def test_the_demo_shop_has_its_challenges(db: None) -> None:
    shop = cafe.open_shop()
    with in_programme(shop.programme):
        assert Mission.objects.filter(state="live").count() == 2
        assert Streak.objects.filter(state="live").count() == 1
