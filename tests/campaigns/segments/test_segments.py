"""Segments from the first condition to the last rule that asks for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaigns.segments import selectors
from campaigns.segments.models import Segment, SegmentVersion
from campaigns.segments.rules import circle
from campaigns.segments.services import (
    archive_segment,
    count_segment,
    edit_segment,
    restore_segment,
    take_list,
)
from campaigns.segments.services import taking as taking_service
from campaigns.segments.tasks import count_segments, take_lists
from loyalty.commands.models import Command
from loyalty.common.clock import now, played_at
from loyalty.common.errors import Conflict, DomainError, Invalid, NotFound, Outdated, Refused
from loyalty.engine.conditions import parse
from loyalty.engine.models import MemberStatus
from loyalty.engine.publishing import create_rule, end_rule, publish_rule
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from tests.campaigns.segments.segments_of import (
    REGULARS,
    WON,
    bought,
    fresh,
    names,
    newcomer,
    segment,
)
from tests.rewards.points.rules_of import buy, earning, points
from tests.tiers.trials import trials_of
from tests.world import Shop

VIP = [{"fact": "member.tags", "op": "contains", "value": "vip"}]
FOR_REGULARS = [{"fact": "segment", "op": "eq", "value": "regulars"}]


def _tag(shop: Shop, member: Member, *tags: str) -> None:
    with in_programme(shop.programme):
        Member.objects.filter(pk=member.pk).update(tags=list(tags))


def _members(shop: Shop, code: str) -> list[str]:
    with in_programme(shop.programme):
        row = selectors.access_segment(code)
        return names(selectors.members_of(row, programme=shop.programme))


def test_a_rule_for_a_segment_counts_for_whoever_is_in_it_at_the_moment(shop: Shop) -> None:
    segment(shop)
    earning(shop, audience=FOR_REGULARS)
    fresh(shop)
    bought(shop, shop.member, 100, 40, 3)
    assert buy(shop, 100_000).effects == ()  # the third within ninety days
    assert points(buy(shop, 100_000)) == 10  # three before it
    with played_at(now() + timedelta(days=200)):
        assert buy(shop, 100_000).effects == ()


def test_a_late_receipt_is_judged_by_the_segment_of_its_day(shop: Shop) -> None:
    with played_at(now() - timedelta(days=10)):
        made = segment(shop, conditions=VIP)
        earning(shop, audience=FOR_REGULARS)
    _tag(shop, shop.member, "vip")
    edit_segment(
        shop.call(),
        segment=made.id,
        changes={"conditions": [{"fact": "member.tags", "op": "contains", "value": "gold"}]},
    )
    fresh(shop)
    assert buy(shop, 100_000).effects == ()
    yesterday = now() - timedelta(days=1)
    assert points(buy(shop, 100_000, happened_at=yesterday)) == 10
    with in_programme(shop.programme):
        assert [row.since is None for row in SegmentVersion.objects.order_by("number")] == [
            True,
            False,
        ]


def test_a_frozen_list_stays_until_it_is_taken_anew(shop: Shop) -> None:
    dan = newcomer(shop, "Dan", tags=["vip"])
    made = segment(shop, "launch", kind="frozen", conditions=VIP)
    earning(shop, audience=[{"fact": "segment", "op": "in", "value": ["launch"]}])
    _tag(shop, shop.member, "vip")
    fresh(shop)
    assert _members(shop, "launch") == []
    taken = take_list(shop.call(), segment=made.id)
    assert (taken.counted_members, taken.progress) == (2, None)
    fresh(shop)
    _tag(shop, shop.member)
    assert points(buy(shop, 100_000)) == 10, "on the list, whatever became of the tag"
    assert _members(shop, "launch") == ["Ana", "Dan"]
    take_list(shop.call(), segment=made.id)
    fresh(shop)
    assert buy(shop, 100_000).effects == ()
    assert _members(shop, "launch") == ["Dan"]
    with in_programme(shop.programme):
        assert list(MemberStatus.objects.values_list("member", "value")) == [(dan.pk, "2")]


def test_a_long_list_is_taken_in_stretches_and_goes_on_where_it_stopped(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_service, "STRETCH", 3)
    for number in range(7):
        newcomer(shop, f"Vip {number}", tags=["vip"])
    made = segment(shop, "launch", kind="frozen", conditions=VIP)
    first = take_list(shop.call(), segment="launch")
    assert first.progress is not None
    assert (first.progress.looked_at, first.progress.to_look_at) == (3, 7)
    with pytest.raises(Refused, match="taking_under_way"):
        take_list(shop.call(), segment=made.id)
    with pytest.raises(Refused, match="taking_under_way"):
        edit_segment(shop.call(), segment=made.id, changes={"conditions": REGULARS})
    assert _members(shop, "launch") == [], "no list before the first is done"
    assert take_lists() == 2
    assert take_lists() == 0
    fresh(shop)
    assert len(_members(shop, "launch")) == 7


def test_who_comes_in_is_in_at_once_and_who_goes_leaves_in_the_end(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_service, "STRETCH", 1)
    made = segment(shop, "launch", kind="frozen", conditions=VIP)
    _tag(shop, shop.member, "vip")
    last = newcomer(shop, "Last", tags=["vip"])
    take_list(shop.call(), segment=made.id)
    take_lists()
    _tag(shop, last)
    first, second = (newcomer(shop, name, tags=["vip"]) for name in ("First", "Second"))
    take_list(shop.call(), segment=made.id)
    assert _members(shop, "launch") == ["Ana", "Last"]
    call_key = "by-hand"
    taking_service.go_on_taking(shop.call(key=call_key), segment=made.id)
    assert _members(shop, "launch") == ["Ana", "First", "Last"]
    taking_service.go_on_taking(shop.call(key=call_key), segment=made.id)
    assert _members(shop, "launch") == ["Ana", "First", "Last"], "the same stretch is taken once"
    take_lists()
    assert _members(shop, "launch") == ["Ana", "First", "Second"]
    assert first.pk < second.pk


def test_counts_are_exact_where_the_database_can_tell(
    shop: Shop, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        member = newcomer(shop, f"Member {number}")
        bought(shop, member, *range(1, 1 + number))
    with in_programme(shop.programme), django_assert_max_num_queries(3):
        found = selectors.counted(parse(REGULARS), programme=shop.programme)
    assert (found.members, found.of_members, found.is_exact) == (3, 7, True)
    with in_programme(shop.programme):
        moved = selectors.moved(
            parse(REGULARS),
            parse([{"fact": "purchases.count", "op": "lte", "value": 3}]),
            programme=shop.programme,
        )
    assert (moved.entering, moved.leaving, moved.is_exact) == (4, 2, True)


def test_what_only_facts_can_tell_is_worked_out_from_a_part_and_listed_for_pages(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials_of.trial(shop)
    trials_of.take(shop, hand_over=True)
    trials_of.buy(shop)
    for number in range(4):
        newcomer(shop, f"Member {number}")
    made = segment(shop, "won", conditions=WON)
    assert (made.counted_members, made.counted_at is not None) == (1, True)
    with in_programme(shop.programme):
        assert names(selectors.sample(parse(WON), programme=shop.programme)) == ["Ana"]
    monkeypatch.setattr(selectors, "LOOK", 2)
    with in_programme(shop.programme):
        found = selectors.counted(parse(WON), programme=shop.programme)
        assert (found.is_exact, found.looked_at) == (False, 2)
    with pytest.raises(Refused, match="list_not_taken"):
        _members(shop, "won")
    assert count_segments() == 1
    assert count_segments() == 0
    assert _members(shop, "won") == ["Ana"]
    earning(shop, audience=[{"fact": "segment", "op": "eq", "value": "won"}])
    fresh(shop)
    assert points(buy(shop, 100_000)) == 10


def test_a_segment_may_lean_on_others_but_not_on_itself(shop: Shop) -> None:
    first = segment(shop, "vips", conditions=VIP)
    segment(shop, "loyal", conditions=[{"fact": "segment", "op": "in", "value": ["vips"]}])
    with pytest.raises(Invalid) as refused:
        edit_segment(
            shop.call(),
            segment=first.id,
            changes={"conditions": [*VIP, {"fact": "segment", "op": "eq", "value": "loyal"}]},
        )
    assert refused.value.code == "segment_circle"
    assert refused.value.field == "conditions.1.value"
    assert "vips → loyal → vips" in str(refused.value.message)
    with pytest.raises(Invalid, match="segment_circle"):
        segment(shop, "me", conditions=[{"fact": "segment", "op": "not_in", "value": ["me"]}])
    _tag(shop, shop.member, "vip")
    assert _members(shop, "loyal") == ["Ana"]


def test_the_way_round_is_found_however_long() -> None:
    assert circle("a", {"a": ["b", "c"], "b": ["d"], "c": [], "d": ["a"]}) == ["a", "b", "d", "a"]
    assert circle("a", {"a": ["b"], "b": ["c"], "c": ["b"]}) == []


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"conditions": []}, "conditions", "bad_conditions"),
        ({"conditions": VIP * 51}, "conditions", "bad_conditions"),
        (
            {"conditions": [{"fact": "x", "op": "eq", "value": 1}]},
            "conditions.0.fact",
            "unknown_fact",
        ),
        (
            {"conditions": [*VIP, {"fact": "location", "op": "eq", "value": "loc_x"}]},
            "conditions.1.fact",
            "fact_of_activity",
        ),
        (
            {"conditions": [{"fact": "segment", "op": "eq", "value": "nobody"}]},
            "conditions.0.value",
            "unknown_value",
        ),
        (
            {"conditions": [{"fact": "purchases.spent", "op": "gte", "value": "much"}]},
            "conditions.0.value",
            "wrong_type",
        ),
        ({"name": "  "}, "name", "required"),
        ({"name": "x" * 121}, "name", "invalid_value"),
        ({"kind": "liquid"}, "kind", "invalid_value"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(
    shop: Shop, values: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        segment(shop, "odd", **values)
    assert (refused.value.field, refused.value.code) == (field, code)
    with in_programme(shop.programme):
        assert not Segment.objects.exists()


@pytest.mark.parametrize("code", ["", "Quán quen", "-x", "x" * 41, "UPPER"])
def test_a_code_is_small_letters_digits_and_hyphens(shop: Shop, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        segment(shop, code, name="Odd")
    assert refused.value.field == "code"


def test_a_code_is_taken_for_good(shop: Shop, other_shop: Shop) -> None:
    made = segment(shop)
    archive_segment(shop.call(), segment=made.id)
    with pytest.raises(Conflict, match="code_taken"):
        segment(shop)
    assert segment(other_shop).code == "regulars"


def test_what_is_asked_for_is_not_put_away(shop: Shop) -> None:
    made = segment(shop)
    rule = earning(shop, name="For regulars", audience=FOR_REGULARS)
    leaning = segment(shop, "more", conditions=FOR_REGULARS)
    with pytest.raises(Refused) as refused:
        archive_segment(shop.call(), segment=made.id)
    assert refused.value.params == {
        "rules": [rule.rule],
        "segments": [leaning.id],
        "reserved": [],
    }
    assert "For regulars" in str(refused.value.message)
    archive_segment(shop.call(), segment=leaning.id)
    end_rule(shop.call(), rule=rule.rule)
    archive_segment(shop.call(), segment=made.id)
    with pytest.raises(DomainError, match="unknown_value"):
        earning(shop, audience=FOR_REGULARS)
    with pytest.raises(Invalid, match="unknown_value"):
        restore_segment(shop.call(), segment=leaning.id)
    restore_segment(shop.call(), segment=made.id)
    restore_segment(shop.call(), segment=leaning.id)
    earning(shop, audience=FOR_REGULARS)


def test_a_draft_does_not_keep_a_segment_and_is_not_published_without_it(shop: Shop) -> None:
    made = segment(shop)
    values = {"name": "Bonus", "points": 1, "per_minor": 10_000, "audience": FOR_REGULARS}
    draft = create_rule(shop.call(), kind="points.earning_rule", values=values)
    archive_segment(shop.call(), segment=made.id)
    with pytest.raises(Invalid) as refused:
        publish_rule(shop.call(), rule=draft.rule)
    assert refused.value.field == "audience.0.value"


def test_an_old_receipt_still_finds_what_was_put_away(shop: Shop) -> None:
    made = segment(shop, conditions=VIP)
    _tag(shop, shop.member, "vip")
    rule = earning(shop, audience=FOR_REGULARS)
    hour_ago = now() - timedelta(hours=1)
    end_rule(shop.call(), rule=rule.rule)
    archive_segment(shop.call(), segment=made.id)
    fresh(shop)
    assert buy(shop, 100_000, happened_at=hour_ago).effects == ()


def test_two_at_once_do_not_overwrite_each_other(shop: Shop) -> None:
    made = segment(shop)
    edit_segment(shop.call(), segment=made.id, changes={"name": "New"}, revision=made.revision)
    with pytest.raises(Outdated):
        edit_segment(shop.call(), segment=made.id, changes={"name": "Old"}, revision=made.revision)
    with in_programme(shop.programme):
        assert selectors.access_segment("regulars").version == 1, "a name is no new version"


def test_another_programmes_segment_does_not_exist(shop: Shop, other_shop: Shop) -> None:
    made = segment(other_shop)
    for move in (archive_segment, restore_segment, take_list, count_segment):
        with pytest.raises(NotFound):
            move(shop.call(), segment=made.id)
    with pytest.raises(NotFound):
        edit_segment(shop.call(), segment=made.id, changes={"name": "Mine"})


def test_an_edit_tells_the_audit_trail_who_came_and_went(shop: Shop) -> None:
    newcomer(shop, "Dan", tags=["vip"])
    made = segment(shop, conditions=VIP)
    edit_segment(
        shop.call(),
        segment=made.id,
        changes={"conditions": [{"fact": "member.tags", "op": "lacks", "value": "vip"}]},
    )
    with in_programme(shop.programme):
        changes = Command.objects.filter(name="segments.edit_segment").get().changes
    assert (changes["entering"], changes["leaving"]) == (1, 1)


def test_rules_for_segments_cost_no_query_each(
    shop: Shop, django_assert_max_num_queries: Any
) -> None:
    """Ten rules for ten segments over the same facts ask the database no more than one does."""

    def sell() -> int:
        with django_assert_max_num_queries(60) as captured:
            buy(shop, 10_000)
        return len(captured)

    often = [{"fact": "purchases.count_90d", "op": "gte", "value": 300}]
    segment(shop, "s0", conditions=often)
    earning(shop, audience=[{"fact": "segment", "op": "eq", "value": "s0"}])
    fresh(shop)
    buy(shop, 10_000)
    one = sell()
    for number in range(1, 10):
        segment(shop, f"s{number}", conditions=[*often, *VIP])
        earning(shop, audience=[{"fact": "segment", "op": "eq", "value": f"s{number}"}])
    fresh(shop)
    buy(shop, 10_000)
    assert sell() == one


def test_a_sale_knows_nothing_of_itself(shop: Shop) -> None:
    segment(shop, conditions=[{"fact": "purchases.days_since", "op": "gte", "value": 0}])
    earning(shop, audience=FOR_REGULARS)
    fresh(shop)
    assert buy(shop, 100_000).effects == ()
    assert points(buy(shop, 100_000)) == 10
