"""What is kept about a member, in the words they read."""

from __future__ import annotations

from django.utils import translation

from loyalty.payments.services import open_charge
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.scope import in_programme
from members.profiles.portal.readable import readable
from members.profiles.selectors import personal_data
from tests.campaigns.games.games_of import game, prizes, spin
from tests.campaigns.partners.scheme import Scheme
from tests.rewards.points.rules_of import earning
from tests.world import Shop


def test_every_section_is_headed_in_the_members_language(shop: Shop) -> None:
    with in_programme(shop.programme), translation.override("vi"):
        headings = [heading for heading, _rows in readable(personal_data(shop.member))]
    assert {"Đánh giá thấy hữu ích", "Giải bốc thăm", "Tên cho người khác thấy"} <= set(headings)
    assert "Reviews found helpful" not in headings


def test_rows_inside_a_section_stand_under_their_own_heading() -> None:
    invited = [{"joined_on": "2026-11-14", "state": "held"}]
    room = {"group": "Nghiện cà phê", "standing": "in", "since": "2026-11-24T11:42:05+07:00"}
    with translation.override("vi"):
        told = dict(readable({"referrals": {"code": "AB12", "invited": invited}, "groups": [room]}))
    assert told["Giới thiệu bạn bè"] == [[("Mã", "AB12")]]
    assert told["Đã mời"] == [[("Tham gia ngày", "14 thg 11 2026"), ("Trạng thái", "Chờ xem xét")]]
    assert told["Nhóm"][0][1] == ("Tư cách trong nhóm", "Trong nhóm")
    assert told["Nhóm"][0][2] == ("Từ ngày", "24 thg 11 2026, 11:42")


def test_amounts_prizes_and_attributes_are_told_by_name_in_the_readers_language(shop: Shop) -> None:
    """Nobody knows what `ten`, `rul_01…`, `lines` or `amount_minor: 125000` means."""
    wheel = game(shop, prizes=prizes(ten=1_000_000))
    spin(shop, wheel)
    lines = {"code": "lines", "kind": "number", "name_vi": "Số thuê bao", "name_en": "Lines"}
    scheme = Scheme(shop)
    scheme.did(scheme.api.post("attributes/", lines))
    scheme.known(shop.member.public_id, lines=4)
    scheme.did(scheme.card("C-1", shop.member.public_id, opened_on="2026-01-02"))
    scheme.did(scheme.pay("T-1", "C-1", 125_000, "2026-03-01T09:00:00+07:00"))
    with in_programme(shop.programme), translation.override("vi"):
        told = dict(readable(personal_data(shop.member)))
    (play,) = told["Trò chơi"]
    assert dict(play)["Trò chơi"] == "Lucky wheel" and dict(play)["Giải đã tặng"] == "10 điểm"
    assert told["Thuộc tính"] == [[("Số thuê bao", "4")]]
    (payment,) = told["Thanh toán ở đối tác"]
    assert "125.000" in dict(payment)["Số tiền đã trả"] and "₫" in dict(payment)["Số tiền đã trả"]
    with in_programme(shop.programme):
        kept = personal_data(shop.member)
    assert kept["games"][0]["given"] == "ten", "the file keeps the plain values"
    assert kept["partner_payments"][0]["amount_minor"] == 125_000


def test_a_section_with_nothing_in_it_says_so() -> None:
    """An empty row would be a card without a word."""
    with translation.override("vi"):
        told = readable({"challenges": {"badges": [], "missions": []}, "shown_name": ""})
    assert [rows for _heading, rows in told] == [[], []]


def test_what_they_bought_hold_and_paid_stands_in_the_copy(shop: Shop) -> None:
    sale = SaleInput(
        receipt="R-1",
        lines=(LineInput(sku="LAT", name="Latte", quantity_milli=2_000, net_minor=90_000),),
    )
    earning(shop, per_minor=10_000)
    record_purchase(shop.call(), member=shop.member.public_id, sale=sale)
    open_charge(
        shop.call(),
        member=shop.member.public_id,
        amount_minor=99_000,
        kind="test.order",
        text_vi="Thẻ một năm",
        text_en="A year",
    )
    with in_programme(shop.programme), translation.override("vi"):
        kept = personal_data(shop.member)
        told = dict(readable(kept))
    (bought,) = kept["purchases"]
    assert (bought["receipt"], bought["net_minor"]) == ("R-1", 90_000)
    assert "2 × Latte" in dict(told["Các lần mua"][0]).values()
    assert [one["points_available"] for one in kept["balances"]] == [9]
    assert "Thẻ một năm" in dict(told["Các khoản phải trả"][0]).values()
