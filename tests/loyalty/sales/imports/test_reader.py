"""Files as tills, spreadsheets and broken downloads leave them."""

from __future__ import annotations

import codecs
import gzip
import zipfile
from pathlib import Path

import pytest

from loyalty.sales.imports.problems import FileProblem
from loyalty.sales.imports.reader import BadRow, Row, iterate_rows, open_source

HEADER = "Mã hóa đơn;Tên hàng;Số tiền"
LINES = ["HD1;Cà phê sữa đá;29.000", "HD2;Bánh mì thịt nướng;35.000"]


def write(folder: Path, content: bytes, name: str = "sales.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def rows_of(path: Path) -> list[Row | BadRow]:
    return list(iterate_rows(open_source(path)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_every_encoding_line_end_and_delimiter_reads_the_same(
    tmp_path: Path, encoding: str, line_end: str, mark: str
) -> None:
    text = line_end.join([HEADER, *LINES, ""]).replace(";", mark)
    path = write(tmp_path, text.encode(encoding))
    source = open_source(path)
    assert source.header == ("Mã hóa đơn", "Tên hàng", "Số tiền")
    assert [row.values for row in iterate_rows(source)] == [
        ("HD1", "Cà phê sữa đá", "29.000"),
        ("HD2", "Bánh mì thịt nướng", "35.000"),
    ]


def test_old_vietnamese_and_western_code_pages_are_told_apart(tmp_path: Path) -> None:
    # cp1258 writes tone marks after their vowel, as Windows does.
    spelled = "Ma\u0303;T\u00ean\n1;C\u00e0 ph\u00ea s\u01b0\u0303a \u0111a\u0301 \u0110a\u0300 La\u0323t\n"
    path = write(tmp_path, spelled.encode("cp1258"))
    [row] = rows_of(path)
    assert row.values == ("1", "Cà phê sữa đá Đà Lạt")
    western = write(tmp_path, "No;Item\n1;Crème brûlée für £5 – São João\n".encode("cp1252"), "w")
    [row] = rows_of(western)
    assert row.values == ("1", "Crème brûlée für £5 – São João")


def test_bad_utf8_refuses_its_row_alone(tmp_path: Path) -> None:
    good = "HD1;Cà phê sữa;1\n".encode()
    path = write(tmp_path, b"a;b;c\n" + good * 3 + b"HD2;C\xe0 ph\xea;2\n" + good)
    rows = rows_of(path)
    assert [row.number for row in rows] == [2, 3, 4, 5, 6]
    assert rows[3] == BadRow(5, "bad_encoding")
    assert rows[4] == Row(6, ("HD1", "Cà phê sữa", "1"))


def test_wrong_column_count_zero_bytes_and_blank_lines(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,b\n1,2\n\n3\n4,5,6\n7,8,,\n9,\x00\n,\n10,11")
    rows = rows_of(path)
    assert [(row.number, getattr(row, "reason", "ok")) for row in rows] == [
        (2, "ok"),
        (4, "wrong_column_count"),
        (5, "wrong_column_count"),
        (6, "ok"),
        (7, "nul_byte"),
        (9, "ok"),
    ]


def test_an_unclosed_quotation_mark_costs_one_row_not_the_rest_of_the_file(tmp_path: Path) -> None:
    lines = ['1,"open', *[f"{n},fine" for n in range(2, 400)], '400,"two\nlines"', '401,12" cake']
    path = write(tmp_path, ("no,text\n" + "\n".join(lines) + "\n").encode())
    rows = rows_of(path)
    assert rows[0] == BadRow(2, "unbalanced_quote", ('1,"open',))
    assert [row.values[0] for row in rows[1:]] == [str(n) for n in range(2, 402)]
    assert rows[-2].values == ("400", "two\nlines")
    assert rows[-1].values == ("401", '12" cake')
    assert all(isinstance(row, Row) for row in rows[1:])


def test_quotes_around_delimiters_and_doubled_quotes(tmp_path: Path) -> None:
    path = write(tmp_path, b'a,b\n"x, y","say ""hi"""\n"","z"\n')
    assert [row.values for row in rows_of(path)] == [("x, y", 'say "hi"'), ("", "z")]


def test_half_a_file_refuses_the_row_it_ends_in(tmp_path: Path) -> None:
    whole = ("a,b,c\n" + "".join(f"{n},widget,{n}00\n" for n in range(3000))).encode()
    cut = write(tmp_path, whole[: whole.index(b"idget", len(whole) // 2)])
    *good, last = rows_of(cut)
    assert isinstance(last, BadRow) and last.reason == "cut_off"
    assert all(isinstance(row, Row) for row in good)
    packed = gzip.compress(whole)
    cut_packed = write(tmp_path, packed[: len(packed) // 2], "cut.csv.gz")
    source = open_source(cut_packed)
    assert source.ends_early
    *good, last = list(iterate_rows(source))
    assert isinstance(last, BadRow) and last.reason == "cut_off" and len(good) > 100


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n\n", "header_missing"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 20, "file_not_text"),
        (b"PK\x03\x04 not really a spreadsheet", "file_damaged"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9] + b"\x00garbage\x01", "file_damaged"),
        (b"x" * 3_000_000, "file_not_text"),
    ],
)
def test_files_that_are_no_tables_are_refused_whole(
    tmp_path: Path, content: bytes, code: str
) -> None:
    with pytest.raises(FileProblem) as problem:
        rows_of(write(tmp_path, content))
    assert problem.value.code == code


def test_excel_separator_line_and_repeated_column_names(tmp_path: Path) -> None:
    path = write(tmp_path, b"sep=;\nAmount;Amount;\n1;2;\n")
    source = open_source(path)
    assert source.header == ("Amount", "Amount (2)")
    assert list(iterate_rows(source)) == [Row(3, ("1", "2"))]


def test_a_spreadsheet_reads_like_a_csv(tmp_path: Path) -> None:
    path = make_xlsx(tmp_path / "sales.xlsx")
    source = open_source(path)
    assert source.header == ("No", "Date", "Price", "Customer")
    assert list(iterate_rows(source)) == [Row(4, ("1", "2010-12-01 08:26:00", "2.55", "17850"))]


def make_xlsx(path: Path) -> Path:
    """The smallest workbook a spreadsheet would save: the table begins in row 3."""
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="3">'
        + "".join(
            f'<c r="{column}3" t="inlineStr"><is><t>{name}</t></is></c>'
            for column, name in zip("ABCD", ("No", "Date", "Price", "Customer"), strict=True)
        )
        + '</row><row r="4"><c r="A4"><v>1</v></c><c r="B4" s="1"><v>40513.3513888889</v></c>'
        '<c r="C4"><v>2.55</v></c><c r="D4"><v>17850</v></c></row></sheetData></worksheet>'
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Sales" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in parts.items():
            packed.writestr(name, codecs.decode(text.encode(), "utf-8"))
    return path
