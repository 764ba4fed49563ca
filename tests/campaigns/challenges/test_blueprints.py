"""The named schemes as ready-made programmes, set up and walked through the REST API alone."""

from __future__ import annotations

from campaigns.challenges.models import Mission, Streak
from loyalty.demo import cafe
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.campaigns.challenges.challenges_of import balance
from tests.world import Shop


def _loaded(api: Api, blueprint: str) -> list[str]:
    answer = api.post(f"blueprints/{blueprint}/", {})
    assert answer.status_code in (200, 201), answer.data
    return list(answer.data["rules"])


def _publish(api: Api, rule: str) -> None:
    assert api.post(f"rules/{rule}/publish/", {}).status_code == 200


def test_shein_daily_check_in(shop: Shop) -> None:
    api, body = Api(make_key(shop)), {"member": shop.member.public_id}
    _publish(api, *_loaded(api, "daily-check-in"))
    assert [api.post("check-ins/", body).data["points"] for _twice in range(2)] == [1, 0]
    assert balance(shop) == 1


def test_nike_milestones(shop: Shop) -> None:
    """The first five kilometres once; the club at 100 miles; an upload repeated counts once."""
    api = Api(make_key(shop))
    for rule in _loaded(api, "run-milestones"):
        _publish(api, rule)

    def run(key: str, **data: int) -> list[str]:
        body = {"member": shop.member.public_id, "type": "run", "key": key, "data": data}
        assert api.post("activities/", body).status_code in (200, 201)
        held = api.get(f"members/{shop.member.public_id}/badges/").data
        return sorted(one["name"] for one in held)

    assert run("1", metres=4_900) == []
    assert run("2", metres=5_000) == ["First 5k"]
    assert run("2", metres=5_000) == ["First 5k"]
    assert run("3", metres=5_000) == ["First 5k"]
    assert run("4", millimiles=99_900) == ["First 5k"]
    assert run("5", millimiles=99) == ["First 5k"]
    assert run("6", millimiles=1) == ["First 5k", "The 100 club"]
    assert run("6", millimiles=1) == ["First 5k", "The 100 club"]


def test_treehouse_lessons_to_badges(shop: Shop) -> None:
    api = Api(make_key(shop))
    _publish(api, _loaded(api, "lessons-to-badges")[0])
    for number, step in enumerate(("video", "quiz", "quiz", "project")):
        lesson = {"type": "lesson.finished", "key": str(number), "data": {"step": step}}
        api.post("activities/", {"member": shop.member.public_id, **lesson})
    held = api.get(f"members/{shop.member.public_id}/badges/").data
    assert (balance(shop), [one["name"] for one in held]) == (30, ["First stage"])


def test_the_demo_shop_has_its_challenges(db: None) -> None:
    shop = cafe.open_shop()
    with in_programme(shop.programme):
        assert Mission.objects.filter(state="live").count() == 2
        assert Streak.objects.filter(state="live").count() == 1
