"""The people of the demo are called as people in Vietnam are."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from loyalty.demo import history

FAMILIES = set("Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Dương Mai".split())


@pytest.mark.parametrize(
    ("listed", "called"),
    [
        ("Quý cô Kim Hoàng", "Hoàng Kim"),
        ("Hưng Tấn Trần", "Trần Tấn Hưng"),
        ("Bác Quang Vũ", "Vũ Quang"),
        ("Anh Nam Hoàng", "Hoàng Nam"),
        ("Anh Trần", "Trần Anh"),
    ],
)
def test_the_name_of_the_family_stands_first(listed: str, called: str) -> None:
    assert history.called(listed) == called


def test_everybody_has_a_family_and_a_name_of_their_own() -> None:
    people = Path(history.__file__).parent / "data" / "people.csv"
    with people.open(encoding="utf-8") as file:
        names = [history.called(row["name"]).split() for row in csv.DictReader(file)]
    assert all(words[0] in FAMILIES and len(words) > 1 for words in names)
