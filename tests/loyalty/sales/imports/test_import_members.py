"""The cards of an older scheme come along: people, points, stamps, each once."""

from __future__ import annotations

from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from django.core.management import CommandError, call_command

from loyalty.common.clock import now
from loyalty.engine.publishing import RuleView
from loyalty.ledger.selectors import balances
from loyalty.ledger.verification import verify
from loyalty.sales.imports.members_run import import_members
from loyalty.sales.imports.problems import FileProblem
from loyalty.sales.models import ImportRun
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Consent, Identifier, Member
from tests.rewards.punchcards.cards_of import card as make_card
from tests.world import Shop

HEADER = "Họ và tên;Số điện thoại;Email;Mã thẻ;Ngày sinh;Ngày tham gia;Điểm;Tem: Cà phê"


def sheet(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8-sig")
    return path


@pytest.fixture
def list_of_three(tmp_path: Path) -> Path:
    return sheet(
        tmp_path / "the-cu.csv",
        "Nguyễn Thị Hoa;0912 345 678;HOA@example.com;TV-001;31/12/1990;15/03/2023;1.250;4",
        "Trần Văn Đức;84-98-765-4321;;TV-002;;01/04/2024;0;",
        "Lê Minh 🌸;0163 123 4567;;;;;12.000;9",
    )


@pytest.fixture
def card(shop: Shop) -> RuleView:
    return make_card(shop, name="Cà phê", stamps_needed=10)


def run(shop: Shop, path: Path, **options: Any) -> ImportRun:
    with in_programme(shop.programme):
        return import_members(actor=shop.actor, path=path, **options)


def held(phone: str) -> dict[str, int]:
    member = Identifier.objects.get(kind="phone", value=phone).member
    return {one.asset.split(":")[0]: one.balance for one in balances(holder_id=member.holder_id)}


def test_people_points_stamps_and_dates_come_along(
    shop: Shop, card: RuleView, list_of_three: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    out = StringIO()
    call_command("import_members", str(list_of_three), programme="cafe", report=report, stdout=out)
    data = orjson.loads(report.read_bytes())
    assert data["counts"]["imported"] == data["rows_read"] == 3
    assert data["totals"] == {"members": 3, "balances": 4, "points": 13_250, "stamps": 13}
    with in_programme(shop.programme):
        hoa = Member.objects.get(name="Nguyễn Thị Hoa")
        assert hoa.joined_at == datetime(2023, 3, 15, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
        assert hoa.birthday and hoa.birthday.isoformat() == "1990-12-31"
        assert {(one.kind, one.value) for one in hoa.identifiers.all()} >= {
            ("phone", "+84912345678"),
            ("email", "hoa@example.com"),
            ("external", "TV-001"),
        }
        assert held("+84912345678") == {"points": 1_250, "stamps": 4}
        assert held("+84331234567") == {"points": 12_000, "stamps": 9}
        assert not Consent.objects.exists(), "consents given elsewhere are not consents here"
        assert verify().findings == []


def test_a_second_run_and_a_dry_run_change_nothing(
    shop: Shop, card: RuleView, list_of_three: Path
) -> None:
    foreseen = run(shop, list_of_three, dry_run=True)
    with in_programme(shop.programme):
        assert Member.objects.count() == 1
    done = run(shop, list_of_three)
    assert foreseen.rows == done.rows == {"new_member": "2-4"}
    assert foreseen.totals == done.totals
    again = run(shop, list_of_three)
    assert again.rows == {"already_member": "2-4"}
    with in_programme(shop.programme):
        assert Member.objects.count() == 4
        assert held("+84912345678") == {"points": 1_250, "stamps": 4}


def test_one_person_in_three_spellings_is_one_member(shop: Shop, tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "a.csv",
        "Hoa,0912345678,100",
        "Hoa Nguyen,+84 912 345 678,50",
        "Lan,01631234567,10",
        "Lan,0331.234.567,10",
        header="name,phone,points",
    )
    done = run(shop, path)
    assert done.rows == {"new_member": "2,4", "person_repeated": "3,5"}
    assert {detail["first"] for detail in done.details} == {2, 4}
    with in_programme(shop.programme):
        assert held("+84912345678") == {"points": 100}


def test_a_member_already_gets_the_balance_once_and_keeps_the_profile(
    shop: Shop, tmp_path: Path
) -> None:
    with in_programme(shop.programme):
        Identifier.objects.create(
            member=shop.member, kind="phone", value="+84912345678", created_at=now()
        )
    header = "name,phone,points"
    path = sheet(tmp_path / "a.csv", "Somebody Else,0912345678,100", header=header)
    assert run(shop, path).rows == {"balance_added": "2"}
    assert run(shop, path).rows == {"already_member": "2"}
    other = sheet(tmp_path / "b.csv", "Somebody Else,0912345678,900", header=header)
    assert run(shop, other).rows == {"not_accepted": "2"}
    with in_programme(shop.programme):
        assert Member.objects.get().name == "Ana"
        assert held("+84912345678") == {"points": 100}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Hoa,12345,,,10", "bad_phone"),
        ("Hoa,,not an address,,10", "bad_email"),
        ("Hoa,,,,10", "no_identifier"),
        ("Hoa,0912345678,,31/02/1990,10", "bad_date"),
        ("Hoa,0912345678,,01/01/2990,10", "bad_birthday"),
        ("Hoa,0912345678,,,-10", "bad_balance"),
        ("Hoa,0912345678,,,1.5", "bad_balance"),
        ("Hoa,0912345678,,,NaN", "bad_balance"),
        ("Hoa,0912345678,,,9223372036854775808", "bad_balance"),
        (f"{'N' * 10_000},0912345678,,,10", "bad_name"),
        ("Hoa,0912345678", "wrong_column_count"),
        ("=HYPERLINK(1),0912345678,,,10", None),
    ],
)
def test_bad_rows_are_refused_with_the_reason(
    shop: Shop, tmp_path: Path, row: str, reason: str | None
) -> None:
    path = sheet(tmp_path / "a.csv", row, header="name,phone,email,birthday,points")
    assert run(shop, path).rows == {reason or "new_member": "2"}


def test_identifiers_of_two_members_and_of_another_programme(
    shop: Shop, other_shop: Shop, tmp_path: Path
) -> None:
    first = sheet(
        tmp_path / "a.csv", "A,0912345678,", "B,,b@example.com", header="name,phone,email"
    )
    assert run(shop, first).rows == {"new_member": "2-3"}
    both = sheet(tmp_path / "b.csv", "C,0912345678,b@example.com", header="name,phone,email")
    assert run(shop, both).rows == {"two_members": "2"}
    assert run(other_shop, both).rows == {"new_member": "2"}


def test_stamps_need_a_live_card(shop: Shop, card: RuleView, tmp_path: Path) -> None:
    unknown = sheet(tmp_path / "a.csv", "0912345678,3", header="phone,Stamps: Tea")
    with pytest.raises(FileProblem, match="card_unknown"):
        run(shop, unknown)
    with pytest.raises(CommandError, match="Cà phê"):
        call_command("import_members", str(unknown), programme="cafe")
    only = sheet(tmp_path / "b.csv", "0912345678,3", header="phone,stamps")
    assert run(shop, only).rows == {"new_member": "2"}
    with in_programme(shop.programme):
        assert held("+84912345678") == {"stamps": 3}
