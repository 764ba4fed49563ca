"""T-Mobile and Netflix, an airline's card, Visa/Mastercard: lived through over the REST API alone."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from tests.campaigns.partners.scheme import LAST_YEAR, Scheme
from tests.world import make_shop

TWO_LINES = [{"fact": "attribute.lines", "op": "gte", "value": 2}]


@pytest.fixture
def dollars(db: None) -> Any:
    shop = make_shop("scheme", owner="ngoc@scheme.example", member="Lan", currency="USD")
    yield Scheme(shop)
    with in_programme(shop.programme):
        assert verify().findings == []


def _netflix(scheme: Scheme, **more: Any) -> str:
    scheme.declare()
    return scheme.offer(
        name="Netflix",
        text_en="Netflix",
        audience=TWO_LINES,
        worth_minor=12_000,
        goes_on=True,
        per_household=True,
        **more,
    )


def test_tmobile_netflix_from_two_lines(dollars: Scheme) -> None:
    netflix = _netflix(dollars)
    dollars.known(dollars.member, lines=1)
    (offer,) = dollars.offers()
    assert (offer["can_claim"], offer["worth_minor"]) == (False, 12_000)
    assert offer["missing"] == [{"text": "lines: 2 or more", "have": 1}]
    refused = dollars.claim(netflix)
    assert (refused.status_code, refused.data["code"]) == (422, "offer_locked")
    dollars.known(dollars.member, lines=2)
    assert dollars.offers()[0]["can_claim"]
    claimed = dollars.did(dollars.claim(netflix))
    assert (claimed["state"], claimed["is_entitled"]) == ("ready", True)
    assert dollars.redeem(claimed["code"]).status_code == 201
    assert dollars.codes()[0]["is_entitled"], "it goes on after it was taken up"


@pytest.mark.parametrize(
    ("policy", "entitled", "state", "has_end"),
    [
        ("at_once", False, "ended", True),
        ("end_of_period", True, "used", True),
        ("keeps", True, "used", False),
    ],
)
def test_tmobile_netflix_second_line_cancelled(
    dollars: Scheme, policy: str, entitled: bool, state: str, has_end: bool
) -> None:
    netflix = _netflix(dollars, when_lost=policy)
    dollars.known(dollars.member, lines=2)
    claimed = dollars.did(dollars.claim(netflix))
    assert dollars.redeem(claimed["code"]).status_code == 201
    dollars.known(dollars.member, lines=1)
    (code,) = dollars.codes()
    assert (code["is_entitled"], code["state"]) == (entitled, state)
    assert (code["ends_at"] is not None) == has_end
    dollars.known(dollars.member, lines=2)
    if policy == "at_once":
        again = dollars.did(dollars.claim(netflix))
        assert again["code"] == claimed["code"], "one benefit: the same goes on"
    (code,) = dollars.codes()
    assert (code["is_entitled"], code["state"], code["ends_at"]) == (True, "used", None)


def test_tmobile_netflix_one_for_each_account(dollars: Scheme) -> None:
    netflix = _netflix(dollars)
    partner = dollars.join("Ben")
    for one in (dollars.member, partner):
        dollars.known(one, lines=2)
    household = {"member": dollars.member}
    dollars.did(dollars.api.post(f"members/{partner}/household/", household))
    assert dollars.claim(netflix).status_code == 201
    refused = dollars.claim(netflix, partner)
    assert (refused.status_code, refused.data["code"]) == (422, "household_limit")
    assert dollars.codes(partner) == []


def _miles(scheme: Scheme, **bonus: Any) -> None:
    scheme.rule(
        "points.earning_rule",
        name="1 mile per dollar",
        activity="partner.transaction",
        categories=["partner-partner"],
        basis="money",
        points=1,
        per_minor=100,
    )
    scheme.rule(
        "partners.signup_bonus",
        name="30,000 miles",
        starts_with="card",
        partner=scheme.partner,
        spend_minor=100_000,
        months=3,
        points=30_000,
        **bonus,
    )
    opened = scheme.card("KH-1", opened_on=f"{LAST_YEAR}-01-01", person="P-1")
    assert (opened.status_code, opened.data["is_first"]) == (201, True)


def _at(day: str, clock: str = "12:00") -> str:
    return f"{LAST_YEAR}-{day}T{clock}:00+07:00"


def test_airline_card_a_cent_short(dollars: Scheme) -> None:
    _miles(dollars)
    dollars.did(dollars.pay("T1", "KH-1", 99_999, _at("03-31", "23:59")))
    assert dollars.points() == 999


def test_airline_card_reached_on_the_last_day(dollars: Scheme) -> None:
    _miles(dollars)
    dollars.did(dollars.pay("T1", "KH-1", 60_000, _at("01-01", "00:00")))
    assert dollars.points() == 600
    dollars.did(dollars.pay("T2", "KH-1", 40_000, _at("03-31", "23:59")))
    assert dollars.points() == 31_000
    dollars.did(dollars.pay("T3", "KH-1", 200_000, _at("03-31", "23:59")))
    assert dollars.points() == 33_000, "once"


def test_airline_card_reached_a_day_late(dollars: Scheme) -> None:
    _miles(dollars)
    dollars.did(dollars.pay("T1", "KH-1", 99_900, _at("03-31", "23:59")))
    # By the shop's clock it is April, whatever Greenwich says.
    dollars.did(dollars.pay("T2", "KH-1", 100, _at("04-01", "00:10")))
    assert dollars.points() == 1_000


@pytest.mark.parametrize(("pays", "before"), [("at_once", 31_000), ("after_window", 31_000)])
def test_airline_card_refund_inside_the_window(dollars: Scheme, pays: str, before: int) -> None:
    _miles(dollars, pays=pays)
    dollars.did(dollars.pay("T1", "KH-1", 100_000, _at("02-01")))
    assert dollars.points() == before
    back = dollars.did(
        dollars.charge_back("R1", "T1", amount_minor=20_000, happened_at=_at("02-10"))
    )
    assert (back["refunded_minor"], back["points_taken"]) == (20_000, 30_200)
    assert dollars.points() == 800, "800.00 qualify: withdrawn"
    dollars.did(dollars.pay("T2", "KH-1", 19_999, _at("03-01")))
    assert dollars.points() == 999
    dollars.did(dollars.pay("T3", "KH-1", 1, _at("03-02")))
    assert dollars.points() == 30_999, "reached again inside the window"


@pytest.mark.parametrize(("policy", "left"), [("keeps", 30_800), ("falls", 800)])
def test_airline_card_refund_after_the_window(dollars: Scheme, policy: str, left: int) -> None:
    _miles(dollars, after_window=policy)
    dollars.did(dollars.pay("T1", "KH-1", 100_000, _at("02-01")))
    dollars.did(dollars.charge_back("R1", "T1", amount_minor=20_000, happened_at=_at("04-01")))
    assert dollars.points() == left


def test_airline_card_no_second_bonus(dollars: Scheme) -> None:
    _miles(dollars)
    dollars.did(dollars.pay("T1", "KH-1", 100_000, _at("02-01")))
    second = dollars.did(dollars.card("KH-2", opened_on=f"{LAST_YEAR}-06-01"))
    assert second["is_first"] is False
    dollars.did(dollars.pay("T2", "KH-2", 100_000, _at("06-02")))
    assert dollars.points() == 32_000, "the miles, and no second bonus"
    # The same person with another membership.
    other = dollars.join("Ana again")
    third = dollars.did(dollars.card("KH-3", other, opened_on=f"{LAST_YEAR}-06-01", person="P-1"))
    assert third["is_first"] is False
    dollars.did(dollars.pay("T3", "KH-3", 100_000, _at("06-02")))
    assert dollars.points(other) == 1_000


def test_airline_card_waits_until_the_window_is_over(dollars: Scheme) -> None:
    from datetime import UTC, datetime

    _miles(dollars, pays="after_window")
    today = datetime.now(UTC)
    dollars.did(dollars.card("KH-9", dollars.join("Cy"), opened_on=today.date().isoformat()))
    done = dollars.did(
        dollars.api.post(
            f"partners/{dollars.partner}/transactions/",
            {"transaction": "T9", "card": "KH-9", "amount_minor": 100_000},
        )
    )
    (points,) = [one for one in done["balances"] if one["asset"] == "points"]
    assert (points["balance"], points["available"], points["pending"]) == (31_000, 1_000, 30_000)


def test_visa_mastercard_settlement_file(dollars: Scheme) -> None:
    _miles(dollars)
    rows = (
        f"T1,KH-1,2500,{_at('05-01')},payment,",
        f"T2,KH-1,9900,{_at('05-02')},payment,",
        f"T1,KH-1,2500,{_at('05-01')},payment,",
        f"T3,KH-404,100,{_at('05-02')},payment,",
        f"T4,KH-1,ten,{_at('05-02')},payment,",
    )
    told = dollars.did(dollars.file(*rows))
    outcomes = [(one["line"], one["outcome"], one["points"]) for one in told["rows"]]
    assert outcomes == [
        (2, "recorded", 25),
        (3, "recorded", 99),
        (4, "duplicate", 0),
        (5, "refused", 0),
        (6, "refused", 0),
    ]
    assert [one["code"] for one in told["rows"][3:]] == ["card_not_found", "not_an_integer"]
    assert dollars.points() == 124
    again = dollars.did(dollars.file(*rows))
    assert (again["recorded"], again["duplicates"], dollars.points()) == (0, 3, 124)
    assert dollars.did(dollars.pay("T1", "KH-1", 2_500, _at("05-01")))["duplicate"]
    assert dollars.pay("T1", "KH-1", 2_600, _at("05-01")).status_code == 409
    back = dollars.did(dollars.file(f"C1,,,{_at('05-03')},chargeback,T2"))
    assert (back["rows"][0]["outcome"], back["rows"][0]["points"]) == ("recorded", -99)
    assert dollars.points() == 25
    twice = dollars.did(dollars.file(f"C1,,,{_at('05-03')},chargeback,T2"))
    assert (twice["duplicates"], dollars.points()) == (1, 25)
    assert dollars.charge_back("C2", "T2").data["code"] == "already_refunded"
