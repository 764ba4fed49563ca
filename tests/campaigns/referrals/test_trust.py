"""Who may come by a code, what looks wrong, who decides, and what becomes of merged or erased cards."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.referrals.rules.codes import clean_code, new_code
from campaigns.referrals.rules.suspicions import Person, Seen, last_digits, one_mailbox, suspicions
from tests.campaigns.referrals.invites import Scheme
from tests.world import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def scheme(shop: Shop) -> Scheme:
    return Scheme(shop, return_days=0)


def refused(answer: Any) -> tuple[int, str, str]:
    return answer.status_code, answer.data["code"], answer.data.get("field", "")


def errors_of(answer: Any) -> str:
    return str(answer.data["code"])


def test_codes_that_are_none(scheme: Scheme, other_shop: Shop) -> None:
    elsewhere = Scheme(other_shop)
    foreign = elsewhere.code(elsewhere.join("Cleo"))
    for code in (new_code(), foreign, "AEIOU", "K7QM-4TX", "x" * 40, "<script>"):
        answer = scheme.try_join(code=code)
        assert (answer.status_code, errors_of(answer)) == (404, "unknown_code"), code
    assert scheme.did(scheme.ask("GET", "referrals/"))["data"] == []


def test_a_code_ends_with_its_programme(scheme: Scheme) -> None:
    ana = scheme.join("Ana")
    code = scheme.code(ana)
    scheme.end()
    assert errors_of(scheme.try_join(code=code)) == "code_ended"
    scheme.join("Bo")


def test_nobody_invites_themself(scheme: Scheme) -> None:
    ana = scheme.join("Ana")
    answer = scheme.ask("POST", f"members/{ana}/referred-by/", {"code": scheme.code(ana)})
    assert (answer.status_code, errors_of(answer)) == (422, "own_code")


def test_friends_do_not_invite_each_other_in_a_ring(scheme: Scheme) -> None:
    ana = scheme.join("Ana")
    bo = scheme.join("Bo", code=scheme.code(ana))
    dan = scheme.join("Dan", code=scheme.code(bo))
    for friend in (bo, dan):
        answer = scheme.ask("POST", f"members/{ana}/referred-by/", {"code": scheme.code(friend)})
        assert (answer.status_code, errors_of(answer)) == (422, "invited_by_you")
        assert answer.data["errors"][0]["pointer"] == "/code"
    stranger = scheme.code(scheme.join("Eve"))
    claimed = scheme.ask("POST", f"members/{ana}/referred-by/", {"code": stranger})
    assert scheme.did(claimed)["state"] == "joined"


def test_who_forgot_the_code_has_a_day_and_no_purchase_yet(scheme: Scheme) -> None:
    code = scheme.code(scheme.join("Ana"))
    bo, dan, eve = scheme.join("Bo"), scheme.join("Dan"), scheme.join("Eve")

    def claim(friend: str, given: str = code) -> Any:
        return scheme.ask("POST", f"members/{friend}/referred-by/", {"code": given})

    assert scheme.did(claim(bo))["state"] == "joined"
    second = claim(bo, scheme.code(dan))
    assert (second.status_code, errors_of(second)) == (422, "already_invited")
    scheme.buy(dan)
    assert errors_of(claim(dan)) == "joined_before"
    scheme.pass_days(1, hours=1)
    assert errors_of(claim(eve)) == "joined_before"
    old = scheme.try_join("Old", code=code, joined_at="2025-01-01T00:00:00Z")
    assert errors_of(old) == "joined_before", "brought along from an older scheme"


def held(scheme: Scheme, friend: str, *reasons: str) -> None:
    scheme.buy(friend)
    scheme.work()
    told = scheme.referral(friend)
    assert (told["state"], tuple(told["reasons"])) == ("held", reasons)


def test_one_person_with_two_phones_is_looked_at(scheme: Scheme) -> None:
    born = {"birthday": "1994-05-21"}
    ana = scheme.join("Nguyễn Thị Hoa", email="hoa.nguyen@gmail.com", **born)
    bo = scheme.join("nguyen thi hoa", code=scheme.code(ana), **born)
    held(scheme, bo, "same_person")
    eve = scheme.join("Eve", code=scheme.code(ana), email="hoanguyen+2@googlemail.com")
    held(scheme, eve, "alike_email")
    assert scheme.balance(ana) == 0


def test_a_person_who_was_here_before_is_looked_at(scheme: Scheme) -> None:
    born = {"birthday": "1994-05-21"}
    scheme.join("Dan", **born)
    bo = scheme.join("Dan", code=scheme.code(scheme.join("Ana")), **born)
    held(scheme, bo, "known_person")


def test_one_device_is_looked_at(scheme: Scheme) -> None:
    code = scheme.code(scheme.join("Ana"))
    bo = scheme.join("Bo", code=code, device="phone-1")
    dan = scheme.join("Dan", code=code, device="phone-1")
    scheme.buy(bo)
    held(scheme, dan, "same_device")
    # Bo joined before Dan did, and is looked at again when it comes to paying.
    assert scheme.state(bo) == "held"


def test_a_burst_is_looked_at(shop: Shop) -> None:
    scheme = Scheme(shop, return_days=0, hold_per_hour=2)
    code = scheme.code(scheme.join("Ana"))
    friends = [scheme.join(code=code) for _friend in range(3)]
    held(scheme, friends[2], "burst")
    scheme.buy(friends[0])
    scheme.work()
    assert scheme.state(friends[0]) == "paid"


def test_a_household_made_meanwhile_is_looked_at(shop: Shop) -> None:
    scheme = Scheme(shop)
    ana, bo = scheme.pair()
    scheme.buy(bo)
    scheme.work()
    assert scheme.state(bo) == "bought"
    scheme.did(scheme.ask("POST", f"members/{bo}/household/", {"member": ana}))
    scheme.pass_days(15)
    assert scheme.referral(bo)["reasons"] == ["same_household"]
    assert scheme.state(bo) == "held"


def test_release_pays_once_and_reject_never(scheme: Scheme) -> None:
    code = scheme.code(ana := scheme.join("Ana"))
    bo = scheme.join("Bo", code=code, device="d")
    dan = scheme.join("Dan", code=code, device="d")
    for friend in (bo, dan):
        held(scheme, friend, "same_device")
    assert len(scheme.did(scheme.ask("GET", "referrals/?state=held"))["data"]) == 2
    assert errors_of(scheme.review(bo, "release", "")) in ("invalid", "blank", "required")
    scheme.did(scheme.review(bo, "release", "Two sisters, one tablet"))
    again = scheme.review(bo, "release")
    assert (again.status_code, errors_of(again)) == (422, "not_held")
    assert errors_of(scheme.review(bo, "reject")) == "not_held"
    scheme.did(scheme.review(dan, "reject", "The same person again"))
    assert errors_of(scheme.review(dan, "release")) == "not_held"
    scheme.pass_days(30)
    assert (scheme.state(bo), scheme.state(dan)) == ("paid", "rejected")
    assert (scheme.balance(ana), scheme.balance(bo), scheme.balance(dan)) == (50, 20, 0)
    told = scheme.referral(bo)
    assert (told["review_note"], told["reviewed_by"]) == ("Two sisters, one tablet", "Till")
    scheme.buy(dan)
    scheme.pass_days(1)
    assert scheme.state(dan) == "rejected"


def test_what_is_released_before_its_days_are_over_waits_for_them(shop: Shop) -> None:
    scheme = Scheme(shop)
    code = scheme.code(scheme.join("Ana"))
    scheme.join("Bo", code=code, device="d")
    dan = scheme.join("Dan", code=code, device="d")
    bought = scheme.buy(dan)
    scheme.work()
    scheme.did(scheme.review(dan, "release"))
    assert scheme.state(dan) == "bought"
    scheme.refund(bought)
    scheme.pass_days(15)
    assert (scheme.state(dan), scheme.balance(dan)) == ("withdrawn", 0)


def test_a_held_purchase_that_comes_back_is_decided_by_that(scheme: Scheme) -> None:
    code = scheme.code(scheme.join("Ana"))
    scheme.join("Bo", code=code, device="d")
    dan = scheme.join("Dan", code=code, device="d")
    bought = scheme.buy(dan)
    scheme.work()
    scheme.refund(bought)  # nobody was told of it yet
    assert errors_of(scheme.review(dan, "release")) == "not_held"
    scheme.work()
    assert scheme.state(dan) == "withdrawn"


def merge(scheme: Scheme, survivor: str, loser: str) -> str:
    body = {"member": loser, "reason": "One person"}
    done = scheme.did(scheme.ask("POST", f"members/{survivor}/merges/", body))
    scheme.work()
    return str(done["merge"])


def test_a_merged_referrer_is_paid_on_the_card_that_lives(scheme: Scheme) -> None:
    ana, bo = scheme.pair()
    old_code = scheme.code(ana)
    eve = scheme.join("Eve")
    undo = merge(scheme, eve, ana)
    dan = scheme.join("Dan", code=old_code)
    for friend in (bo, dan):
        assert scheme.referral(friend)["referrer"] == eve
        scheme.buy(friend)
        scheme.work()
    assert scheme.balance(eve) == 100
    assert undo


def test_a_merged_friend_still_counts(shop: Shop) -> None:
    scheme = Scheme(shop)
    ana, bo = scheme.pair()
    bought = scheme.buy(bo)
    scheme.work()
    eve = scheme.join("Eve")
    merge(scheme, eve, bo)
    assert scheme.state(eve) == "bought"
    scheme.pass_days(15)
    assert (scheme.balance(ana), scheme.balance(eve)) == (50, 20)
    scheme.refund(bought)
    scheme.work()
    assert (scheme.balance(ana), scheme.balance(eve)) == (0, 0)
    assert scheme.is_sound()


@pytest.mark.parametrize("is_paid", [False, True])
def test_both_sides_merged_into_one_card_are_no_referral(shop: Shop, is_paid: bool) -> None:
    scheme = Scheme(shop)
    ana, bo = scheme.pair()
    scheme.buy(bo)
    scheme.pass_days(15 if is_paid else 1)
    merge(scheme, ana, bo)
    told = scheme.did(scheme.ask("GET", f"referrals/?referrer={ana}"))["data"][0]
    assert (told["state"], told["why"]) == ("rejected", "one_person")
    scheme.pass_days(30)
    assert scheme.balance(ana) == 0
    assert scheme.is_sound()


def test_cards_taken_apart_have_their_referrals_again(scheme: Scheme) -> None:
    ana, bo = scheme.pair()
    eve = scheme.join("Eve")
    undo = merge(scheme, eve, ana)
    scheme.did(scheme.ask("POST", f"members/{eve}/merges/{undo}/undo/"))
    scheme.work()
    assert scheme.referral(bo)["referrer"] == ana


def test_an_erased_referrer_leaves_the_friend_theirs(shop: Shop) -> None:
    scheme = Scheme(shop)
    ana, bo = scheme.pair()
    code = scheme.code(ana)
    scheme.buy(bo)
    scheme.work()
    assert scheme.ask("DELETE", f"members/{ana}/", None).status_code == 204
    scheme.pass_days(15)
    assert scheme.balance(bo) == 20
    assert scheme.referral(bo)["outcome"] == "gone"
    assert errors_of(scheme.try_join("Dan", code=code)) == "unknown_code"


def test_an_erased_friend_ends_it(shop: Shop) -> None:
    scheme = Scheme(shop)
    ana, bo = scheme.pair(device="d")
    scheme.buy(bo)
    scheme.work()
    assert scheme.ask("DELETE", f"members/{bo}/", None).status_code == 204
    scheme.pass_days(15)
    told = scheme.did(scheme.ask("GET", f"referrals/?referrer={ana}"))["data"][0]
    assert (told["state"], told["why"]) == ("withdrawn", "erased")
    assert scheme.balance(ana) == 0


def test_a_referrer_on_hold_is_paid_when_the_hold_is_lifted(scheme: Scheme) -> None:
    ana, bo = scheme.pair()
    scheme.did(scheme.ask("POST", f"members/{ana}/hold/", {"reason": "Lost"}))
    scheme.buy(bo)
    scheme.work()
    assert (scheme.state(bo), scheme.balance(ana)) == ("paid", 0)
    scheme.did(scheme.ask("POST", f"members/{ana}/activate/"))
    scheme.work()
    assert scheme.balance(ana) == 50


def test_only_those_it_is_for_may_invite(shop: Shop) -> None:
    vip = [{"fact": "member.tags", "op": "contains", "value": "vip"}]
    scheme = Scheme(shop, audience=vip)
    ana, dan = scheme.join("Ana", tags=["vip"]), scheme.join("Dan")
    scheme.join("Bo", code=scheme.code(ana))
    assert errors_of(scheme.try_join(code=scheme.code(dan))) == "code_ended"


def test_mailboxes_numbers_and_codes() -> None:
    assert one_mailbox("Hoa.Nguyen+shop@GoogleMail.com") == one_mailbox("hoanguyen@gmail.com")
    assert one_mailbox("a.b@example.com") != one_mailbox("ab@example.com")
    assert one_mailbox("a+1@example.com") == "a@example.com"
    assert last_digits("+84 912 345 678") == last_digits("0912345678")
    assert clean_code("0OIL-1111") == clean_code("") == clean_code("\0") == ""


def test_nothing_is_wrong_with_strangers() -> None:
    one, other = Person(name="an", holder=1), Person(name="an", holder=2)
    assert suspicions(Seen(friend=one, referrer=other)) == ()
