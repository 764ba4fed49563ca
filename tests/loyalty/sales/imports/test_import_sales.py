"""A file of real sales goes in: points follow, cancellations take them back, every row is told."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command

from loyalty.common.clock import now
from loyalty.common.errors import Forbidden
from loyalty.engine.models import Activity, AppliedEffect
from loyalty.ledger.selectors import balances
from loyalty.ledger.verification import verify
from loyalty.sales.imports import sales_run
from loyalty.sales.imports.mapping import SalesMapping, load_preset
from loyalty.sales.imports.outcomes import unpack_rows
from loyalty.sales.imports.problems import FileProblem
from loyalty.sales.imports.report import outcome_counts
from loyalty.sales.imports.sales_run import import_sales
from loyalty.sales.models import (
    ImportedReceipt,
    ImportMapping,
    ImportRun,
    Product,
    Purchase,
    PurchaseLine,
    Refund,
)
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Identifier, Member
from rewards.points.models import EarningRule
from tests.world import Shop, make_shop

EXCERPT = Path(__file__).parent / "data" / "online_retail_excerpt.csv"
EXPECTED = {
    "imported": 143,
    "duplicate": 1,
    "cancelled_matched": 8,
    "unmatched": 1,
    "no_customer": 10,
    "excluded_product": 12,
    "refused": 0,
}


@pytest.fixture
def gift_shop(db: None) -> Iterator[Shop]:
    shop = make_shop("gifts", owner="bea@example.com", member="Ana", currency="GBP")
    with in_programme(shop.programme):
        EarningRule.objects.create(
            name="1 point per pound", state="live", points=1, per_minor=100, published_at=now()
        )
        yield shop


def run(shop: Shop, path: Path = EXCERPT, **options: object) -> ImportRun:
    return import_sales(
        actor=shop.actor,
        path=path,
        mapping=load_preset("online-retail"),
        **options,  # type: ignore[arg-type]
    )


def test_every_row_of_the_excerpt_is_accounted_for(gift_shop: Shop, tmp_path: Path) -> None:
    out, report = StringIO(), tmp_path / "report.json"
    call_command(
        "import_sales",
        str(EXCERPT),
        programme="gifts",
        preset="online-retail",
        report=report,
        stdout=out,
    )
    data = orjson.loads(report.read_bytes())
    assert data["counts"] == EXPECTED
    assert data["rows_read"] == sum(data["counts"].values()) == 175
    rows = [number for numbers in data["rows"].values() for number in numbers]
    assert sorted(rows) == list(range(2, 177))
    call_command("verify_ledger", programme="gifts", stdout=out)


def table(shop: Shop) -> dict[str, int]:
    models = (Member, Purchase, PurchaseLine, Refund, Activity, AppliedEffect, ImportedReceipt)
    return {model.__name__: model.objects.count() for model in (*models, Product)}


def points_of(customer: str) -> int:
    member = Identifier.objects.get(kind="external", value=customer).member
    return sum(one.balance for one in balances(holder_id=member.holder_id))


def sheet(path: Path, *rows: str) -> Path:
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def test_cancellations_take_back_the_points_of_what_they_undo(gift_shop: Shop) -> None:
    run(gift_shop)
    # 12346 bought 74,215 jars for 77,183.60 pounds and gave all of them back.
    assert points_of("12346") == 0
    undone = Refund.objects.get(receipt="C541433")
    assert undone.purchase.receipt == "541431"
    assert undone.amount_minor == undone.purchase.net_minor == 7_718_360
    # 14338's and 14339's cancellations exceed what the file shows they bought.
    assert all(
        one.balance >= 0 for m in Member.objects.all() for one in balances(holder_id=m.holder_id)
    )
    assert verify().findings == []


def test_a_second_run_changes_nothing(gift_shop: Shop) -> None:
    first = run(gift_shop)
    before = table(gift_shop)
    second = run(gift_shop)
    assert table(gift_shop) == before
    assert second.pk != first.pk
    counts = outcome_counts(second.counts)
    assert counts["imported"] == counts["cancelled_matched"] == 0
    assert counts["duplicate"] == 1 + 143 + 8
    assert counts["unmatched"] == 1
    assert sum(counts.values()) == 175


def test_a_dry_run_foresees_every_row_and_writes_nothing(gift_shop: Shop) -> None:
    before = table(gift_shop)
    foreseen = run(gift_shop, dry_run=True)
    assert table(gift_shop) == before
    done = run(gift_shop)
    assert foreseen.rows == done.rows
    assert foreseen.is_dry_run and not done.is_dry_run
    assert {**foreseen.totals, "refunded_minor": 0} == {**done.totals, "refunded_minor": 0}
    again = run(gift_shop, dry_run=True)
    assert outcome_counts(again.counts)["duplicate"] == 152


def test_a_killed_run_goes_on_where_it_stopped(
    gift_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sales_run, "BATCH_RECEIPTS", 5)

    def stop_halfway(phase: str, done: int, total: int) -> None:
        if phase == "recording" and done * 2 > total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(gift_shop, progress=stop_halfway)
    [stopped] = ImportRun.objects.all()
    assert stopped.state == "running"
    assert (bought := Purchase.objects.count()) > 0
    done = run(gift_shop)
    assert done.pk == stopped.pk and done.state == "done"
    assert outcome_counts(done.counts) == EXPECTED
    assert Purchase.objects.count() > bought
    assert verify().findings == []


def test_rows_in_any_order_and_a_split_cancellation(gift_shop: Shop, tmp_path: Path) -> None:
    path = sheet(
        tmp_path / "a.csv",
        "C9,A,Mug,-8,2011-03-01 10:00:00,2.00,17",
        "3,A,Mug,4,2011-02-03 10:00:00,2.00,17",
        "1,A,Mug,6,2011-02-01 10:00:00,2.00,17",
        "4,A,Mug,9,2011-04-01 10:00:00,2.00,17",
        "2,A,Mug,6,2011-02-02 10:00:00,2.50,17",
    )
    done = run(gift_shop, path)
    assert done.rows == {"sale": "3-6", "matched": "2"}
    refunds = {row.purchase.receipt: row for row in Refund.objects.all()}
    assert {name: row.amount_minor for name, row in refunds.items()} == {"3": 800, "1": 800}
    assert sorted(row.receipt for row in refunds.values()) == ["C9", "C9/2"]
    # 12 + 8 + 15 + 18 pounds, less 8 and 8.
    assert points_of("17") == 53 - 16


def test_a_later_file_cancels_what_an_earlier_file_and_the_till_sold(
    gift_shop: Shop, tmp_path: Path
) -> None:
    run(gift_shop, sheet(tmp_path / "a.csv", "1,A,Mug,6,2011-02-01 10:00:00,2.00,17"))
    member = Identifier.objects.get(value="17").member
    record_purchase(
        gift_shop.call(),
        member=member.public_id,
        sale=SaleInput(lines=(LineInput(sku="K", quantity_milli=2000, net_minor=900),)),
    )
    late = sheet(
        tmp_path / "b.csv",
        "C2,A,Mug,-6,2011-03-01 10:00:00,2.00,17",
        "C2,A,Mug,-1,2011-03-01 10:00:00,2.00,17",
        "C3,K,Cup,-1,2026-01-01 10:00:00,4.50,17",
    )
    assert run(gift_shop, late).rows == {"matched": "2", "nothing_left": "3", "never_bought": "4"}
    assert points_of("17") == 9
    # The purchase the second line undoes turns up in an older file: it is matched now.
    run(gift_shop, sheet(tmp_path / "c.csv", "0,A,Mug,1,2011-01-01 10:00:00,2.00,17"))
    again = run(gift_shop, late)
    assert again.rows == {"already_imported": "2", "matched": "3", "never_bought": "4"}
    assert Refund.objects.count() == 2
    assert points_of("17") == 9
    assert verify().findings == []


def test_the_same_receipt_with_another_amount_is_refused(gift_shop: Shop, tmp_path: Path) -> None:
    run(gift_shop, sheet(tmp_path / "a.csv", "1,A,Mug,6,2011-02-01 10:00:00,2.00,17"))
    other = sheet(
        tmp_path / "b.csv",
        "1,A,Mug,7,2011-02-01 10:00:00,2.00,17",
        "2,A,Mug,1,2011-02-01 10:00:00,2.00,17",
    )
    done = run(gift_shop, other)
    assert done.rows == {"receipt_conflict": "2", "sale": "3"}
    assert done.details == [{"receipt": "1", "reason": "receipt_conflict", "message": ""}]
    record_purchase(
        gift_shop.call(),
        member=Identifier.objects.get(value="17").member.public_id,
        sale=SaleInput(total_minor=500, receipt="9"),
    )
    till = sheet(tmp_path / "c.csv", "9,A,Mug,2,2011-02-01 10:00:00,2.50,17")
    assert run(gift_shop, till).rows == {"already_imported": "2"}
    till = sheet(tmp_path / "d.csv", "9,A,Mug,3,2011-02-01 10:00:00,2.50,17")
    assert run(gift_shop, till).rows == {"receipt_conflict": "2"}


def test_half_a_file_holds_back_the_receipt_it_ends_in(gift_shop: Shop, tmp_path: Path) -> None:
    whole = sheet(
        tmp_path / "a.csv",
        "1,A,Mug,6,2011-02-01 10:00:00,2.00,17",
        "2,A,Mug,6,2011-02-02 10:00:00,2.00,17",
        "2,K,Cup,6,2011-02-02 10:00:00,2.00,17",
    )
    half = tmp_path / "half.csv"
    half.write_text(whole.read_text()[:-30])
    assert run(gift_shop, half).rows == {"sale": "2", "incomplete_receipt": "3", "cut_off": "4"}
    assert run(gift_shop, whole).rows == {"already_imported": "2", "sale": "3-4"}


def test_a_shop_in_saigon_by_phone_number(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "ban-hang.csv"
    path.write_bytes(
        "Mã hóa đơn;Thời gian;Điện thoại;Mã hàng;Tên hàng;Số lượng;Đơn giá;Thành tiền\r\n"
        "HD1;13/11/2025 08:15;0912345678;CF1;Cà phê sữa đá;2;29.000;58.000\r\n"
        "HD2;13/11/2025 09:15;+84 912 345 678;CF1;Cà phê sữa đá;1;29.000;25.000\r\n"
        "HD3;14/11/2025 09:15;84.912.345.678;CF1;Cà phê sữa đá;-1;29.000;-29.000\r\n"
        "HD4;14/11/2025 09:15;khách quen;CF1;Cà phê sữa đá;1;29.000;29.000\r\n"
        "HD5;14/11/2025 09:15;;CF1;Cà phê sữa đá;1;29.000;29.000\r\n"
        "HD6;14/11/2025 09:15;0912345678;CF1;Cà phê sữa đá;1;29.000,5;29.000,5\r\n".encode(
            "utf-8-sig"
        )
    )
    with in_programme(shop.programme):
        mapping = load_preset("generic").with_options(create_members=True)
        done = import_sales(actor=shop.actor, path=path, mapping=mapping)
        assert done.rows == {
            "sale": "2-3",
            "matched": "4",
            "unknown_customer": "5",
            "anonymous_sale": "6",
            "too_many_decimals": "7",
        }
        assert Identifier.objects.get(kind="phone").value == "+84912345678"
        # The newest line of that unit price was sold for 25.000: that is what is given back.
        [refund] = Refund.objects.all()
        assert (refund.purchase.receipt, refund.amount_minor) == ("HD2", 25_000)
        remembered = ImportMapping.objects.get()
        assert remembered.mapping["columns"]["phone"] == "Điện thoại"
        assert remembered.mapping["decimal_mark"] == ","


def test_customers_nobody_knows_are_refused_unless_they_may_be_made(
    gift_shop: Shop, tmp_path: Path
) -> None:
    path = sheet(tmp_path / "a.csv", "1,A,Mug,6,2011-02-01 10:00:00,2.00,17")
    strict = load_preset("online-retail").with_options(create_members=False)
    done = import_sales(actor=gift_shop.actor, path=path, mapping=strict)
    assert done.rows == {"unknown_customer": "2"}
    held = Member.objects.create(holder=Holder.objects.create(), joined_at=now(), state="held")
    Identifier.objects.create(member=held, kind="external", value="17", created_at=now())
    assert run(gift_shop, path).rows == {"member_not_active": "2"}


def test_a_receipt_the_rules_refuse_leaves_the_others_alone(
    gift_shop: Shop, tmp_path: Path
) -> None:
    long = [f"2,S{n},Mug,1,2011-02-01 10:00:00,2.00,17" for n in range(1001)]
    path = sheet(tmp_path / "a.csv", "1,A,Mug,6,2011-02-01 10:00:00,2.00,17", *long)
    done = run(gift_shop, path)
    assert done.rows == {"sale": "2", "not_accepted": "3-1003"}
    assert "1000" in done.details[0]["message"]


def test_limits_count_what_the_same_batch_gave(gift_shop: Shop, tmp_path: Path) -> None:
    limits = [{"measure": "amount", "maximum": 20, "period": "month"}]
    EarningRule.objects.update(limits=limits)
    gift_shop.programme.rules_version += 1
    gift_shop.programme.save()
    rows = [f"{n},A,Mug,4,2011-02-{n:02} 10:00:00,2.00,17" for n in range(1, 6)]
    run(gift_shop, sheet(tmp_path / "a.csv", *rows, "9,A,Mug,4,2011-03-01 10:00:00,2.00,17"))
    assert points_of("17") == 20 + 8


def test_a_household_keeps_apart_who_bought(gift_shop: Shop, tmp_path: Path) -> None:
    holder = Holder.objects.create()
    for value in ("17", "18"):
        member = Member.objects.create(holder=holder, joined_at=now(), name=value)
        Identifier.objects.create(member=member, kind="external", value=value, created_at=now())
    rows = [f"{n},A,Mug,4,2011-02-01 10:0{n}:00,2.00,{17 + n % 2}" for n in range(6)]
    run(gift_shop, sheet(tmp_path / "a.csv", *rows))
    assert points_of("17") == points_of("18") == 48
    assert verify().findings == []


def test_files_of_another_currency_and_people_without_the_right(
    shop: Shop, gift_shop: Shop, other_shop: Shop
) -> None:
    with pytest.raises(FileProblem, match="wrong_currency"):
        run(shop)
    with in_programme(gift_shop.programme):
        user = User.objects.create_user("cash@example.com", "a long pass phrase")
        Staff.objects.create(user=user, merchant=gift_shop.merchant, role="cashier")
        gift_shop.staff.role = "cashier"
        with pytest.raises(Forbidden):
            run(gift_shop)
    with in_programme(other_shop.programme):
        assert not Purchase.objects.exists()


def test_the_command_says_what_is_wrong(gift_shop: Shop, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.csv", "1,A,Mug,6,2011-02-01 10:00:00,2.00,17")
    with pytest.raises(CommandError, match="gifts"):
        call_command("import_sales", str(path), programme="nobody")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_sales", str(tmp_path / "none.csv"), programme="gifts")
    empty = tmp_path / "empty.csv"
    empty.touch()
    with pytest.raises(CommandError):
        call_command("import_sales", str(empty), programme="gifts")


def test_a_customer_column_may_hold_anything(gift_shop: Shop, tmp_path: Path) -> None:
    Identifier.objects.create(
        member=gift_shop.member, kind="email", value="ana@example.com", created_at=now()
    )
    path = sheet(tmp_path / "a.csv", "1,A,Mug,6,2011-02-01 10:00:00,2.00,Ana@Example.com")
    mapping = SalesMapping(decimal_mark=".", customer_kind="any")
    done = import_sales(actor=gift_shop.actor, path=path, mapping=mapping)
    assert unpack_rows(done.rows["sale"]) == [2]
    assert Purchase.objects.get().member == gift_shop.member
