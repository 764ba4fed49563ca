"""Shapes of the e-mail club's API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from loyalty.common.errors import DomainError
from loyalty.web.api import Body, Choice, ItemList, JudgedList, Text
from members.messaging import selectors
from members.messaging.rules import LONGEST_BODY, LONGEST_SUBJECT, TOPIC_NAMES


class ClubAskBody(Body):
    """About what, and where it was said."""

    topics = ItemList(child=Choice(choices=TOPIC_NAMES), maximum=10, required=False)
    where = Text(maximum=60, required=False)


class ClubTopicsBody(Body):
    """About what."""

    topics = ItemList(child=Choice(choices=TOPIC_NAMES), maximum=10)


class ClubConfirmBody(Body):
    """The token of the link in the letter."""

    token = Text(maximum=2_000)


class StopAddressBody(Body):
    """An address a letter came back from, or whose owner called it spam."""

    address = Text(maximum=254)
    kind = Choice(choices=["bounce", "complaint"])


class _Audience(JudgedList):
    def faults(self, found: list[dict[str, Any]]) -> Iterable[DomainError]:
        for fault in selectors.audience_faults(found):
            fault.field = fault.field.removeprefix("audience.")
            yield fault


class NewsletterBody(Body):
    """A newsletter. ``audience``: conditions as in rules; none: everyone in the club."""

    topic = Choice(choices=TOPIC_NAMES, required=False)
    subject_vi = Text(maximum=LONGEST_SUBJECT)
    subject_en = Text(maximum=LONGEST_SUBJECT, required=False)
    body_vi = Text(maximum=LONGEST_BODY, lines=True)
    body_en = Text(maximum=LONGEST_BODY, lines=True, required=False)
    audience = _Audience(maximum=50, required=False)
