"""A rule's life: draft, published, edited by a successor; refunds keep to the rule of their day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from loyalty.common.errors import Conflict, NotFound, Refused
from loyalty.engine.models import RuleBudget
from loyalty.engine.publishing import (
    create_rule,
    discard_draft,
    edit_rule,
    end_rule,
    pause_rule,
    publish_rule,
    resume_rule,
)
from loyalty.sales.services import refund_purchase
from loyalty.tenancy.scope import in_programme
from tests.rewards.points.rules_of import buy, earning, points
from tests.world import Shop

START = datetime(2026, 3, 1, 3, tzinfo=UTC)
KIND = "points.earning_rule"


def test_a_draft_earns_nothing_until_it_is_published(shop: Shop) -> None:
    draft = create_rule(shop.call(), kind=KIND, values={"name": "x", "per_minor": 10_000})
    assert points(buy(shop, 100_000)) == 0
    live = publish_rule(shop.call(), rule=draft.rule, revision=draft.revision)
    assert (live.state, points(buy(shop, 100_000))) == ("live", 10)


def test_the_rule_of_that_day_is_refunded(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        rule = earning(shop)
        old = buy(shop, 100_000)
        clock.shift(timedelta(hours=1))
        draft = edit_rule(shop.call(), rule=rule.rule, values={"points": 2})
        assert (draft.state, draft.version, draft.replaces) == ("draft", 2, rule.rule)
        assert points(buy(shop, 100_000)) == 20
        clock.shift(timedelta(hours=1))
        publish_rule(shop.call(), rule=draft.rule)
        assert points(buy(shop, 100_000)) == 40
        # The purchase of the first hour brought 10, not 20, and that is what falls.
        assert points(refund_purchase(shop.call(), purchase=old.purchase)) == 30
        # A receipt of the first hour that turns up only now earns by the rule of its hour.
        assert points(buy(shop, 100_000, happened_at=START + timedelta(minutes=5))) == 40


def test_a_version_that_never_awarded_leaves_no_past(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        rule = earning(shop)
        clock.shift(timedelta(hours=1))
        draft = edit_rule(shop.call(), rule=rule.rule, values={"points": 2})
        publish_rule(shop.call(), rule=draft.rule)
        assert points(buy(shop, 100_000, happened_at=START - timedelta(days=400))) == 20


def test_a_successor_of_tomorrow_lets_the_old_rule_live_until_then(shop: Shop) -> None:
    with time_machine.travel(START, tick=False) as clock:
        rule = earning(shop)
        tomorrow = START + timedelta(days=1)
        draft = edit_rule(
            shop.call(), rule=rule.rule, values={"points": 2, "starts_at": tomorrow.isoformat()}
        )
        publish_rule(shop.call(), rule=draft.rule)
        assert points(buy(shop, 100_000)) == 10
        clock.move_to(tomorrow)
        assert points(buy(shop, 100_000)) == 30


def test_two_editors_do_not_overwrite_each_other(shop: Shop) -> None:
    draft = create_rule(shop.call(), kind=KIND, values={"name": "x", "per_minor": 10_000})
    edit_rule(shop.call(), rule=draft.rule, values={"points": 2}, revision=1)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        edit_rule(shop.call(), rule=draft.rule, values={"points": 3}, revision=1)


def test_one_draft_at_a_time_replaces_a_rule(shop: Shop) -> None:
    rule = earning(shop)
    first = edit_rule(shop.call(), rule=rule.rule, values={"points": 2})
    with pytest.raises(Conflict, match="draft_exists") as caught:
        edit_rule(shop.call(), rule=rule.rule, values={"points": 3})
    assert caught.value.params == {"draft": first.rule}
    discard_draft(shop.call(), rule=first.rule)
    edit_rule(shop.call(), rule=rule.rule, values={"points": 3})


def test_paused_rules_rest_and_ended_rules_stay_ended(shop: Shop) -> None:
    rule = earning(shop).rule
    pause_rule(shop.call(), rule=rule)
    assert points(buy(shop, 100_000)) == 0
    resume_rule(shop.call(), rule=rule)
    assert points(buy(shop, 100_000)) == 10
    end_rule(shop.call(), rule=rule)
    assert points(buy(shop, 100_000)) == 10
    for act in (pause_rule, resume_rule, end_rule, publish_rule):
        with pytest.raises(Refused):
            act(shop.call(), rule=rule)
    with pytest.raises(Refused, match="rule_ended"):
        edit_rule(shop.call(), rule=rule, values={"points": 2})


def test_a_pilot_is_for_its_group_alone(shop: Shop) -> None:
    values = {
        "name": "Try",
        "per_minor": 10_000,
        "pilot_audience": [{"fact": "member.tags", "op": "contains", "value": "friend"}],
    }
    draft = create_rule(shop.call(), kind=KIND, values=values)
    publish_rule(shop.call(), rule=draft.rule, pilot=True)
    assert points(buy(shop, 100_000)) == 0
    with in_programme(shop.programme):
        shop.member.tags = ["friend"]
        shop.member.save()
    assert points(buy(shop, 100_000)) == 10
    publish_rule(shop.call(), rule=draft.rule)


def test_the_budget_covers_all_versions(shop: Shop) -> None:
    rule = earning(shop, budget=15)
    buy(shop, 100_000)
    draft = edit_rule(shop.call(), rule=rule.rule, values={"name": "Renamed"})
    again = publish_rule(shop.call(), rule=draft.rule)
    assert again.budget_spent == 10
    assert points(buy(shop, 100_000)) == 15
    with in_programme(shop.programme):
        assert RuleBudget.objects.get(rule=again.rule).spent == 15


def test_limits_cover_all_versions(shop: Shop) -> None:
    rule = earning(shop, limits=[{"maximum": 15, "period": "day"}])
    buy(shop, 100_000)
    draft = edit_rule(shop.call(), rule=rule.rule, values={"name": "Renamed"})
    publish_rule(shop.call(), rule=draft.rule)
    assert points(buy(shop, 100_000)) == 15


def test_a_dry_publication_changes_nothing(shop: Shop) -> None:
    draft = create_rule(shop.call(), kind=KIND, values={"name": "x", "per_minor": 10_000})
    publish_rule(shop.call(dry_run=True), rule=draft.rule)
    assert points(buy(shop, 100_000)) == 0


def test_rules_of_another_programme_are_not_found(shop: Shop, other_shop: Shop) -> None:
    rule = earning(other_shop).rule
    for act in (publish_rule, pause_rule, end_rule, discard_draft):
        with pytest.raises(NotFound):
            act(shop.call(), rule=rule)
    with pytest.raises(NotFound):
        edit_rule(shop.call(), rule=rule, values={"points": 3})


def test_weekdays_and_hours_are_those_of_the_programme(shop: Shop) -> None:
    # Sunday 1 March 2026, 10:00 in Saigon
    with time_machine.travel(START, tick=False) as clock:
        earning(shop, weekdays=[7], minute_from=22 * 60, minute_to=2 * 60)
        assert points(buy(shop, 100_000)) == 0
        clock.shift(timedelta(hours=15))  # Monday 1:00 still belongs to Sunday night
        assert points(buy(shop, 100_000)) == 10
        clock.shift(timedelta(days=1))
        assert points(buy(shop, 100_000)) == 10
