"""What the two sides of an invitation hear of it: each thing once, in their language, if they want it."""

from __future__ import annotations

from collections.abc import Sequence
from smtplib import SMTPServerDisconnected

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from campaigns.referrals.models import Referral
from loyalty.commands.models import Command
from loyalty.outbox.models import Event
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.messaging.services import ask, choose_topics, leave, stop_address
from tests.campaigns.referrals.invites import Scheme
from tests.members.messaging.club_of import link
from tests.world import Shop

pytestmark = pytest.mark.django_db
ANA, BO = "ana@example.com", "bo@example.com"


@pytest.fixture
def scheme(shop: Shop) -> Scheme:
    return Scheme(shop)


def invited(scheme: Scheme, **friend: str) -> tuple[str, str]:
    """Ana, who reads English, invites Bảo, who reads Vietnamese."""
    ana = scheme.join("Ana Lee", email=ANA, language="en")
    bo = scheme.join("Trần Văn Bảo", email=BO, language="vi", code=scheme.code(ana), **friend)
    scheme.work()
    return ana, bo


def told(letters: list[EmailMessage]) -> list[tuple[str, str]]:
    return [(one.to[0], one.subject) for one in letters]


def again(scheme: Scheme) -> None:
    """The relay was killed before it closed its events: it hands all of them on once more."""
    with in_programme(scheme.shop.programme):
        Event.objects.update(due_at=F("recorded_at"))
    scheme.work()


def test_both_hear_of_it_once_in_their_own_language(
    scheme: Scheme, mailoutbox: list[EmailMessage]
) -> None:
    ana, bo = invited(scheme)
    assert told(mailoutbox) == [(ANA, "Bảo came by your link")]
    assert "It counts with the first purchase, before" in mailoutbox[0].body
    assert "/p/cafe/invite/" in mailoutbox[0].body
    assert "Trần" not in mailoutbox[0].body, "a given name is enough"
    mailoutbox.clear()
    scheme.buy(bo)
    scheme.pass_days(1)
    assert mailoutbox == [], "nothing is promised before the days to return are over"
    scheme.pass_days(15)
    assert sorted(told(mailoutbox)) == [
        (ANA, "Thank you for inviting Bảo"),
        (BO, "Quà của bạn: 20 điểm"),
    ]
    mine = next(one for one in mailoutbox if one.to == [ANA])
    assert "You got 50 points." in mine.body
    theirs = next(one for one in mailoutbox if one.to == [BO])
    assert "Bạn đến qua lời mời của Lee và đã nhận 20 điểm" in theirs.body
    mailoutbox.clear()
    again(scheme)
    assert mailoutbox == []
    with in_programme(scheme.shop.programme):
        kept = Command.objects.filter(name="letters.note")
        assert sorted(kept.values_list("subject", flat=True)) == sorted([ana, ana, bo])
        assert not kept.filter(changes__icontains="Bảo").exists(), "the audit trail knows no names"


def looked_at(scheme: Scheme) -> str:
    """Bảo came by Ana's link and bought; somebody of his name and birthday was here before."""
    scheme.join("Trần Văn Bảo", birthday="1990-05-01")
    _ana, bo = invited(scheme, birthday="1990-05-01")
    scheme.buy(bo)
    scheme.work()
    assert scheme.state(bo) == "held"
    return bo


@pytest.mark.parametrize(
    ("decision", "days", "mine", "theirs"),
    [
        ("release", 1, "Your invitation of Bảo counts", "Đơn mua của bạn được tính"),
        ("release", 16, "Thank you for inviting Bảo", "Quà của bạn: 20 điểm"),
        (
            "reject",
            1,
            "Your invitation of Bảo does not count",
            "Lời mời của Lee không được tính",
        ),
    ],
)
def test_what_was_held_is_decided_and_told(
    scheme: Scheme,
    mailoutbox: list[EmailMessage],
    decision: str,
    days: int,
    mine: str,
    theirs: str,
) -> None:
    bo = looked_at(scheme)
    mailoutbox.clear()
    scheme.pass_days(days)
    assert mailoutbox == [], "nobody is accused by letter"
    scheme.did(scheme.review(bo, decision, note="They are sisters"))
    scheme.work()
    again(scheme)
    assert sorted(told(mailoutbox)) == [(ANA, mine), (BO, theirs)]
    assert not any("sisters" in one.body for one in mailoutbox)


def test_nobody_is_written_to_who_does_not_want_it(
    scheme: Scheme, mailoutbox: list[EmailMessage]
) -> None:
    ana, bo = invited(scheme)
    shop = scheme.shop
    with scheme.at():
        ask(shop.call(), member=ana)
        scheme.work()
        assert Client().post(link()).status_code == 200
        choose_topics(shop.call(), member=ana, topics=["news"])
        ask(shop.call(), member=bo)
        scheme.work()
        stop_address(shop.call(), address=BO, kind="bounce")
    mailoutbox.clear()
    scheme.buy(bo)
    scheme.pass_days(15)
    assert scheme.state(bo) == "paid"
    assert mailoutbox == [], "Ana chose news alone, and Bảo's letters came back"
    with scheme.at():
        choose_topics(shop.call(), member=ana, topics=["account"])
    scheme.join("Cúc", code=scheme.code(ana))
    scheme.work()
    assert told(mailoutbox) == [(ANA, "Cúc came by your link")]
    with scheme.at():
        leave(shop.call(), member=ana)
    scheme.join("Dung", code=scheme.code(ana))
    scheme.work()
    assert len(mailoutbox) == 1, "who left the club gets no more letters"


class NoMailbox(BaseEmailBackend):
    """A post office that is closed."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise SMTPServerDisconnected("closed")


def test_a_letter_that_could_not_leave_is_tried_again(
    scheme: Scheme, mailoutbox: list[EmailMessage], settings: Settings
) -> None:
    open_office, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.NoMailbox"
    invited(scheme)
    with in_programme(scheme.shop.programme):
        (waiting,) = Event.objects.filter(due_at__isnull=False)
        assert waiting.type == "referral.joined"
    settings.EMAIL_BACKEND = open_office
    scheme.pass_days(hours=1)
    assert told(mailoutbox) == [(ANA, "Bảo came by your link")]


def test_support_decides_in_the_admin_and_says_why(
    scheme: Scheme, mailoutbox: list[EmailMessage]
) -> None:
    bo = looked_at(scheme)
    with in_programme(scheme.shop.programme):
        row = Referral.objects.get()
    user = User.objects.create_superuser("sue@example.com", "a long pass phrase", name="Sue")
    support = Client(headers={"accept-language": "en"})
    support.force_login(user)
    page = "/admin/campaigns_referrals/referral/"
    assert "Release what is held" in support.get(page).content.decode()

    def decide(action: str, note: str) -> str:
        chosen = {"action": action, "_selected_action": [row.pk], "note": note}
        with scheme.at():
            return str(support.post(page, chosen, follow=True).content.decode())

    assert "Say why" in decide("reject", " ") and scheme.state(bo) == "held"
    assert "Nothing waits for you here" not in decide("reject", "One person")
    assert "Nothing waits for you here" in decide("release", "Too late")
    found = scheme.referral(bo)
    assert (found["state"], found["reviewed_by"], found["review_note"]) == (
        "rejected",
        "Sue",
        "One person",
    )
    scheme.work()
    assert "Your invitation of Bảo does not count" in [one.subject for one in mailoutbox]
    assert support.get(f"{page}{row.pk}/change/").status_code == 200
    assert support.post(f"{page}{row.pk}/change/", {"state": "paid"}).status_code == 403
