"""What a text is judged by: the words a shop wants to look at, links, and how much one may write."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

HOUR = timedelta(hours=1)
_LINK = re.compile(
    r"(https?://|www\.)\S|\b[a-z0-9-]+(\.[a-z0-9-]+)*"
    r"\.(com|net|org|info|biz|shop|store|online|site|xyz|top|click|link|vn|io|co|me|app|ru|cn)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


class Links(StrEnum):
    """What becomes of a text with a link."""

    ALLOW = "allow"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, kw_only=True)
class Manners:
    """What holds for everything members write.

    Args:
        words: words and phrases that hold a text back; upper and lower case are one, accents are not.
        per_hour: how many texts a member may send within an hour.
        hide_after: so many reports hide a thing until staff decided; 0 never.
    """

    words: tuple[str, ...] = ()
    links: Links = Links.HOLD
    per_hour: int = 20
    hide_after: int = 3


def plain_words(text: str) -> list[str]:
    """The words of a text as they are compared: composed, in lower case, without signs between."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def has_listed_word(text: str, words: tuple[str, ...]) -> bool:
    """Does a text hold one of the words or phrases, as whole words?"""
    shown = f" {' '.join(plain_words(text))} "
    wanted = (" ".join(plain_words(word)) for word in words)
    return any(word and f" {word} " in shown for word in wanted)


def has_link(text: str) -> bool:
    """Does a text lead elsewhere?"""
    return bool(_LINK.search(unicodedata.normalize("NFKC", text)))


def wait_seconds(*, since: datetime, now: datetime) -> int:
    """How long until the hour that began at an instant is over."""
    return max(int((since + HOUR - now).total_seconds()) + 1, 1)
