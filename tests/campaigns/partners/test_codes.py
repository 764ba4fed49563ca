"""Codes at the counter: of others, expired, used, cancelled; pools, limits, statements, keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from campaigns.partners.services.claiming import claim_offer
from campaigns.partners.services.redeeming import redeem_code, void_redemption
from campaigns.partners.services.statements import close_month
from campaigns.partners.tasks import review_offers
from loyalty.common.clock import local_day, now, played_at
from tests.api import Api, make_key
from tests.campaigns.partners.scheme import LAST_YEAR, Scheme
from tests.world import Shop


@pytest.fixture
def scheme(shop: Shop) -> Scheme:
    return Scheme(shop)


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.data["code"]


def test_used_once_and_the_second_reads_when(scheme: Scheme) -> None:
    offer = scheme.offer()
    code = scheme.did(scheme.claim(offer))["code"]
    typed = code.lower().replace("-", " ")
    first = scheme.did(scheme.redeem(typed))
    second = scheme.redeem(code)
    assert _code(second) == (422, "code_used")
    told = datetime.fromisoformat(second.data["params"]["used_at"])
    assert told == datetime.fromisoformat(first["redeemed_at"])
    assert scheme.void(first["id"]).status_code == 200
    assert _code(scheme.void(first["id"])) == (422, "already_void")
    assert scheme.redeem(code).status_code == 201, "taken back, it can be used again"


def test_another_partners_and_another_programmes_code(scheme: Scheme, other_shop: Shop) -> None:
    code = scheme.did(scheme.claim(scheme.offer()))["code"]
    other = scheme.did(scheme.api.post("partners/", {"code": "other", "name": "Other"}))["id"]
    assert _code(scheme.redeem(code, partner=other)) == (404, "code_not_found")
    elsewhere = Api(make_key(other_shop))
    assert elsewhere.post("partner-redemptions/", {"code": code}).status_code == 404
    assert scheme.redeem(code, partner=scheme.partner).status_code == 201


def test_a_partners_own_key_reaches_its_own_alone(scheme: Scheme) -> None:
    code = scheme.did(scheme.claim(scheme.offer()))["code"]
    other = scheme.did(scheme.api.post("partners/", {"code": "other", "name": "Other"}))["id"]
    scopes = ("partner_codes:read", "partner_codes:write", "partner_transactions:write")
    own, theirs, wide = (
        Api(make_key(scheme.shop, scopes=one)) for one in (scopes, scopes, ("members:read",))
    )
    ids = _key_ids(scheme.shop)
    bind = f"partners/{scheme.partner}/keys/"
    assert scheme.api.post(bind, {"api_key": ids[-3]}).status_code == 201
    assert _code(scheme.api.post(bind, {"api_key": ids[-1]})) == (422, "key_too_wide")
    assert scheme.api.post(f"partners/{other}/keys/", {"api_key": ids[-2]}).status_code == 201
    assert _code(scheme.api.post(bind, {"api_key": ids[-2]})) == (422, "key_bound")
    assert theirs.post("partner-redemptions/", {"code": code}).status_code == 404
    assert theirs.get(f"partner-redemptions/?partner={scheme.partner}").status_code == 404
    assert (
        theirs.post(
            f"partners/{scheme.partner}/transactions/",
            {"transaction": "T1", "card": "x", "amount_minor": 1},
        ).status_code
        == 404
    )
    done = own.post("partner-redemptions/", {"code": code})
    assert done.status_code == 201
    assert scheme.member not in str(done.data), "nothing of the member"
    assert len(own.get("partner-redemptions/").data["data"]) == 1
    assert theirs.get("partner-redemptions/").data["data"] == []
    assert wide.post("partner-redemptions/", {"code": code}).status_code == 403


def _key_ids(shop: Shop) -> list[str]:
    from loyalty.tenancy.models import ApiKey
    from loyalty.tenancy.scope import in_programme

    with in_programme(shop.programme):
        return list(ApiKey.objects.order_by("id").values_list("public_id", flat=True))


def test_ten_guesses_slow_down_and_a_typing_mistake_is_none(scheme: Scheme) -> None:
    code = scheme.did(scheme.claim(scheme.offer()))["code"]
    wrong = ("2" if code[0] != "2" else "3") + code[1:]
    for _try in range(12):
        assert _code(scheme.redeem(wrong)) == (404, "code_not_found")
    for number in range(10):
        assert scheme.redeem(f"GUESS-{number}").status_code == 404
    assert _code(scheme.redeem(code)) == (422, "too_many_attempts")


def test_absurd_codes_break_nothing(scheme: Scheme) -> None:
    for absurd in ("💥", "'; drop table", "%00", "a" * 200, "--", "ı̇"):
        assert scheme.redeem(absurd).status_code == 404, absurd
    assert scheme.redeem("").status_code == 400
    assert scheme.redeem("\u0000").status_code == 400


def test_a_cancelled_code_and_the_offer_taken_anew(scheme: Scheme) -> None:
    offer = scheme.offer()
    claim = scheme.did(scheme.claim(offer))
    assert _code(scheme.claim(offer)) == (422, "member_limit")
    cancel = f"partner-codes/{claim['id']}/cancel/"
    assert scheme.did(scheme.api.post(cancel, {}))["state"] == "void"
    assert _code(scheme.redeem(claim["code"])) == (422, "code_void")
    assert scheme.claim(offer).status_code == 201
    assert scheme.api.post("partner-codes/pco_unknown/cancel/", {}).status_code == 404


def test_a_code_lives_until_the_end_of_its_local_day(scheme: Scheme) -> None:
    offer = scheme.offer(valid_days=1, usable_after_days=1, per_member=None)
    early = scheme.did(scheme.claim(offer))
    assert _code(scheme.redeem(early["code"])) == (422, "code_not_yet")
    shop, present = scheme.shop, now()
    with played_at(present - timedelta(days=10)):
        old = claim_offer(shop.call(), member=scheme.member, offer=offer)
    assert old.expires_at is not None
    assert old.expires_at.astimezone(UTC).hour == 17, "midnight in Saigon"
    assert _code(scheme.redeem(old.code)) == (422, "code_expired")
    review_offers()
    states = {one["id"]: one["state"] for one in scheme.codes()}
    assert (states[old.id], states[early["id"]]) == ("expired", "ready")


def test_a_condition_lost_between_claim_and_redemption(scheme: Scheme) -> None:
    scheme.declare()
    lost = {"audience": [{"fact": "attribute.lines", "op": "gte", "value": 2}]}
    offers = {
        policy: scheme.offer(name=policy, when_lost=policy, **lost)
        for policy in ("at_once", "end_of_period", "keeps")
    }
    member = scheme.member
    scheme.known(member, lines=2)
    codes = {policy: scheme.did(scheme.claim(one))["code"] for policy, one in offers.items()}
    # Nobody has looked at the codes yet: the counter itself must know.
    scheme.did(scheme.api.post(f"members/{member}/attributes/", {"values": {"lines": 1}}))
    assert _code(scheme.redeem(codes["at_once"])) == (422, "offer_ended")
    assert scheme.redeem(codes["end_of_period"]).status_code == 201
    assert scheme.redeem(codes["keeps"]).status_code == 201
    scheme.settle()
    states = {one["name"]: one["state"] for one in scheme.codes()}
    assert states == {"at_once": "ended", "end_of_period": "used", "keeps": "used"}
    assert _code(scheme.redeem(codes["at_once"])) == (422, "offer_ended")


def test_a_pool_is_imported_whole_or_not_at_all(scheme: Scheme) -> None:
    offer = scheme.offer(codes="pool", low_at=1, per_member=None)
    path = f"partner-offers/{offer}/codes/"
    assert _code(scheme.claim(offer)) == (422, "out_of_stock")
    refused = scheme.api.post(path, {"codes": ["A-1", "", "A-2", "a 1", "x" * 30, "A-2"]})
    assert refused.status_code == 400
    lines = [one["pointer"] for one in refused.data["errors"]]
    assert lines == ["/codes/3", "/codes/5"]
    done = scheme.did(scheme.api.post(path, {"codes": ["code", "A-1", "", "A-2"]}))
    assert (done["added"], done["left"]) == (2, 2)
    again = scheme.api.post(path, {"codes": ["A-3", "a1"]})
    assert _code(again) == (400, "duplicate_code")
    first = scheme.did(scheme.claim(offer))
    assert first["code"] == "A-1"
    (stock,) = scheme.did(scheme.api.get("partner-offers/"))
    assert (stock["pool_left"], stock["is_low"], stock["claimed"]) == (1, True, 1)
    scheme.did(scheme.claim(offer))
    assert _code(scheme.claim(offer)) == (422, "out_of_stock")
    assert scheme.redeem("a1").status_code == 201
    made_here = scheme.offer()
    assert _code(scheme.api.post(f"partner-offers/{made_here}/codes/", {"codes": ["B"]})) == (
        422,
        "no_code_pool",
    )
    assert scheme.api.post("partner-offers/rul_unknown/codes/", {"codes": ["B"]}).status_code == 404


def test_limits_and_an_edit_keep_what_was_taken(scheme: Scheme) -> None:
    offer = scheme.offer(total=2, per_member=2)
    code = scheme.did(scheme.claim(offer))["code"]
    edited = scheme.did(
        scheme.api.patch(f"rules/{offer}/", {"values": {"text_en": "Less"}}, match="*")
    )["rule"]
    scheme.did(scheme.api.post(f"rules/{edited}/publish/", {}))
    assert scheme.claim(offer).status_code == 201
    assert _code(scheme.claim(edited, scheme.join("Ben"))) == (422, "out_of_stock")
    assert _code(scheme.claim(edited)) == (422, "member_limit")
    redeemed = scheme.did(scheme.redeem(code))
    assert redeemed["text"] == "A gift", "as it was promised"
    scheme.did(scheme.api.post(f"rules/{edited}/pause/", {}))
    assert _code(scheme.claim(edited)) == (422, "offer_closed")


def test_rules_at_fault_are_told_by_field(scheme: Scheme) -> None:
    def fault(**values: Any) -> Any:
        given = {"name": "X", "partner": scheme.partner, "text_en": "Y", **values}
        answer = scheme.api.post("rules/", {"kind": "partners.offer", "values": given})
        assert answer.status_code in (400, 404), answer.data
        return answer.data["errors"][0]["pointer"]

    assert fault(gives="percent") == "/values/value_bp"
    assert fault(gives="amount") == "/values/value_minor"
    tenth = {"gives": "percent", "value_bp": 1_000}
    for most in (0, -1, 1.5, "50000", 10**16):
        assert fault(**tenth, cap_minor=most) == "/values/cap_minor"
    assert fault(gives="amount", value_minor=1, cap_minor=1) == "/values/cap_minor"
    assert fault(cost="we_pay") == "/values/cost_minor"
    assert fault(cost="shared", share_bp=5_000) == "/values/worth_minor"
    assert fault(text_en="") == "/values/text_vi"
    assert fault(partner=None) == "/values/partner"
    sale = [{"fact": "sale.total_minor", "op": "gte", "value": 1}]
    assert fault(audience=sale) == "/values/audience/0/fact"


@pytest.mark.parametrize(
    ("cost", "bill", "expected"),
    [
        ({"cost": "nobody"}, None, (20_000, 0, 0)),
        ({"cost": "we_pay", "cost_minor": 15_000}, None, (20_000, 15_000, 0)),
        ({"cost": "they_pay", "cost_minor": 5_000}, None, (20_000, 0, 5_000)),
        ({"cost": "shared", "share_bp": 3_333}, None, (20_000, 6_666, 0)),
        ({"cost": "shared", "share_bp": 3_333}, 15_001, (15_001, 4_999, 0)),
    ],
)
def test_who_pays_what(
    scheme: Scheme, cost: dict[str, Any], bill: int | None, expected: tuple[int, int, int]
) -> None:
    offer = scheme.offer(gives="amount", value_minor=20_000, **cost)
    code = scheme.did(scheme.claim(offer))["code"]
    body = {} if bill is None else {"bill_minor": bill}
    done = scheme.did(scheme.redeem(code, **body))
    assert (done["given_minor"], done["we_pay_minor"], done["they_pay_minor"]) == expected


def test_a_shared_percentage_asks_for_the_bill(scheme: Scheme) -> None:
    offer = scheme.offer(gives="percent", value_bp=1_000, cost="shared", share_bp=5_000)
    code = scheme.did(scheme.claim(offer))["code"]
    assert _code(scheme.redeem(code)) == (400, "required")
    done = scheme.did(scheme.redeem(code, bill_minor=123_456))
    assert (done["given_minor"], done["we_pay_minor"]) == (12_345, 6_172)


def test_a_percentage_has_a_most_and_the_share_is_of_what_was_given(scheme: Scheme) -> None:
    """20% off, at most ₫50,000: told to everybody, kept by codes, and counted on the statement."""
    tenth = {"gives": "percent", "value_bp": 2_000, "cost": "shared", "share_bp": 3_333}
    offer = scheme.offer(**tenth, cap_minor=50_000, per_member=None, text_vi="Giảm giá sách")
    (shown,) = scheme.offers()
    assert (shown["value_bp"], shown["cap_minor"]) == (2_000, 50_000)
    for language, told in (("en", "20% off, at most ₫50,000"), ("vi", "giảm 20%, tối đa 50.000")):
        visitor = Client(headers={"Accept-Language": language})
        page = visitor.get(f"/p/{scheme.shop.programme.slug}/terms/").content.decode()
        assert told in unescape(page).replace("\N{NO-BREAK SPACE}", " ")

    def given(bill: int) -> tuple[int, int]:
        code = scheme.did(scheme.claim(offer))["code"]
        done = scheme.did(scheme.redeem(code, bill_minor=bill))
        return done["given_minor"], done["we_pay_minor"]

    below, at, beyond = (given(bill) for bill in (249_999, 250_000, 9_000_000))
    assert (below, at, beyond) == ((49_999, 16_664), (50_000, 16_665), (50_000, 16_665))
    promised = scheme.did(scheme.claim(offer))["code"]
    draft = scheme.did(
        scheme.api.patch(f"rules/{offer}/", {"values": {"cap_minor": 10_000}}, match="*")
    )
    scheme.did(scheme.api.post(f"rules/{draft['rule']}/publish/", {}))
    old = scheme.did(scheme.redeem(promised, bill_minor=9_000_000))
    assert old["given_minor"] == 50_000, "a code keeps the promise it was claimed under"
    assert given(9_000_000) == (10_000, 3_333)
    scheme.did(scheme.void(old["id"]))
    scheme.did(scheme.redeem(promised, bill_minor=100_000))
    today = local_day(now(), scheme.shop.programme.timezone)
    with played_at(now() + timedelta(days=40)):
        sheet = close_month(scheme.shop.call(), partner=scheme.partner, month=today)
    # Of the redemption taken back nobody pays; the others by what was given, 20,000 for the last one.
    assert (sheet.redeemed, sheet.we_owe_minor) == (
        5,
        16_664 + 16_665 + 16_665 + 3_333 + 6_666,
    )


def test_a_month_is_closed_once_and_what_falls_later_stands_on_the_next(scheme: Scheme) -> None:
    shop = scheme.shop
    offer = scheme.offer(cost="we_pay", cost_minor=10_000, per_member=None)
    october, november = (
        datetime(LAST_YEAR, 10, 20, 3, tzinfo=UTC),
        datetime(LAST_YEAR, 11, 5, 3, tzinfo=UTC),
    )

    def redeemed(at: datetime) -> str:
        with played_at(at):
            code = claim_offer(shop.call(), member=scheme.member, offer=offer).code
            return redeem_code(shop.call(), code=code).id

    first, second, third = (redeemed(october + timedelta(hours=n)) for n in range(3))
    with played_at(october + timedelta(hours=5)):
        void_redemption(shop.call(), redemption=third)
    assert _code(scheme.close(f"{local_day(now(), shop.programme.timezone):%Y-%m}")) == (
        422,
        "month_not_over",
    )
    assert scheme.close("2026-13").status_code == 400
    closed = scheme.did(scheme.close(f"{LAST_YEAR}-10"))
    assert (closed["redeemed"], closed["voided"], closed["net_minor"]) == (2, 0, 20_000)
    with played_at(november):
        void_redemption(shop.call(), redemption=first)
    redeemed(november + timedelta(hours=1))
    assert scheme.did(scheme.close(f"{LAST_YEAR}-10")) == closed, "closed it stays as it was"
    following = scheme.did(scheme.close(f"{LAST_YEAR}-11"))
    assert (following["redeemed"], following["voided"], following["net_minor"]) == (1, 1, 0)
    assert _code(scheme.close(f"{LAST_YEAR}-09")) == (422, "later_closed")
    detail = scheme.did(scheme.api.get(f"partner-statements/{following['id']}/"))
    assert [(one["redemption"] == first, one["sign"]) for one in detail["lines"]] == [
        (True, -1),
        (False, 1),
    ]
    assert second in str(scheme.did(scheme.api.get(f"partner-statements/{closed['id']}/")))
    settle = f"partner-statements/{closed['id']}/settle/"
    paid = scheme.did(scheme.api.post(settle, {"reference": "VCB 1"}))
    assert scheme.did(scheme.api.post(settle, {"reference": "VCB 1"})) == paid
    assert _code(scheme.api.post(settle, {"reference": "VCB 2"})) == (409, "settled_before")
    with played_at(november):
        assert close_month(shop.call(), partner=scheme.partner, month=october.date()).net_minor


def test_a_key_has_its_minutes_to_take_back(scheme: Scheme) -> None:
    code = scheme.did(scheme.claim(scheme.offer()))["code"]
    done = scheme.did(scheme.redeem(code))
    scheme.did(scheme.api.patch(f"partners/{scheme.partner}/", {"void_minutes": 0}, match="*"))
    assert _code(scheme.void(done["id"])) == (422, "void_time_over")
    assert void_redemption(scheme.shop.call(), redemption=done["id"]).voided_at is not None


def test_two_who_come_together_keep_one(scheme: Scheme) -> None:
    offer = scheme.offer(per_household=True)
    other = scheme.join("Ben")
    mine, theirs = (scheme.did(scheme.claim(offer, one)) for one in (scheme.member, other))
    scheme.did(scheme.api.post(f"members/{other}/household/", {"member": scheme.member}))
    scheme.settle()
    assert scheme.codes()[0]["state"] == "ready"
    assert scheme.codes(other)[0]["state"] == "ended"
    assert _code(scheme.redeem(theirs["code"])) == (422, "offer_ended")
    assert scheme.redeem(mine["code"]).status_code == 201


def test_merged_cards_bring_their_codes(scheme: Scheme) -> None:
    other = scheme.join("Ana too")
    code = scheme.did(scheme.claim(scheme.offer(), other))["code"]
    scheme.did(scheme.api.post(f"members/{scheme.member}/merges/", {"member": other}))
    assert [one["code"] for one in scheme.codes()] == [code]
    assert scheme.redeem(code).status_code == 201


def test_erased_members_hold_nothing(scheme: Scheme) -> None:
    code = scheme.did(scheme.claim(scheme.offer()))["code"]
    assert scheme.card("KH-1").status_code == 201
    assert scheme.api.delete(f"members/{scheme.member}/").status_code in (200, 204)
    scheme.settle()
    assert _code(scheme.redeem(code)) == (422, "offer_ended")
    refused = scheme.pay("T1", "KH-1", 100, f"{LAST_YEAR}-05-01T00:00:00Z")
    assert _code(refused) == (404, "card_not_found")


def test_numbers_of_payment_cards_are_refused(scheme: Scheme) -> None:
    assert _code(scheme.card("4111 1111 1111 1111")) == (400, "card_number")
    assert scheme.card("4111 1111 1111 1112").status_code == 201
    other = scheme.join("Ben")
    assert _code(scheme.card("4111 1111 1111 1112", other)) == (409, "card_of_another")
    assert scheme.card("4111 1111 1111 1112").status_code == 201, "the same again is the same"
    assert scheme.card("X", opened_on="2999-01-01").status_code == 400


def test_absurd_settlement_files(scheme: Scheme) -> None:
    path = f"partners/{scheme.partner}/settlements/"
    for text in ("nothing", "a,b,c\n1,2,3"):
        assert _code(scheme.api.post(path, {"csv": text})) == (400, "missing_column")
    rows = "\n".join(["transaction,card,amount_minor", *["T,K,1"] * 501])
    assert _code(scheme.api.post(path, {"csv": rows})) == (400, "too_many_rows")
    told = scheme.did(scheme.file("T1,KH,100,yesterday,payment,", ",KH,1,,payment,", "T2,,,,gift,"))
    assert [one["outcome"] for one in told["rows"]] == ["refused"] * 3
    assert [one["field"] for one in told["rows"]] == ["happened_at", "card", "kind"]
