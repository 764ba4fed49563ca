"""What the two sides of a referral are told of it: kind, short, and nothing of what looked wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from loyalty.web import formats


@dataclass(frozen=True, kw_only=True)
class Told:
    """Where a referral stands. ``gift`` is what the reader gets for it."""

    state: str
    why: str
    outcome: str
    buy_by: datetime | None
    due_at: datetime | None
    gift: str


TONES = {"joined": "calm", "bought": "busy", "held": "busy", "paid": "good"}


def given_name(name: str, *, language: str) -> str:
    """The one name a friend is called by: the last word in Vietnamese, the first elsewhere."""
    words = name.split()
    if not words:
        return gettext("A friend")
    return words[-1 if language.startswith("vi") else 0]


def state_word(told: Told) -> str:
    """The state in a word or two."""
    if told.state == "paid" and told.outcome == "limit":
        return gettext("Limit reached")
    words = {
        "joined": gettext("Has a card"),
        "bought": gettext("Has bought"),
        "held": gettext("Being checked"),
        "paid": gettext("Thank you!"),
        "rejected": gettext("Does not count"),
        "expired": gettext("Time is over"),
        "withdrawn": gettext("Was returned"),
    }
    return words[told.state]


def to_referrer(told: Told) -> str:
    """What who invited reads."""
    if told.state == "joined":
        if told.buy_by is None:
            return gettext("Has a card. It counts with the first purchase.")
        text = gettext("Has a card. It counts with the first purchase, before %(day)s.")
        return text % {"day": formats.day_text(told.buy_by)}
    if told.state == "bought" and told.due_at is not None:
        if not told.gift:
            return gettext("Has bought something.")
        text = gettext("Has bought something. You get %(gift)s on %(day)s, if nothing is returned.")
        return text % {"gift": told.gift, "day": formats.day_text(told.due_at)}
    if told.state == "paid":
        return _paid(told)
    if told.state == "rejected":
        return _rejected(told)
    texts = {
        "held": gettext("Has bought something. We have a look at it before we pay."),
        "expired": gettext("Bought nothing in time."),
        "withdrawn": gettext("What was bought came back."),
    }
    return texts.get(told.state, "")


def to_friend(told: Told) -> str:
    """What the friend reads; empty where there is nothing to look forward to."""
    if not told.gift:
        return ""
    if told.state == "joined":
        if told.buy_by is None:
            return gettext("%(gift)s for your first purchase.") % {"gift": told.gift}
        text = gettext("%(gift)s for your first purchase before %(day)s.")
        return text % {"gift": told.gift, "day": formats.day_text(told.buy_by)}
    if told.state == "bought" and told.due_at is not None:
        text = gettext("%(gift)s on %(day)s, if nothing is returned.")
        return text % {"gift": told.gift, "day": formats.day_text(told.due_at)}
    if told.state == "held":
        return gettext("%(gift)s, as soon as we have had a look at it.") % {"gift": told.gift}
    return ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What somebody is written, as plain text."""

    subject: str
    text: str


def letter_to_referrer(event: str, told: Told, *, name: str) -> Letter | None:
    """What who invited is written of an event; nothing where it went on since, or others tell it."""
    due = {
        "referral.joined": (("joined", "bought", "held"), gettext("%(name)s came by your link")),
        "referral.released": (("bought",), gettext("Your invitation of %(name)s counts")),
        "referral.rewarded": (("paid",), gettext("Thank you for inviting %(name)s")),
        "referral.rejected": (("rejected",), gettext("Your invitation of %(name)s does not count")),
    }
    states, subject = due.get(event, ((), ""))
    is_told = told.state in states and told.why != "one_person" and told.outcome != "gone"
    return Letter(subject=subject % {"name": name}, text=to_referrer(told)) if is_told else None


def letter_to_friend(event: str, told: Told, *, name: str) -> Letter | None:
    """What the friend is written, where there is something for them in it."""
    values = {"name": name, "gift": told.gift}
    if not told.gift or told.why == "one_person":
        return None
    if event == "referral.paid" and told.state == "paid":
        subject = gettext("Your gift: %(gift)s") % values
        text = gettext("You came by %(name)s, and %(gift)s is yours. Thank you!") % values
        return Letter(subject=subject, text=text)
    if event == "referral.released" and told.state == "bought":
        return Letter(subject=gettext("Your purchase counts"), text=to_friend(told))
    if event == "referral.rejected" and told.state == "rejected":
        subject = gettext("The invitation by %(name)s does not count") % values
        return Letter(subject=subject, text=_rejected(told))
    return None


def _paid(told: Told) -> str:
    if told.outcome == "limit":
        return gettext("Your friend got their gift. You had reached the limit for your own.")
    if told.outcome == "paid" and told.gift:
        return gettext("You got %(gift)s.") % {"gift": told.gift}
    if not told.outcome and told.gift:
        return gettext("%(gift)s: on the way to you.") % {"gift": told.gift}
    return gettext("Your friend got their gift.")


def _rejected(told: Told) -> str:
    if told.why == "budget":
        return gettext("All gifts of this programme were given away before it was your turn.")
    if told.why == "one_person":
        return gettext("Both cards belong to one person, so it does not count.")
    return gettext("We could not count this one. Ask us in the shop, we are glad to explain.")


def reason_texts(reasons: Iterable[str]) -> list[str]:
    """What looks wrong, for staff."""
    texts = {
        "same_person": gettext("Same name and birthday, or the same log-in"),
        "same_device": gettext("Joined on the same device"),
        "alike_email": gettext("The same mailbox in another spelling"),
        "alike_phone": gettext("The same end of the phone number"),
        "same_household": gettext("One household"),
        "known_person": gettext("Somebody of this name and birthday was a member before"),
        "burst": gettext("Very many friends in a short time"),
    }
    return [texts.get(one, one) for one in reasons]
