"""Names, notes and e-mail addresses: what is accepted, how they are searched, how much is shown."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

from loyalty.common.errors import Invalid

LONGEST_NAME = 200
LONGEST_TEXT = 5_000
LONGEST_TAG = 40
MOST_TAGS = 50
_DOTS = "•••"
# Joiners inside emoji and scripts that need them; other invisible signs could disguise a name.
_JOINERS = {"\u200c", "\u200d"}
_FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean_name(text: str, *, field: str = "name", longest: int = LONGEST_NAME) -> str:
    """A name as it is kept: composed letters, single spaces. Emoji are welcome.

    Raises ``Invalid`` for control and invisible characters and for more than ``longest`` letters.
    """
    _check_length(text, field=field, longest=longest)
    composed = unicodedata.normalize("NFC", text)
    name = re.sub(r"[ \u00a0\u3000]+", " ", composed).strip()
    if any(_is_forbidden(sign) for sign in name):
        raise Invalid(
            "bad_characters",
            _("This has invisible or control characters. Type it again by hand."),
            field=field,
        )
    return name


def clean_text(text: str, *, field: str = "text", longest: int = LONGEST_TEXT) -> str:
    """A longer text: lines are kept, other control characters are refused."""
    _check_length(text, field=field, longest=longest)
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").split("\n")
    return "\n".join(clean_name(line, field=field, longest=longest) for line in lines).strip()


def clean_tags(tags: tuple[str, ...], *, field: str = "tags") -> list[str]:
    """Tags in lower case, each once, in their order. Raises ``Invalid``."""
    if len(tags) > MOST_TAGS:
        raise Invalid("too_many", _("At most %(most)s.") % {"most": MOST_TAGS}, field=field)
    cleaned = (
        clean_name(tag, field=f"{field}.{number}", longest=LONGEST_TAG).lower()
        for number, tag in enumerate(tags)
    )
    return list(dict.fromkeys(tag for tag in cleaned if tag))


def search_form(name: str) -> str:
    """The name without accents, in lower case: ``Nguyễn Đức`` -> ``nguyen duc``."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("đ", "d"))
    plain = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return " ".join(plain.split())[:LONGEST_NAME]


def normalise_email(text: str, *, field: str = "email") -> str:
    """An address in lower case. Raises ``Invalid`` (``bad_email``); no letter is sent to check."""
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise Invalid(
            "bad_email", _("This is no e-mail address. Example: hoa@example.com."), field=field
        ) from error
    return found.normalized.lower()


def mask_phone(e164: str) -> str:
    """What a cashier sees of a number: ``+84912345678`` -> ``091•••678``."""
    local = "0" + e164.removeprefix("+84") if e164.startswith("+84") else e164
    return f"{local[:3]}{_DOTS}{local[-3:]}"


def mask_email(address: str) -> str:
    """``hoa.nguyen@example.com`` -> ``ho•••@example.com``."""
    local, _at, domain = address.rpartition("@")
    shown = local[:2] if len(local) > 3 else local[:1]
    return f"{shown}{_DOTS}@{domain}"


def mask_card(number: str) -> str:
    """``•••• 5526``."""
    return f"•••• {number[-4:]}"


def mask_name(name: str) -> str:
    """Enough to recognise one's own card by: ``Nguyễn Thị Hoa`` -> ``N. T. Hoa``."""
    words = name.split()
    return " ".join([*(f"{word[0]}." for word in words[:-1]), *words[-1:]])


def mask(kind: str, value: str) -> str:
    """An identifier of any kind, masked for those who may not see it whole."""
    masks = {"phone": mask_phone, "email": mask_email, "card": mask_card}
    return masks[kind](value) if kind in masks else f"{value[:2]}{_DOTS}"


def _check_length(text: str, *, field: str, longest: int) -> None:
    if len(text) > longest:
        raise Invalid(
            "too_long",
            _("At most %(longest)s characters.") % {"longest": longest},
            field=field,
            params={"maximum": longest},
        )


def _is_forbidden(sign: str) -> bool:
    if sign in _JOINERS or 0xE0020 <= ord(sign) <= 0xE007F:  # tags inside flag emoji
        return False
    return unicodedata.category(sign) in _FORBIDDEN
