"""Check-ins, repairs, badges and leaderboards, through the API."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from campaigns.challenges.rules.codes import code_at
from campaigns.challenges.services import check_in, create_badge, repair_streak
from loyalty.common.clock import now, played_at
from loyalty.common.errors import DomainError, Invalid, Refused
from loyalty.outbox.relay import relay_due
from tests.api import Api, make_key
from tests.campaigns.challenges.challenges_of import (
    ZONE,
    badges,
    balance,
    did,
    mission,
    on,
    streak,
)
from tests.world import Shop


def _daily(shop: Shop, **values: object) -> str:
    with on(2026, 11, 1, hour=0):
        return streak(shop, activity_types=["check_in"], points_each=1, **values).rule


def test_checking_in_twice_on_one_day_gives_one_point(shop: Shop) -> None:
    _daily(shop)
    api, body = Api(make_key(shop)), {"member": shop.member.public_id}
    first, second = api.post("check-ins/", body), api.post("check-ins/", body)
    assert (first.status_code, first.data["is_new"], first.data["points"]) == (201, True, 1)
    assert (second.status_code, second.data["is_new"], second.data["points"]) == (201, False, 0)
    assert balance(shop) == 1


def test_only_the_code_of_this_till_and_this_minute_counts(shop: Shop) -> None:
    here, member = shop.location.public_id, shop.member.public_id
    at = datetime(2026, 11, 27, 9, tzinfo=ZONE)
    with played_at(at):
        for wrong in (
            "",
            "000000",
            code_at("loc_another", at),
            code_at(here, at + timedelta(hours=1)),
        ):
            with pytest.raises(Refused) as refused:
                check_in(shop.call(), member=member, location=here, code=wrong)
            assert (refused.value.code, refused.value.field) == ("wrong_code", "code")
    with played_at(at + timedelta(seconds=70)):
        assert check_in(shop.call(), member=member, location=here, code=code_at(here, at)).is_new


def test_nobody_outside_reports_a_check_in_or_a_repair(shop: Shop) -> None:
    api = Api(make_key(shop))
    for name in ("check_in", "streak.repaired"):
        body = {"member": shop.member.public_id, "type": name, "key": "mine"}
        answer = api.post("activities/", body)
        assert (answer.status_code, answer.data["code"]) == (400, "reserved_activity")


@pytest.mark.parametrize(
    ("happened_at", "code"),
    [("ahead", "in_the_future"), ("1900-01-01T00:00:00Z", "too_long_ago")],
)
def test_an_activity_of_no_possible_time_is_refused(
    shop: Shop, happened_at: str, code: str
) -> None:
    at = (now() + timedelta(hours=2)).isoformat() if happened_at == "ahead" else happened_at
    body = {"member": shop.member.public_id, "type": "run", "key": "1", "happened_at": at}
    answer = Api(make_key(shop)).post("activities/", body)
    assert (answer.status_code, answer.data["code"]) == (400, code)
    assert answer.data["errors"][0]["pointer"] == "/happened_at"


def test_staff_repair_a_missed_day_with_a_reason(shop: Shop) -> None:
    of = _daily(shop, steps=[{"at": 3, "points": 10}])
    member = shop.member.public_id
    for day in (2, 4):
        with on(2026, 11, day):
            check_in(shop.call(), member=member)
    with on(2026, 11, 4, hour=12):
        with pytest.raises(Invalid) as refused:
            repair_streak(shop.call(), member=member, streak=of, day=date(2026, 11, 3), reason=" ")
        assert refused.value.field == "reason"
        with pytest.raises(DomainError):
            repair_streak(
                shop.call(), member=member, streak=of, day=date(2026, 11, 9), reason="Closed"
            )
        done = repair_streak(
            shop.call(), member=member, streak=of, day=date(2026, 11, 3), reason="We were closed"
        )
    assert done.length == 3
    assert balance(shop) == 3 + 10


def test_names_on_a_leaderboard_are_shown_by_choice(shop: Shop) -> None:
    of = mission(
        shop,
        counts="amount",
        activity_type="run",
        data_name="metres",
        at_most=300_000,
        target=5_000,
        leaderboard=True,
    )
    did(shop, "run", metres=6_000)
    did(shop, "run", metres=2_000)
    api = Api(make_key(shop))
    board = api.get(f"missions/{of.rule}/leaderboard/").data
    assert [(one["rank"], one["name"], one["amount"]) for one in board] == [(1, "A.", 8_000)]
    api.post(f"members/{shop.member.public_id}/shown-name/", {"name": "Ana runs"})
    assert api.get(f"missions/{of.rule}/leaderboard/").data[0]["name"] == "Ana runs"


def test_nike_first_five_kilometres_and_the_hundred_mile_club(shop: Shop) -> None:
    api, runner = Api(make_key(shop)), shop.member.public_id
    first = api.post("badges/", {"name_vi": "5 km đầu tiên", "name_en": "First 5k"}).data["id"]
    club = api.post("badges/", {"name_vi": "100 dặm", "name_en": "100 miles"}).data["id"]
    rules = (
        {"name": "5k", "counts": "times", "data_name": "metres", "at_least": 5_000, "badge": first},
        {
            "name": "100",
            "counts": "amount",
            "data_name": "millimiles",
            "target": 100_000,
            "badge": club,
        },
    )
    for values in rules:
        bounds = {"activity_type": "run", "at_most": 300_000}
        draft = api.post("rules/", {"kind": "challenges.mission", "values": values | bounds})
        assert api.post(f"rules/{draft.data['rule']}/publish/", {}).status_code == 200

    def run(key: str, **data: int) -> None:
        body = {"member": runner, "type": "run", "key": key, "data": data}
        assert api.post("activities/", body).status_code in (200, 201)

    run("1", metres=4_900)
    assert badges(shop) == []
    run("2", metres=5_000)
    run("3", metres=5_000)
    assert badges(shop) == [first]
    run("4", millimiles=99_900)
    run("4", millimiles=99_900)
    assert badges(shop) == [first]
    run("5", millimiles=100)
    assert badges(shop) == [first, club]
    assert len(api.get(f"members/{runner}/badges/").data) == 2


def test_treehouse_three_steps_make_a_badge_and_a_repeated_quiz_no_points(shop: Shop) -> None:
    api, pupil = Api(make_key(shop)), shop.member.public_id
    badge = api.post("badges/", {"name_vi": "HTML"}).data["id"]
    values = {
        "name": "HTML",
        "counts": "things",
        "activity_type": "lesson.finished",
        "data_name": "step",
        "target": 3,
        "points_each": 10,
        "badge": badge,
    }
    draft = api.post("rules/", {"kind": "challenges.mission", "values": values})
    api.post(f"rules/{draft.data['rule']}/publish/", {})
    for number, step in enumerate(("video", "quiz", "quiz", "project", "quiz")):
        body = {
            "member": pupil,
            "type": "lesson.finished",
            "key": f"attempt-{number}",
            "data": {"step": step},
        }
        assert api.post("activities/", body).status_code in (200, 201)
    assert (balance(shop), badges(shop)) == (30, [badge])
    assert api.get(f"members/{pupil}/missions/").data[0]["is_done"] is True


def _two_cards(shop: Shop) -> tuple[Api, str, str]:
    """Ana has a second card; on each of them she played."""
    api, ana = Api(make_key(shop)), shop.member.public_id
    other = str(api.post("members/", {"name": "Ana again"}).data["id"])
    return api, ana, other


def _run(api: Api, member: str, metres: int) -> None:
    body = {"member": member, "type": "run", "key": f"{member}-{metres}"}
    assert api.post("activities/", {**body, "data": {"metres": metres}}).status_code == 201


def _stands(api: Api, member: str) -> tuple[list[int], list[int], list[str]]:
    missions = [one["times"] for one in api.get(f"members/{member}/missions/").data]
    streaks = [one["length"] for one in api.get(f"members/{member}/streaks/").data]
    return missions, streaks, [one["award"] for one in api.get(f"members/{member}/badges/").data]


def test_two_cards_of_one_person_stand_as_one_and_apart_again(shop: Shop) -> None:
    badge = create_badge(shop.call(), name_vi="Chạy bộ").id
    run = {"counts": "amount", "activity_type": "run", "data_name": "metres", "at_most": 10_000}
    done = mission(shop, name="5 km", target=5_000, badge=badge, leaderboard=True, **run)
    _daily(shop)
    api, ana, other = _two_cards(shop)
    _run(api, ana, 400)
    _run(api, other, 5_000)
    api.post("check-ins/", {"member": other})
    apart = _stands(api, ana), _stands(api, other)
    award = apart[1][2][0]
    assert apart[0] == ([0], [0], [])
    undo = api.post(f"members/{ana}/merges/", {"member": other}).data["merge"]
    relay_due()
    assert _stands(api, ana) == ([1], [1], [award])
    places = api.get(f"missions/{done.rule}/leaderboard/").data
    assert [(one["name"], one["amount"]) for one in places] == [("A.", 5_400)]
    assert Client().get(f"/p/cafe/badges/{badge}/{award}/").status_code == 200
    api.post(f"members/{ana}/merges/{undo}/undo/")
    relay_due()
    assert (_stands(api, ana), _stands(api, other)) == apart


def test_what_happened_since_two_cards_were_joined_stays(shop: Shop) -> None:
    run = {"counts": "amount", "activity_type": "run", "data_name": "metres", "at_most": 10_000}
    mission(shop, name="Each day", period="day", target=1_000, **run)
    api, ana, other = _two_cards(shop)
    with on(2026, 11, 26):
        _run(api, other, 1_000)
        undo = api.post(f"members/{ana}/merges/", {"member": other}).data["merge"]
        relay_due()
    with on(2026, 11, 27):
        _run(api, ana, 1_200)
        api.post(f"members/{ana}/merges/{undo}/undo/")
        relay_due()
        assert _stands(api, ana)[0] == [2]


def test_whoever_is_erased_leaves_no_badge_and_no_place(shop: Shop) -> None:
    badge = create_badge(shop.call(), name_vi="Chạy bộ").id
    run = {"counts": "amount", "activity_type": "run", "data_name": "metres", "at_most": 10_000}
    done = mission(shop, target=5_000, badge=badge, leaderboard=True, **run)
    api, ana, _other = _two_cards(shop)
    _run(api, ana, 5_000)
    award = _stands(api, ana)[2][0]
    assert api.delete(f"members/{ana}/").status_code == 204
    assert Client().get(f"/p/cafe/badges/{badge}/{award}/").status_code == 404
    assert _stands(api, ana)[2] == []
    assert api.get(f"missions/{done.rule}/leaderboard/").data == []
