"""Activities other than sales go through the engine once."""

from __future__ import annotations

import pytest

from loyalty.common.errors import Conflict, Invalid, Refused
from loyalty.engine.models import Activity
from loyalty.engine.services import record_activity
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.api import Api, make_key
from tests.rewards.points.rules_of import earning, points
from tests.world import Shop


def test_a_birthday_brings_points_once_a_year(shop: Shop) -> None:
    earning(shop, name="Birthday", activity="member.birthday", basis="fixed", points=50)
    wish = {"member": shop.member.public_id, "type": "member.birthday", "key": "ana/2026"}
    first = record_activity(shop.call(), **wish)
    assert [one.amount for one in first.effects] == [50]
    again = record_activity(shop.call(), **wish)
    assert again.duplicate and again.activity == first.activity and points(again) == 50


def test_the_key_of_another_members_activity_is_refused(shop: Shop) -> None:
    record_activity(shop.call(), member=shop.member.public_id, type="visit", key="1")
    from loyalty.tenancy.scope import in_programme
    from members.profiles.models import Holder

    with in_programme(shop.programme):
        dan = Member.objects.create(
            holder=Holder.objects.create(), name="Eva", joined_at=shop.member.joined_at
        )
    with pytest.raises(Conflict, match="activity_of_another"):
        record_activity(shop.call(), member=dan.public_id, type="visit", key="1")


@pytest.mark.parametrize("type", ["", "purchase", "nộp", "a b", "x" * 61])
def test_absurd_types_are_refused(shop: Shop, type: str) -> None:
    with pytest.raises(Invalid) as caught:
        record_activity(shop.call(), member=shop.member.public_id, type=type, key="1")
    assert caught.value.field == "type"


def test_a_card_on_hold_does_nothing(shop: Shop) -> None:
    from loyalty.tenancy.scope import in_programme

    with in_programme(shop.programme):
        Member.objects.update(state="held")
    with pytest.raises(Refused, match="member_not_active"):
        record_activity(shop.call(), member=shop.member.public_id, type="visit", key="1")


def test_the_same_key_with_other_data_is_not_lost_in_silence(shop: Shop) -> None:
    run = {"member": shop.member.public_id, "type": "run", "key": "strava-1"}
    record_activity(shop.call(), **run, data={"metres": 700})
    assert record_activity(shop.call(), **run, data={"metres": 700}).duplicate
    with pytest.raises(Conflict, match="activity_already_recorded"):
        record_activity(shop.call(), **run, data={"metres": 900})


def test_what_was_told_by_mistake_is_taken_back(shop: Shop, other_shop: Shop) -> None:
    earning(shop, name="Run", activity="run", basis="fixed", points=50)
    api = Api(make_key(shop))
    run = {"member": shop.member.public_id, "type": "run", "key": "strava-1"}
    told = api.post("activities/", run).data
    path = f"activities/{told['activity']}/take-back/"
    assert api.post(path, {"reason": " "}).status_code == 400
    for _twice in range(2):
        back = api.post(path, {"reason": "Sent by mistake"})
        assert back.status_code == 200
    assert (back.data["undone"], back.data["points"]) == (0, 0)
    balances = api.get(f"members/{shop.member.public_id}/balances/").data
    assert [one["balance"] for one in balances if one["asset"] == "points"] == [0]
    assert Api(make_key(other_shop)).post(path, {"reason": "x"}).status_code == 404
    bought = api.post("purchases/", {"member": shop.member.public_id, "total_minor": 1_000})
    assert bought.status_code == 201
    with in_programme(shop.programme):
        sale = Activity.objects.get(type="purchase").public_id
    refused = api.post(f"activities/{sale}/take-back/", {"reason": "x"})
    assert (refused.status_code, refused.data["code"]) == (400, "is_a_purchase")
