"""The e-mail club in pure terms: topics, the two kinds of links in letters, what a letter may hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from django.core import signing
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Invalid, Refused
from loyalty.common.sealing import BrokenSealError, seal, unseal
from members.profiles.rules.consents import TOPICS, Purpose
from members.profiles.rules.names import clean_name, clean_text

MARKETING = "marketing_email"
TOPIC_NAMES = tuple(one.code.removeprefix("email_") for one in TOPICS)
# Those the law calls advertising; they are labelled and capped.
ADVERTISING = frozenset({"news", "offers"})
MOST_A_DAY = 3
LINK_LIVES = timedelta(days=7)
COOL_DOWN = timedelta(minutes=10)
LONGEST_SUBJECT, LONGEST_BODY = 150, 20_000
_SEAL, _SALT = "club confirmation", "members.messaging.leave"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a confirmation link says: to whom, and whose address it is (``member`` empty: nobody's so far).

    ``is_new``: the address is on no card yet, and comes onto that of ``member`` with the button.
    """

    programme: str
    address: str
    member: str
    topics: tuple[str, ...]
    language: str
    source: str
    network: str
    at: datetime
    is_new: bool = False


def topic_purpose(topic: str) -> Purpose:
    """The consent a topic stands for."""
    return next(one for one in TOPICS if one.code == f"email_{topic}")


def clean_topics(topics: Iterable[str]) -> list[str]:
    """Topics, each once, in the order they are shown. Raises ``Invalid``."""
    wanted = list(topics)
    for one in wanted:
        if one not in TOPIC_NAMES:
            raise Invalid(
                "unknown_topic",
                _("Use one of: %(topics)s.") % {"topics": ", ".join(TOPIC_NAMES)},
                field="topics",
            )
    return [one for one in TOPIC_NAMES if one in wanted]


def confirm_token(asked: Asked) -> str:
    """The token of a confirmation link: sealed, so that it tells nobody whose address it is."""
    plain = {**vars(asked), "at": asked.at.isoformat()}
    return seal(orjson.dumps(plain).decode(), purpose=_SEAL)


def read_confirm_token(token: str, *, programme: str, now: datetime) -> Asked:
    """What a link says. Raises ``Refused``: ``link_broken`` (not ours, changed), ``link_expired``.

    A yes to one programme is none to another: its link is broken everywhere else.
    """
    broken = Refused("link_broken", _("This link does not work."), field="token")
    try:
        plain = orjson.loads(unseal(token, purpose=_SEAL))
    except (BrokenSealError, orjson.JSONDecodeError) as error:
        raise broken from error
    if plain.get("programme") != programme:
        raise broken
    at = datetime.fromisoformat(plain["at"])
    if not at <= now < at + LINK_LIVES:
        raise Refused("link_expired", _("This link is too old. Ask for a new one."), field="token")
    return Asked(**{**plain, "at": at, "topics": tuple(plain["topics"])})


def mail_token(member: str, newsletter: str = "") -> str:
    """The token of the links below a letter. It works for ever: whoever wants out gets out."""
    return signing.Signer(salt=_SALT, sep=".").sign(f"{member}~{newsletter}")


def read_mail_token(token: str) -> tuple[str, str]:
    """Member and newsletter of such a token. Raises ``Refused`` (``link_broken``)."""
    try:
        member, _sign, newsletter = signing.Signer(salt=_SALT, sep=".").unsign(token).partition("~")
    except signing.BadSignature as error:
        raise Refused("link_broken", _("This link does not work."), field="token") from error
    return member, newsletter


def clean_subject(text: str, *, field: str) -> str:
    """A subject on one line. Raises ``Invalid`` for line ends and other control characters."""
    return clean_name(text, field=field, longest=LONGEST_SUBJECT)


def clean_body(text: str, *, field: str) -> str:
    """The text of a letter. Raises ``Invalid``."""
    return clean_text(text, field=field, longest=LONGEST_BODY)


def labelled(subject: str, *, topic: str, country: str) -> str:
    """A subject with the label that Vietnam's Decree 91/2020 wants on advertising."""
    return f"[QC] {subject}" if topic in ADVERTISING and country == "VN" else subject


def addressed(body: str, *, name: str) -> str:
    """The text with ``{name}`` filled in; without a name, with nothing in its place."""
    text = body.replace("{name}", name)
    return text if name or text == body else text.replace(" ,", ",").replace(" !", "!").strip()
