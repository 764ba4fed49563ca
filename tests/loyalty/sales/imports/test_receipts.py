"""The policy, row by row, on an excerpt of the real file (see data/README.md)."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from loyalty.sales.imports.lines import LineContext, LineParser
from loyalty.sales.imports.mapping import (
    SalesMapping,
    complete_mapping,
    guess_columns,
    header_fingerprint,
    load_preset,
    mapping_data,
    mapping_from_data,
)
from loyalty.sales.imports.outcomes import REASONS, Outcome, Tally, pack_rows, unpack_rows
from loyalty.sales.imports.problems import FileProblem
from loyalty.sales.imports.reader import BadRow, iterate_rows, open_source
from loyalty.sales.imports.receipts import JudgedReceipt, Spool, judge_receipt
from loyalty.sales.imports.values import Styles, ValueProblem

EXCERPT = Path(__file__).parent / "data" / "online_retail_excerpt.csv"
NOW = 1_400_000_000


def judged(path: Path, mapping: SalesMapping) -> tuple[Tally, list[JudgedReceipt]]:
    source = open_source(path)
    mapping = complete_mapping(mapping, source.header)
    context = LineContext(
        currency="GBP",
        exponent=2,
        zone=ZoneInfo("Europe/London"),
        now=NOW,
        styles=Styles(".", mapping.date_order),
    )
    parser = LineParser(header=source.header, mapping=mapping, context=context)
    tally = Tally()
    with Spool() as spool:
        for row in iterate_rows(source):
            tally.read(row.number)
            if isinstance(row, BadRow):
                tally.judge(row.number, row.reason)
                continue
            try:
                spool.add(parser.parse(row))
            except ValueProblem as problem:
                tally.judge(row.number, problem.reason)
        receipts = [judge_receipt(receipt, mapping) for receipt in spool.receipts()]
    for receipt in receipts:
        for number, reason in receipt.judged:
            tally.judge(number, reason)
    return tally, receipts


def write_rows(path: Path, rows: Iterable[str]) -> Path:
    path.write_text("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n")
    with path.open("a") as out:
        out.writelines(f"{row}\n" for row in rows)
    return path


def reasons(path: Path, **changes: object) -> list[str | None]:
    preset = mapping_from_data({**mapping_data(load_preset("online-retail")), **changes})
    tally, _receipts = judged(path, preset)
    return [tally.reason(row) for row in range(2, tally.rows_read() + 2)]


def test_every_oddity_of_the_real_file_gets_its_outcome() -> None:
    tally, receipts = judged(EXCERPT, load_preset("online-retail"))
    assert tally.rows_read() == 175
    assert tally.reason_counts() == {
        "repeated_in_file": 1,
        "anonymous_sale": 5,
        "anonymous_cancellation": 2,
        "stock_adjustment": 3,
        "accounting_entry": 3,
        "postage": 2,
        "fee": 1,
        "discount": 1,
        "manual_entry": 4,
        "charity": 1,
    }
    waiting = sum(len(one.sold) + len(one.returned) for one in receipts)
    assert waiting == len(tally.undecided()) == 175 - 23
    apart = next(one for one in receipts if one.receipt.number == "542806")
    assert len(apart.sold) > 20, "lines that stand apart in the file are one receipt"
    assert [one.at for one in receipts] == sorted(one.at for one in receipts)


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    header, *lines = EXCERPT.read_text("utf-8").splitlines()
    random.Random(7).shuffle(lines)
    mixed = tmp_path / "mixed.csv"
    mixed.write_text("\n".join([header, *lines]) + "\n", "utf-8")
    preset = load_preset("online-retail")
    straight, shuffled = judged(EXCERPT, preset), judged(mixed, preset)
    assert straight[0].reason_counts() == shuffled[0].reason_counts()
    assert [one.receipt.number for one in straight[1] if one.sold] == [
        one.receipt.number for one in shuffled[1] if one.sold
    ]


def test_a_line_scanned_twice_is_a_choice(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", ["1,A,Mug,1,2011-01-01 10:00:00,2.55,17"] * 2)
    assert reasons(path) == [None, "repeated_in_file"]
    assert reasons(path, repeated_lines="second_scan") == [None, None]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,A,Mug,-1,2011-01-01 10:00:00,2.55,17", "negative_quantity"),
        ("C1,A,Mug,1,2011-01-01 10:00:00,2.55,17", "positive_cancellation"),
        ("1,A,Mug,0,2011-01-01 10:00:00,2.55,17", "zero_quantity"),
        ("1,A,Mug,1,2011-01-01 10:00:00,-2.55,17", "negative_amount"),
        ("1,A,Mug,1,2011-01-01 10:00:00,NaN,17", "bad_amount"),
        ("1,A,Mug,1,2011-01-01 10:00:00,9223372036854775808,17", "amount_too_large"),
        ("1,A,Mug,1,2011-01-01 10:00:00,,17", "missing_value"),
        (",A,Mug,1,2011-01-01 10:00:00,2.55,17", "missing_value"),
        ("1,A,Mug,1,2031-01-01 10:00:00,2.55,17", "date_in_future"),
        ("1,A,Mug,1,2011-02-31 10:00:00,2.55,17", "bad_date"),
        ("1,A,Mug,0.0001,2011-01-01 10:00:00,2.55,17", "fractional_quantity"),
        (f"{'9' * 80},A,Mug,1,2011-01-01 10:00:00,2.55,17", "value_too_long"),
        ("1,A,Mug,1,2011-01-01 10:00:00,2.55,", "anonymous_sale"),
        ("1,post,Postage,1,2011-01-01 10:00:00,2.55,17", "postage"),
        ("1,gift_0001_40,Voucher,1,2011-01-01 10:00:00,2.55,17", "gift_voucher"),
        ("1,POSTCARD,Card,1,2011-01-01 10:00:00,2.55,17", None),
        ("1,A,=HYPERLINK(1),1,2011-01-01 10:00:00,2.55,17.0", None),
    ],
)
def test_bad_rows_are_refused_with_the_reason(tmp_path: Path, row: str, reason: str | None) -> None:
    assert reasons(write_rows(tmp_path / "a.csv", [row])) == [reason]


def test_a_receipt_must_be_one_sale_to_one_customer(tmp_path: Path) -> None:
    two = write_rows(
        tmp_path / "a.csv",
        ["1,A,Mug,1,2011-01-01 10:00:00,2.55,17", "1,K,Cup,1,2011-01-01 10:00:00,2.55,18"],
    )
    assert reasons(two) == ["receipt_of_two_customers"] * 2
    days = write_rows(
        tmp_path / "b.csv",
        ["1,A,Mug,1,2011-01-01 10:00:00,2.55,17", "1,K,Cup,1,2011-01-03 10:00:00,2.55,17"],
    )
    assert reasons(days) == ["receipt_over_days"] * 2


def test_presets_and_mappings_are_data() -> None:
    preset = load_preset("online-retail")
    assert mapping_from_data(mapping_data(preset)) == preset
    assert set(preset.exclusions.values()) <= set(REASONS)
    assert all(REASONS[one][0] is Outcome.EXCLUDED_PRODUCT for one in preset.exclusions.values())
    with pytest.raises(FileProblem, match="preset_unknown"):
        load_preset("../../etc/passwd")


def test_columns_are_guessed_in_vietnamese_and_english() -> None:
    header = ("Mã hóa đơn", "Thời gian", "Mã khách hàng", "Điện thoại", "Mã hàng", "Tên hàng")
    header += ("Số lượng", "Đơn giá", "Thành tiền")
    found = guess_columns(header, kind="sales")
    assert found == {
        "receipt": "Mã hóa đơn",
        "occurred_at": "Thời gian",
        "customer": "Mã khách hàng",
        "phone": "Điện thoại",
        "product_code": "Mã hàng",
        "description": "Tên hàng",
        "quantity": "Số lượng",
        "unit_price": "Đơn giá",
        "line_total": "Thành tiền",
    }
    assert header_fingerprint(header) == header_fingerprint(header[::-1])
    with pytest.raises(FileProblem, match="columns_missing"):
        complete_mapping(SalesMapping(), ("Ghi chú", "Thời gian"))


def test_a_row_is_judged_once_and_ranges_come_back() -> None:
    tally = Tally()
    for row in (2, 3, 5):
        tally.read(row)
    tally.judge(2, "sale")
    with pytest.raises(ValueError, match="judged twice"):
        tally.judge(2, "sale")
    with pytest.raises(ValueError, match="never read"):
        tally.judge(4, "sale")
    assert tally.undecided() == [3, 5]
    assert tally.rows_read() == 3
    assert pack_rows([9, 2, 3, 4]) == "2-4,9"
    assert unpack_rows("2-4,9") == [2, 3, 4, 9]
    assert unpack_rows(pack_rows([])) == []
