"""Duplicates merged and taken apart, households joined and left: no point is lost or made."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loyalty.common.clock import now
from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.ledger import holders
from loyalty.ledger.models import Account, Lot
from loyalty.ledger.selectors import balances
from loyalty.ledger.states import EntryState, LotTerms
from loyalty.ledger.store import StoredBook, open_book, stored_entries
from loyalty.ledger.verification import verify
from loyalty.ledger.writing import write_books
from loyalty.outbox.relay import relay_due
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles import services
from members.profiles.models import Member
from members.profiles.selectors import find_member, has_identifier
from members.profiles.services import NewMember
from tests.world import Shop


class Till:
    """Posts on a member's account as effects do, through the very book."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def join(self, phone: str, **person: object) -> Member:
        done = services.enrol_member(
            self.shop.call(),
            person=NewMember(phone=phone, **person),  # type: ignore[arg-type]
        )
        return self.fresh(done.member)

    def fresh(self, member: str | Member) -> Member:
        public_id = member if isinstance(member, str) else member.public_id
        with in_programme(self.shop.programme):
            return Member.objects.get(public_id=public_id)

    def earn(self, member: Member, amount: int, **terms: object) -> int:
        return self._post(
            member,
            lambda stored: stored.book.credit(
                stored.book.begin("accrual", cause="pur_test", happened_at=now()),
                "points",
                amount,
                reason="test",
                terms=LotTerms(**terms),  # type: ignore[arg-type]
            ),
        )

    def spend(self, member: Member, amount: int) -> int:
        return self._post(
            member,
            lambda stored: stored.book.debit(
                stored.book.begin("redemption", cause="vou_test", happened_at=now()),
                "points",
                amount,
                reason="test",
            ),
        )

    def take_back(self, member: Member, entry: int, amount: int) -> None:
        self._post(
            member,
            lambda stored: (
                stored.book.take_back(
                    stored.book.begin("refund", cause="ref_test", happened_at=now()),
                    stored_entries(stored, [entry])[entry],
                    amount,
                    reason="refund",
                ).entry
            ),
        )

    def give_back(self, member: Member, entry: int, amount: int) -> None:
        self._post(
            member,
            lambda stored: stored.book.give_back(
                stored.book.begin("restore", cause="ref_test", happened_at=now()),
                stored_entries(stored, [entry])[entry],
                amount,
                reason="restored",
            ),
        )

    def _post(self, member: Member, act: object) -> int:
        member = self.fresh(member)
        with in_programme(self.shop.programme):
            stored: StoredBook = open_book(holder_id=member.holder_id, now=now())
            stored.member_id = member.pk
            entry: EntryState = act(stored)  # type: ignore[operator]
            write_books([stored], recorded_at=now())
            return entry.id or 0

    def points(self, member: Member) -> tuple[int, int, int]:
        """What can be spent, what waits, what is owed."""
        member = self.fresh(member)
        with in_programme(self.shop.programme):
            for one in balances(holder_id=member.holder_id):
                if one.asset == "points":
                    return (one.available, one.pending, one.debt)
        return (0, 0, 0)

    def all_points(self) -> int:
        with in_programme(self.shop.programme):
            return sum(Account.objects.values_list("balance", flat=True))

    def adds_up(self) -> None:
        with in_programme(self.shop.programme):
            assert verify().findings == []


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop)


def merge(till: Till, kept: Member, gone: Member) -> holders.Merged:
    return holders.merge_members(
        till.shop.call(), survivor=kept.public_id, loser=gone.public_id, reason="same person"
    )


def test_two_cards_of_one_person_become_one(till: Till) -> None:
    kept, gone = till.join("0912345678"), till.join("0987654321", name="Hoa", email="h@example.com")
    soon, later = now() + timedelta(days=10), now() + timedelta(days=90)
    till.earn(kept, 100, expires_at=later)
    till.earn(gone, 50, expires_at=soon)
    till.earn(gone, 30, ripens_at=soon, expires_at=later)
    done = merge(till, kept, gone)
    assert [(one.asset, one.amount, one.debt) for one in done.moved] == [("points", 80, 0)]
    assert till.points(kept) == (150, 30, 0)
    kept, gone = till.fresh(kept), till.fresh(gone)
    assert (gone.state, gone.merged_into, gone.holder) == ("merged", kept, kept.holder)
    assert kept.name == "Hoa"
    with in_programme(till.shop.programme):
        assert sorted(
            Lot.objects.filter(account__holder=kept.holder).values_list("expires_at", flat=True)
        ) == [soon, later, later]
        for text in ("0987654321", "h@example.com"):
            found = find_member(text)
            assert found is not None
            assert found.member == kept
    till.adds_up()
    # The points that die soonest are still spent first.
    till.spend(kept, 60)
    with in_programme(till.shop.programme):
        assert not Lot.objects.filter(expires_at=soon, is_pending=False, remaining__gt=0).exists()
    till.adds_up()


def test_a_refund_after_a_merge_finds_the_points_where_they_are(till: Till) -> None:
    kept, gone = till.join("0912345678"), till.join("0987654321")
    waiting = till.earn(gone, 40, ripens_at=now() + timedelta(days=7))
    spendable = till.earn(gone, 60)
    merge(till, kept, gone)
    till.take_back(gone, waiting, 40)
    assert till.points(kept) == (60, 0, 0)
    till.take_back(gone, spendable, 60)
    assert till.points(kept) == (0, 0, 0)
    till.adds_up()


def test_what_the_merged_card_had_spent_comes_back_to_the_survivor(till: Till) -> None:
    kept, gone = till.join("0912345678"), till.join("0987654321")
    till.earn(gone, 100, expires_at=now() + timedelta(days=9))
    paid = till.spend(gone, 100)
    merge(till, kept, gone)
    assert till.points(kept) == (0, 0, 0)
    till.give_back(gone, paid, 70)
    till.give_back(gone, paid, 30)
    assert till.points(kept) == (100, 0, 0)
    till.adds_up()


def test_a_debt_comes_along_and_is_filled(till: Till) -> None:
    kept, gone = till.join("0912345678"), till.join("0987654321")
    bought = till.earn(gone, 80)
    till.spend(gone, 80)
    till.take_back(gone, bought, 80)
    assert till.points(gone) == (-80, 0, 80)
    till.earn(kept, 50)
    merge(till, kept, gone)
    assert till.points(kept) == (-30, 0, 30)
    till.adds_up()
    till.earn(kept, 40)
    assert till.points(kept) == (10, 0, 0)
    till.adds_up()


def test_points_fill_the_debt_of_the_card_they_come_to(till: Till) -> None:
    kept, gone = till.join("0912345678"), till.join("0987654321")
    bought = till.earn(kept, 80)
    till.spend(kept, 80)
    till.take_back(kept, bought, 80)
    till.earn(gone, 100)
    merge(till, kept, gone)
    assert till.points(kept) == (20, 0, 0)
    till.adds_up()


def test_a_merge_is_taken_back(till: Till) -> None:
    kept, gone = till.join("0912345678"), till.join("0987654321", name="Hoa")
    till.earn(kept, 100)
    till.earn(gone, 50)
    third = till.join("0977777777")
    till.earn(third, 7)
    merge(till, gone, third)
    done = merge(till, kept, gone)
    assert till.points(kept) == (157, 0, 0)
    till.earn(kept, 20)
    holders.unmerge_members(till.shop.call(), merge=done.merge)
    assert till.points(kept) == (120, 0, 0)
    assert till.points(gone) == (57, 0, 0)
    till.adds_up()
    gone = till.fresh(gone)
    assert (gone.state, till.fresh(kept).name) == ("active", "")
    assert till.fresh(third).holder == gone.holder
    with in_programme(till.shop.programme):
        for phone in ("0987654321", "0977777777"):
            found = find_member(phone)
            assert found is not None
            assert found.member == gone
    with pytest.raises(Refused, match="merge_undone"):
        holders.unmerge_members(till.shop.call(), merge=done.merge)
    again = merge(till, kept, gone)
    assert till.points(kept) == (177, 0, 0)
    assert again.merge != done.merge
    till.adds_up()


def test_what_was_spent_meanwhile_stays_spent(till: Till) -> None:
    kept, gone = till.join("0912345678"), till.join("0987654321")
    till.earn(kept, 10)
    till.earn(gone, 50)
    done = merge(till, kept, gone)
    till.spend(kept, 45)
    holders.unmerge_members(till.shop.call(), merge=done.merge)
    assert till.points(kept)[0] + till.points(gone)[0] == 15
    till.adds_up()


def test_merging_refuses_what_makes_no_sense(till: Till, other_shop: Shop) -> None:
    kept, gone = till.join("0912345678"), till.join("0987654321")
    with pytest.raises(Invalid, match="same_card"):
        merge(till, kept, kept)
    with pytest.raises(NotFound):
        holders.merge_members(
            till.shop.call(), survivor=kept.public_id, loser=other_shop.member.public_id
        )
    merge(till, kept, gone)
    with pytest.raises(Refused, match="member_not_active"):
        merge(till, kept, gone)
    with pytest.raises(NotFound):
        holders.unmerge_members(till.shop.call(), merge="mrg_nothing")


def test_a_household_earns_and_spends_together(till: Till) -> None:
    hoa, minh = till.join("0912345678"), till.join("0987654321")
    till.earn(hoa, 30)
    bought = till.earn(minh, 40)
    joined = holders.join_household(till.shop.call(), member=minh.public_id, other=hoa.public_id)
    assert set(joined.members) == {hoa.public_id, minh.public_id}
    assert till.points(hoa) == till.points(minh) == (70, 0, 0)
    paid = till.spend(minh, 60)
    assert till.points(hoa) == (10, 0, 0)
    till.give_back(hoa, paid, 60)
    till.take_back(minh, bought, 40)
    assert till.points(minh) == (30, 0, 0)
    till.adds_up()
    with pytest.raises(Refused, match="same_household"):
        holders.join_household(till.shop.call(), member=minh.public_id, other=hoa.public_id)


def test_leaving_takes_ones_own_points_and_leaves_the_rest(till: Till) -> None:
    hoa, minh = till.join("0912345678"), till.join("0987654321")
    till.earn(hoa, 30, expires_at=now() + timedelta(days=3))
    bought = till.earn(minh, 40, expires_at=now() + timedelta(days=30))
    holders.join_household(till.shop.call(), member=minh.public_id, other=hoa.public_id)
    paid = till.spend(minh, 35)  # Hoa's thirty die first, so they go first
    left = holders.leave_household(till.shop.call(), member=minh.public_id)
    assert left.members == (minh.public_id,)
    assert till.points(minh) == (35, 0, 0)
    assert till.points(hoa) == (0, 0, 0)
    till.adds_up()
    # The refund of what Minh paid in the household: Minh's five into their lot, Hoa's as new ones.
    till.give_back(minh, paid, 20)
    till.give_back(minh, paid, 15)
    assert till.points(minh) == (70, 0, 0)
    with pytest.raises(AssertionError, match="More is put back"):
        till.give_back(minh, paid, 1)
    till.take_back(minh, bought, 40)
    assert till.points(minh) == (30, 0, 0)
    till.adds_up()
    with pytest.raises(Refused, match="no_household"):
        holders.leave_household(till.shop.call(), member=minh.public_id)


def test_one_who_lives_in_a_household_is_not_merged_away(till: Till) -> None:
    hoa, minh, lan = till.join("0912345678"), till.join("0987654321"), till.join("0977777777")
    holders.join_household(till.shop.call(), member=minh.public_id, other=hoa.public_id)
    with pytest.raises(Refused, match="leave_household_first"):
        merge(till, lan, minh)
    # Two cards of one household are one account already: nothing moves.
    till.earn(hoa, 5)
    assert merge(till, hoa, minh).moved == ()
    assert till.points(hoa) == (5, 0, 0)
    till.adds_up()


def test_who_is_forgotten_leaves_no_liability(till: Till) -> None:
    hoa = till.join("0912345678")
    till.earn(hoa, 30)
    services.erase_member(till.shop.call(), member=hoa.public_id)
    done = holders.forfeit_balances(till.shop.call(), member=hoa.public_id)
    assert done.amounts == {"points": 30}
    assert till.all_points() == 0
    till.adds_up()


def test_nobody_forfeits_while_alive(till: Till) -> None:
    hoa = till.join("0912345678")
    till.earn(hoa, 30)
    holders.forfeit_balances(till.shop.call(), member=hoa.public_id)
    assert till.points(hoa) == (30, 0, 0)


def test_the_relay_forfeits_what_the_forgotten_left(till: Till) -> None:
    hoa = till.join("0912345678")
    till.earn(hoa, 30)
    services.erase_member(till.shop.call(), member=hoa.public_id)
    while relay_due():
        pass
    assert till.all_points() == 0
    till.adds_up()


def test_a_numbered_card_is_given_to_those_who_come_often(till: Till) -> None:
    programme = till.shop.programme
    programme.card_policy, programme.card_after_visits = "frequency", 3
    programme.save()
    hoa = till.join("0912345678")
    for visit in range(1, 4):
        sale = SaleInput(total_minor=50_000)
        record_purchase(till.shop.call(), member=hoa.public_id, sale=sale)
        while relay_due():
            pass
        with in_programme(programme):
            assert has_identifier(hoa.public_id, "card") == (visit == 3)
