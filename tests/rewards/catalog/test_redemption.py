"""Points become a voucher, once, and come back to where they were when nobody took it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Call
from loyalty.common.errors import Forbidden, Invalid, NotFound, Outdated, Refused, Several
from loyalty.ledger.models import Lot
from loyalty.ledger.verification import verify
from loyalty.outbox.models import Event
from loyalty.tenancy.scope import in_programme
from rewards.catalog.models import Reward, RewardTerms, Voucher
from rewards.catalog.rules import Cost, TermsInput
from rewards.catalog.selectors import next_reward, offers, rewards_affordable, vouchers_usable
from rewards.catalog.services import (
    capture_redemption,
    create_reward,
    edit_reward,
    end_reward,
    import_codes,
    publish_reward,
    redeem_reward,
    release_redemption,
    set_stock,
    void_voucher,
)
from rewards.catalog.tasks import expire_vouchers, release_reservations
from tests.rewards.catalog.rewards_of import give, points, redeem, reward, the_voucher
from tests.world import Shop


def test_points_become_a_voucher_for_thirty_local_days(shop: Shop) -> None:
    wanted = reward(shop)
    give(shop, 250)
    with time_machine.travel(datetime(2026, 3, 1, 18, 30, tzinfo=UTC), tick=False):
        got = redeem(shop, wanted)
    assert (got.state, got.cost_amount, points(got)) == ("issued", 100, 150)
    assert len(got.code) == 14 and got.code.count("-") == 2
    # 18:30 UTC is the 2nd of March in Ho Chi Minh City; thirty days on, to the end of the day.
    assert got.expires_at == datetime(2026, 4, 1, 17, 0, tzinfo=UTC)
    with in_programme(shop.programme):
        types = set(Event.objects.values_list("type", flat=True))
    assert {"reward.redeemed", "balance.changed"} <= types


def test_too_few_points_say_how_many_are_missing(shop: Shop) -> None:
    wanted = reward(shop)
    give(shop, 60)
    with pytest.raises(Refused, match="insufficient_balance") as refused:
        redeem(shop, wanted)
    assert (refused.value.field, refused.value.params["missing"]) == ("reward", 40)
    with in_programme(shop.programme):
        assert not Voucher.objects.exists()


def test_a_retry_gets_the_same_voucher(shop: Shop) -> None:
    wanted = reward(shop)
    give(shop, 250)
    arguments = {"member": shop.member.public_id, "reward": wanted}
    first = redeem_reward(shop.call(key="once"), **arguments)
    assert redeem_reward(shop.call(key="once"), **arguments) == first
    assert points(first) == 150


def test_a_release_returns_points_to_their_lots_with_their_dates(shop: Shop) -> None:
    wanted = reward(shop)
    dies = datetime(2030, 1, 1, tzinfo=UTC)
    give(shop, 70, expires_at=dies)
    give(shop, 50)
    held = redeem(shop, wanted, reserve=True)
    assert (held.state, points(held)) == ("reserved", 20)
    back = release_redemption(shop.call(), voucher=held.voucher)
    assert (back.state, points(back)) == ("void", 120)
    with in_programme(shop.programme):
        assert list(Lot.objects.order_by("id").values_list("remaining", "expires_at")) == [
            (70, dies),
            (50, None),
        ]
    with pytest.raises(Refused, match="not_reserved"):
        capture_redemption(shop.call(), voucher=held.voucher)


def test_a_reservation_is_captured_in_time_or_let_go(shop: Shop) -> None:
    wanted = reward(shop, stock=5)
    give(shop, 200)
    start = datetime.now(UTC)
    first, second = redeem(shop, wanted, reserve=True), redeem(shop, wanted, reserve=True)
    assert capture_redemption(shop.call(), voucher=first.voucher).state == "issued"
    with time_machine.travel(start + timedelta(minutes=16), tick=False):
        with pytest.raises(Refused, match="not_reserved"):
            capture_redemption(shop.call(), voucher=second.voucher)
        assert release_reservations() == 1
        assert release_reservations() == 0
    with in_programme(shop.programme):
        states = Voucher.objects.order_by("id").values_list("state", flat=True)
        assert list(states) == ["issued", "void"]
        assert Reward.objects.get().stock_left == 4


def test_a_cancelled_voucher_gives_its_points_back(shop: Shop) -> None:
    wanted = reward(shop)
    give(shop, 100)
    got = redeem(shop, wanted)
    assert points(void_voucher(shop.call(), voucher=got.voucher, reason="changed her mind")) == 100
    with pytest.raises(Refused, match="voucher_void"):
        void_voucher(shop.call(), voucher=got.voucher)
    with in_programme(shop.programme):
        assert verify().findings == []


def test_stock_runs_out_and_is_filled_again(shop: Shop) -> None:
    wanted = reward(shop, stock=1)
    give(shop, 300)
    redeem(shop, wanted)
    with pytest.raises(Refused, match="out_of_stock"):
        redeem(shop, wanted)
    set_stock(shop.call(), reward=wanted, stock=3)
    redeem(shop, wanted)
    with in_programme(shop.programme):
        assert Reward.objects.get().stock_left == 2


def test_a_member_limit_counts_what_was_not_given_back(shop: Shop) -> None:
    wanted = reward(shop, per_member=1)
    give(shop, 300)
    first = redeem(shop, wanted)
    with pytest.raises(Refused, match="member_limit"):
        redeem(shop, wanted)
    void_voucher(shop.call(), voucher=first.voucher)
    assert redeem(shop, wanted).state == "issued"


def test_published_terms_never_change(shop: Shop) -> None:
    wanted = reward(shop)
    give(shop, 300)
    old = redeem(shop, wanted)
    dearer = TermsInput(
        name_vi="Cà phê",
        kind="amount_off",
        value_minor=9,
        costs=(Cost(asset="points", amount=150),),
    )
    edit_reward(shop.call(), reward=wanted, terms=dearer)
    assert redeem(shop, wanted).cost_amount == 100, "an edit is a draft until it is published"
    publish_reward(shop.call(), reward=wanted)
    with pytest.raises(Refused, match="insufficient_balance"):
        redeem(shop, wanted)
    with in_programme(shop.programme):
        assert RewardTerms.objects.count() == 2
        assert Voucher.objects.get(public_id=old.voucher).terms.kind == "free_product"


def test_an_edit_of_what_somebody_else_changed_is_a_conflict(shop: Shop) -> None:
    wanted = reward(shop)
    terms = TermsInput(name_vi="Cà phê", kind="gift")
    with pytest.raises(Outdated, match="changed_meanwhile"):
        edit_reward(shop.call(), reward=wanted, terms=terms, revision=1)


def test_an_ended_reward_cannot_be_had_and_can_come_back(shop: Shop) -> None:
    wanted = reward(shop)
    give(shop, 300)
    end_reward(shop.call(), reward=wanted)
    with pytest.raises(Refused, match="reward_not_offered"):
        redeem(shop, wanted)
    publish_reward(shop.call(), reward=wanted)
    assert redeem(shop, wanted).state == "issued"


def test_everything_wrong_with_a_draft_is_told_at_once(shop: Shop) -> None:
    wrong = TermsInput(
        kind="percent_off",
        value_bp=20_000,
        costs=(Cost(asset="miles", amount=0),),
        validity="date",
    )
    with pytest.raises(Several) as several:
        create_reward(shop.call(), terms=wrong)
    fields = [error.field for error in several.value.errors]
    assert fields == ["name_vi", "value_bp", "costs.0.asset", "costs.0.amount", "valid_until_on"]


def test_partner_codes_are_each_handed_out_once(shop: Shop) -> None:
    wanted = reward(shop, kind="external_code", skus=(), cost=10)
    give(shop, 100)
    with pytest.raises(Refused, match="out_of_stock"):
        redeem(shop, wanted)
    done = import_codes(shop.call(), reward=wanted, codes=("AAA", "BBB", " AAA ", "BBB"))
    assert (done.added, done.duplicates, done.left) == (2, 2, 2)
    assert import_codes(shop.call(), reward=wanted, codes=("AAA",)).added == 0
    assert [redeem(shop, wanted).external_code for _ in range(2)] == ["AAA", "BBB"]
    with pytest.raises(Refused, match="out_of_stock"):
        redeem(shop, wanted)
    with pytest.raises(Invalid, match="bad_code"):
        import_codes(shop.call(), reward=wanted, codes=("CCC", "\x00"))


def test_a_member_redeems_for_themselves_and_nobody_else(shop: Shop, other_shop: Shop) -> None:
    wanted = reward(shop)
    give(shop, 200)
    ana = Actor(
        programme=shop.programme,
        kind="member",
        id=shop.member.public_id,
        label="Ana",
        permissions=frozenset({"self:redeem"}),
        merchant_id=shop.merchant.pk,
    )
    mine = redeem_reward(Call(ana, "a"), member=shop.member.public_id, reward=wanted)
    assert mine.state == "issued"
    with pytest.raises(NotFound):
        redeem_reward(Call(ana, "b"), member=other_shop.member.public_id, reward=wanted)
    with pytest.raises(Invalid, match="bad_hand_over"):
        redeem_reward(Call(ana, "c"), member=shop.member.public_id, reward=wanted, hand_over=True)
    with pytest.raises(Forbidden):
        void_voucher(Call(ana, "d"), voucher=mine.voucher)


def test_another_programme_has_neither_reward_nor_voucher(shop: Shop, other_shop: Shop) -> None:
    wanted = reward(shop)
    give(shop, 200)
    mine = redeem(shop, wanted)
    with pytest.raises(NotFound, match="reward_not_found"):
        redeem(other_shop, wanted)
    with pytest.raises(NotFound, match="voucher_not_found"):
        void_voucher(other_shop.call(), voucher=mine.voucher)


def test_the_last_day_of_a_voucher(shop: Shop) -> None:
    wanted = reward(shop, validity="days", valid_days=1)
    give(shop, 200)
    start = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        redeem(shop, wanted)
    with in_programme(shop.programme):
        last = datetime(2026, 5, 5, 16, 59, tzinfo=UTC)
        assert len(vouchers_usable(shop.member, at=last)) == 1
        assert vouchers_usable(shop.member, at=last + timedelta(minutes=1)) == []
    with time_machine.travel(last, tick=False):
        assert expire_vouchers() == 0
    with time_machine.travel(last + timedelta(minutes=1), tick=False):
        assert expire_vouchers() == 1
        assert expire_vouchers() == 0
    assert the_voucher(shop).state == "expired"


def test_the_way_to_the_next_reward(shop: Shop) -> None:
    cheap, dear = reward(shop, cost=100), reward(shop, cost=250, name_vi="Bánh")
    give(shop, 150)
    with in_programme(shop.programme):
        coming = next_reward(shop.member)
        assert coming is not None and (coming.reward, coming.missing) == (dear, 100)
        assert [one.reward.public_id for one in rewards_affordable(shop.member)] == [cheap]
        assert [one.best.missing for one in offers(shop.member)] == [0, 100]


def test_handing_over_at_once_uses_the_voucher(shop: Shop) -> None:
    wanted = reward(shop, kind="gift", skus=())
    give(shop, 100)
    got = redeem(shop, wanted, hand_over=True)
    assert got.state == "used"
    assert the_voucher(shop).used_by == "ben"
