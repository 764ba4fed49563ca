"""Phone numbers: every way of typing one leads to the same E.164 number.

Vietnamese mobile numbers of eleven digits (until 15 September 2018) are turned into the ten digits
that replaced them, so that a number from an old list still finds its owner.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from loyalty.common.errors import Invalid

# Ministry of Information and Communications, renumbering of 2018: old -> new, without the zero.
NEW_PREFIXES = {
    "120": "70",
    "121": "79",
    "122": "77",
    "126": "76",
    "128": "78",  # MobiFone
    "123": "83",
    "124": "84",
    "125": "85",
    "127": "81",
    "129": "82",  # VinaPhone
    **{f"16{digit}": f"3{digit}" for digit in "23456789"},  # Viettel
    "186": "56",
    "188": "58",  # Vietnamobile
    "199": "59",  # Gmobile
}
_OLD_MOBILE = re.compile(r"^(?:\+84|0084|84|0)0?(1\d\d)(\d{7})$")
_SEPARATORS = re.compile(r"[\s.\-–—()/\u00a0\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_LONGEST = 40
_REACHABLE = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
}


def normalise_phone(text: str, *, country: str = "VN", field: str = "phone") -> str:
    """The number in E.164 (``+84912345678``), whichever way it was typed.

    Args:
        country: ISO 3166 code that decides what a number without ``+`` means.

    Raises ``Invalid`` (``bad_phone``) for what no person can be reached at.
    """
    digits = _digits(text)
    try:
        number = phonenumbers.parse(_renewed(digits, country), country)
    except phonenumbers.NumberParseException as error:
        raise _bad_phone(field) from error
    reachable = phonenumbers.number_type(number) in _REACHABLE
    if not phonenumbers.is_valid_number(number) or not reachable or number.extension:
        raise _bad_phone(field)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def looks_like_phone(text: str) -> bool:
    """Could this be meant as a phone number (digits and the usual signs between them)?"""
    digits = _digits(text).removeprefix("+")
    return digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 15


def national_form(e164: str, *, country: str = "VN") -> str:
    """As people of that country write it: ``0912 345 678``; with ``+`` for other countries."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    at_home = number.country_code == phonenumbers.country_code_for_region(country)
    style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def _digits(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text[:_LONGEST])
    return _SEPARATORS.sub("", plain) if len(text) <= _LONGEST else ""


def _renewed(digits: str, country: str) -> str:
    old = _OLD_MOBILE.match(digits)
    if old is None or old[1] not in NEW_PREFIXES:
        return digits
    if country != "VN" and not digits.startswith(("+84", "0084")):
        return digits
    return f"+84{NEW_PREFIXES[old[1]]}{old[2]}"


def _bad_phone(field: str) -> Invalid:
    return Invalid(
        "bad_phone",
        _("This is no phone number we know. Type it as on a business card: 0912 345 678."),
        field=field,
    )
