"""A phone has one owner however it is typed; names keep their letters and lose their tricks."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.common.errors import Invalid, Refused
from members.profiles.rules import cards
from members.profiles.rules.birthdays import age_on, check_age, check_birthday
from members.profiles.rules.names import (
    clean_name,
    clean_text,
    mask_email,
    mask_name,
    mask_phone,
    normalise_email,
    search_form,
)
from members.profiles.rules.phones import national_form, normalise_phone

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


# The forms people type, and the renumbering of 2018, are public facts of the numbering plan.
@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "+84912345678",
        "84912345678",
        "091 234 5678",
        "+84 91 234 5678",
        "091.234.5678",
        "0084 912 345 678",
        "(091) 234-5678",
        "+84 (0) 912 345 678",
        "０９１２３４５６７８",
        "\u200e0912\u00a0345\u00a0678",
    ],
)
def test_every_way_of_typing_a_phone_is_one_number(typed: str) -> None:
    assert normalise_phone(typed) == "+84912345678"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0120", "70"), ("0121", "79"), ("0122", "77"), ("0126", "76"), ("0128", "78"),
        ("0123", "83"), ("0124", "84"), ("0125", "85"), ("0127", "81"), ("0129", "82"),
        *((f"016{digit}", f"3{digit}") for digit in "23456789"),
        ("0186", "56"), ("0188", "58"), ("0199", "59"),
    ],
)  # fmt: skip
def test_old_eleven_digit_numbers_become_the_new_ones(old: str, new: str) -> None:
    assert normalise_phone(f"{old} 234 5678") == f"+84{new}2345678"
    assert normalise_phone(f"+84{old[1:]}2345678") == f"+84{new}2345678"


@pytest.mark.parametrize(
    "typed", ["", "12", "1800 123456", "1900123456", "0123", "hello", "0912345678x9", "9" * 50, "+"]
)
def test_what_is_no_phone_is_refused_by_name(typed: str) -> None:
    with pytest.raises(Invalid, match="bad_phone") as caught:
        normalise_phone(typed)
    assert caught.value.field == "phone"


def test_another_countrys_numbers_are_kept_as_theirs() -> None:
    assert normalise_phone("+44 20 7946 0958") == "+442079460958"
    assert normalise_phone("020 7946 0958", country="GB") == "+442079460958"
    assert national_form("+84912345678") == "0912 345 678"


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_phones(text: str) -> None:
    with contextlib.suppress(Invalid):
        assert normalise_phone(text).startswith("+")


def test_names_keep_emoji_and_lose_nothing_but_double_spaces() -> None:
    assert clean_name("  Hoa  👩\u200d👩\u200d👧 ") == "Hoa 👩\u200d👩\u200d👧"
    # Decomposed letters are the same name as composed ones.
    assert clean_name("Nguye\u0302\u0303n") == "Nguyễn"


@pytest.mark.parametrize("bad", ["a\x00b", "a\nb", "Ana\u202egnp.exe", "x\u200by", "\ud800"])
def test_control_and_disguising_characters_are_refused(bad: str) -> None:
    with pytest.raises(Invalid, match="bad_characters"):
        clean_name(bad)


def test_a_name_of_ten_thousand_letters_is_refused() -> None:
    with pytest.raises(Invalid, match="too_long"):
        clean_name("a" * 10_000)


def test_a_note_keeps_its_lines() -> None:
    assert clean_text("one\r\ntwo ") == "one\ntwo"


def test_names_are_found_without_accents() -> None:
    assert search_form("Nguyễn Thị ĐỨC") == "nguyen thi duc"


def test_addresses_are_kept_in_one_spelling() -> None:
    assert normalise_email(" Hoa@Example.COM ") == "hoa@example.com"
    for bad in ("hoa", "hoa@", "a@b@c", "hoa@localhost\nBcc: x@y.z"):
        with pytest.raises(Invalid, match="bad_email"):
            normalise_email(bad)


def test_masks_show_enough_to_recognise_oneself_and_no_more() -> None:
    assert mask_phone("+84912345678") == "091•••678"
    assert mask_email("hoa.nguyen@example.com") == "ho•••@example.com"
    assert mask_name("Nguyễn Thị Hoa") == "N. T. Hoa"


def test_card_numbers_have_a_check_digit_that_finds_typing_errors() -> None:
    assert cards.check_digit("7992739871") == "3"  # the example of ISO/IEC 7812-1
    number = cards.new_card_number()
    assert cards.card_number(cards.spaced(number)) == number
    wrong = str((int(number[5]) + 1) % 10)
    assert cards.card_number(number[:5] + wrong + number[6:]) is None
    assert len({cards.new_card_number() for _ in range(200)}) == 200


def test_the_qr_is_good_for_a_minute_and_for_this_member_only() -> None:
    secret, member = cards.new_card_secret(), "mem_" + "0" * 26
    text = cards.make_token(member=member, secret=secret, now=NOON)
    assert set(text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
    token = cards.read_token(text.lower())
    assert token is not None
    assert cards.is_genuine(token, secret=secret, now=NOON + timedelta(seconds=30))
    assert not cards.is_genuine(token, secret=secret, now=NOON + timedelta(seconds=61))
    assert not cards.is_genuine(token, secret=secret, now=NOON - timedelta(seconds=61))
    assert not cards.is_genuine(token, secret=cards.new_card_secret(), now=NOON)
    other = cards.read_token(text.replace("0" * 26, "0" * 25 + "1"))
    assert other is not None
    assert not cards.is_genuine(other, secret=secret, now=NOON)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_codes(text: str) -> None:
    cards.read_token(text)
    cards.card_number(text)


def test_ages_are_counted_in_completed_years() -> None:
    assert age_on(date(2010, 11, 24), date(2026, 11, 23)) == 15
    assert age_on(date(2010, 11, 23), date(2026, 11, 23)) == 16
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    with pytest.raises(Refused, match="too_young"):
        check_age(date(2015, 1, 1), today=date(2026, 11, 23), minimum=16)
    with pytest.raises(Invalid, match="bad_birthday"):
        check_birthday(date(2026, 11, 24), today=date(2026, 11, 23))
    with pytest.raises(Invalid, match="bad_birthday"):
        check_birthday(date(1000, 1, 1), today=date(2026, 11, 23))
