"""Newsletters: what leaves the house, to whom, and never twice."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_string
from smtplib import SMTPException
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.message import EmailMultiAlternatives
from django.test import Client, override_settings

from loyalty.common.clock import now, played_at
from loyalty.common.errors import DomainError, Invalid, Several
from loyalty.tenancy.scope import in_programme
from members.messaging import selectors
from members.messaging.gateways.letters import preview
from members.messaging.models import Delivery, Newsletter
from members.messaging.rules import addressed, mail_token
from members.messaging.services import (
    choose_topics,
    claim_batch,
    edit_newsletter,
    leave,
    send_newsletter,
    stop_newsletter,
)
from members.messaging.tasks import send_newsletters
from members.profiles.models import Member
from tests.api import Api, make_key
from tests.forms import form_values
from tests.members.messaging.club_of import (
    asked,
    join,
    link,
    newsletter,
    people,
    sent,
    with_address,
)
from tests.world import Shop


def _states(shop: Shop) -> list[str]:
    with in_programme(shop.programme):
        return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def test_a_letter_has_a_label_two_parts_and_a_way_out_in_one_click(shop: Shop) -> None:
    (lan,) = people(shop, 1)
    sent(shop, topic="offers", body_vi="Chào {name},\n\n<b>Giảm</b> tại https://than.example/menu")
    (letter,) = mail.outbox
    assert isinstance(letter, EmailMultiAlternatives)
    assert letter.subject == "[QC] Tin mới"
    html = str(letter.alternatives[0][0])
    assert "Chào Lan 0," in letter.body and "Chào Lan 0," in html
    assert "&lt;b&gt;" in html and 'href="https://than.example/menu"' in html
    headers = letter.extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = headers["List-Unsubscribe"].strip("<>")
    assert url in letter.body and url in html
    out = Client(enforce_csrf_checks=True).post(link(), {"List-Unsubscribe": "One-Click"})
    assert out.status_code == 200
    with in_programme(shop.programme):
        row = Newsletter.objects.get()
        told = selectors.letter_figures(row)
    assert (told.sent, told.left) == (1, 1)
    with pytest.raises(DomainError):
        sent(shop)
    assert lan.pk


def test_each_reader_reads_their_own_language(shop: Shop) -> None:
    (lan,) = people(shop, 1)
    with in_programme(shop.programme):
        lan.language = "en"
        lan.save()
    sent(shop, subject_en="News", body_en="Hello {name}")
    assert mail.outbox[0].subject == "[QC] News"
    assert "Hello Lan 0" in str(mail.outbox[0].body)


@pytest.mark.parametrize("name", ["subject_vi", "subject_en"])
@pytest.mark.parametrize("wrong", ["Hi\nBcc: all@example.com", "Hi\r\nX: y", "Hi\x00", "x" * 151])
def test_a_subject_cannot_bring_headers_along(shop: Shop, name: str, wrong: str) -> None:
    with pytest.raises((Invalid, Several)):
        newsletter(shop, **{name: wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": "spam"},
        {"subject_vi": ""},
        {"body_vi": " "},
        {"audience": [{"fact": "nothing", "op": "eq", "value": 1}]},
        {"audience": [{"fact": "member.language", "op": "eq", "value": 7}]},
        {"sender": "me"},
    ],
)
def test_what_makes_no_letter_is_not_kept(shop: Shop, wrong: dict[str, Any]) -> None:
    with pytest.raises((Invalid, Several)):
        newsletter(shop, **wrong)


def test_a_programme_s_name_cannot_break_the_sender(shop: Shop) -> None:
    people(shop, 1)
    shop.programme.name = 'Cà phê "Hiên" <evil@example.com>\nBcc: x@example.com'
    shop.programme.save()
    sent(shop)
    head = mail.outbox[0].message().as_string().partition("\n\n")[0]
    assert "Bcc:" not in [line[:4] for line in head.splitlines()]
    assert mail.outbox[0].from_email.endswith("no-reply@localhost>")


def test_topic_and_segment_choose_the_readers(shop: Shop) -> None:
    first, second, third = people(shop, 3)
    choose_topics(shop.call(), member=first.public_id, topics=["account"])
    with in_programme(shop.programme):
        second.tags = ["vip"]
        second.save()
    vip = [{"fact": "member.tags", "op": "contains", "value": "vip"}]
    sent(shop, audience=vip)
    assert [one.to for one in mail.outbox] == [["lan1@example.com"]]
    sent(shop)
    assert sorted(one.to[0] for one in mail.outbox) == ["lan1@example.com", "lan2@example.com"]
    assert third.pk


def test_a_worker_that_dies_loses_letters_rather_than_sends_them_twice(shop: Shop) -> None:
    people(shop, 5)
    made = newsletter(shop)
    send_newsletter(shop.call(), newsletter=made)
    claimed = claim_batch(shop.call(), newsletter=made, limit=2)
    assert len(claimed) == 2  # and here the worker dies
    mail.outbox.clear()
    send_newsletters()
    assert len(mail.outbox) == 3
    assert sorted(_states(shop)) == ["sending", "sending", "sent", "sent", "sent"]
    with played_at(now() + timedelta(hours=2)):
        send_newsletters()
        send_newsletters()
    assert sorted(_states(shop)) == ["failed", "failed", "sent", "sent", "sent"]
    assert len(mail.outbox) == 3
    with in_programme(shop.programme):
        assert Newsletter.objects.get().state == "sent"


def test_who_leaves_between_is_left_out_and_three_a_day_are_enough(shop: Shop) -> None:
    first, _second = people(shop, 2)
    made = newsletter(shop)
    send_newsletter(shop.call(), newsletter=made)
    leave(shop.call(), member=first.public_id)
    send_newsletters()
    assert _states(shop) == ["skipped", "sent"]
    sent(shop)
    sent(shop)
    sent(shop)
    assert mail.outbox == [], "the fourth advertisement of a day"
    sent(shop, topic="account")
    assert len(mail.outbox) == 1, "their own account is no advertisement"


def test_one_mailbox_that_refuses_does_not_stop_the_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(shop, 3)
    send = EmailMultiAlternatives.send

    def sometimes(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        if self.to == ["lan1@example.com"]:
            raise SMTPException("550 no such mailbox")
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMultiAlternatives, "send", sometimes)
    sent(shop)
    assert _states(shop) == ["sent", "failed", "sent"]


def test_a_newsletter_is_sent_once_and_stopped_on_its_way(shop: Shop) -> None:
    people(shop, 2)
    made = newsletter(shop)
    send_newsletter(shop.call(), newsletter=made)
    for act in (
        send_newsletter,
        lambda c, newsletter: edit_newsletter(c, newsletter=newsletter, values={}),
    ):
        with pytest.raises(DomainError) as twice:
            act(shop.call(), newsletter=made)
        assert twice.value.code == "not_a_draft"
    stop_newsletter(shop.call(), newsletter=made)
    mail.outbox.clear()
    send_newsletters()
    assert mail.outbox == []
    assert _states(shop) == ["skipped", "skipped"]


class _Catcher(socketserver.StreamRequestHandler):
    """The least a mail server says; what it is given stands in ``server.letters``."""

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].upper()
            if word == "DATA":
                self._say("354 go on")
                data = b""
                while not data.endswith(b"\r\n.\r\n"):
                    data += self.rfile.readline()
                self.server.letters.append(data.decode())  # type: ignore[attr-defined]
            self._say("221 bye" if word == "QUIT" else "250 ok")
            if word == "QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[Any]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Catcher)
    server.letters = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_letters_leave_over_a_real_socket(shop: Shop, mail_server: Any) -> None:
    people(shop, 2)
    made = newsletter(shop)
    send_newsletter(shop.call(), newsletter=made)
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=mail_server.server_address[1],
        EMAIL_USE_TLS=False,
        EMAIL_HOST_USER="",
    ):
        assert send_newsletters() == 2
    heads = [message_from_string(letter) for letter in mail_server.letters]
    assert {head["To"] for head in heads} == {"lan0@example.com", "lan1@example.com"}
    head = heads[0]
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"\s*<http://\S+/club/mail/\S+>", head["List-Unsubscribe"])
    assert _states(shop) == ["sent", "sent"]


def test_the_name_stands_in_the_subject_too(shop: Shop) -> None:
    people(shop, 1)
    row = sent(shop, subject_vi="{name}, có tin mới", subject_en="{name}, news")
    assert mail.outbox[0].subject == "[QC] Lan 0, có tin mới"
    with in_programme(shop.programme):
        shown = preview(shop.programme, row, "en")
    assert shown["subject"] == "[QC] Nguyễn Thị Hoa, news"
    assert addressed("Chào {name}!", name="") == "Chào!"


def test_an_edit_in_the_form_keeps_the_conditions_it_cannot_show(shop: Shop) -> None:
    many = {"fact": "reviews.published", "op": "gte", "value": 7}
    api = Api(make_key(shop))
    body = {"topic": "news", "subject_vi": "Tin", "body_vi": "Chào", "audience": [many]}
    made = api.post("newsletters/", body)
    assert [dict(one) for one in made.data["audience"]] == [many]
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(shop.staff.user)
    page = f"/dashboard/cafe/newsletters/{made.data['id']}/"
    assert "7" in client.get(page).content.decode().split("For whom")[1]
    values = form_values(client.get(f"{page}edit/").content.decode())
    assert client.post(f"{page}edit/", values | {"subject_vi": "Tin hai"}).status_code == 302
    kept = api.get(f"newsletters/{made.data['id']}/").data
    assert (kept["subject_vi"], [dict(one) for one in kept["audience"]]) == ("Tin hai", [many])
    values = form_values(client.get(f"{page}edit/").content.decode())
    del values["kept"]
    assert client.post(f"{page}edit/", values).status_code == 302
    assert list(api.get(f"newsletters/{made.data['id']}/").data["audience"]) == []


def test_the_owner_writes_looks_and_sends_in_the_dashboard(shop: Shop) -> None:
    people(shop, 1)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(shop.staff.user)
    page = "/dashboard/cafe/newsletters/new/"
    values = form_values(client.get(page).content.decode())
    values |= {"subject_vi": "Chào", "body_vi": "Xin chào {name}", "topic": "news"}
    assert client.post(page, values | {"subject_vi": ""}).status_code == 422
    made = client.post(page, values)["Location"]
    shown = client.get(made).content.decode()
    assert "It would go to 1 person now." in shown and "Nguyễn Thị Hoa" in shown
    edited = form_values(client.get(f"{made}edit/").content.decode()) | {"subject_vi": "Chào bạn"}
    assert client.post(f"{made}edit/", edited).status_code == 302
    assert client.post(made, {"act": "send"}).status_code == 302
    mail.outbox.clear()
    send_newsletters()
    assert mail.outbox[0].subject == "[QC] Chào bạn"
    assert "Chào bạn" in client.get("/dashboard/cafe/newsletters/").content.decode()
    member = client.get(f"/dashboard/cafe/members/{shop.member.public_id}/").content.decode()
    assert "never asked" in member
    till = client.get(f"/till/cafe/members/{shop.member.public_id}/").content.decode()
    assert "Join the e-mail club" in till and "<svg" in till


def test_the_pages_of_a_letter_speak_the_language_of_the_letter(shop: Shop) -> None:
    """On a phone that speaks another one; who chose a language on the site keeps it."""
    with_address(shop)
    with in_programme(shop.programme):
        Member.objects.update(language="en")
    asking = asked(shop)
    phone = Client(headers={"Accept-Language": "vi"})
    for path in (asking, f"/p/cafe/club/mail/{mail_token(shop.member.public_id)}/"):
        page = phone.get(path)
        assert page["Content-Language"] == "en" and '<html lang="en"' in page.content.decode()
        if path == asking:
            assert phone.post(path)["Content-Language"] == "en"
    assert "I want to read about" in page.content.decode()
    phone.cookies[settings.LANGUAGE_COOKIE_NAME] = "vi"
    assert phone.get(path)["Content-Language"] == "vi"


def test_the_email_club_over_the_api_alone(shop: Shop) -> None:
    with_address(shop)
    api, me = Api(make_key(shop)), shop.member.public_id
    loaded = api.post("blueprints/email-club/", {}).data
    for rule in loaded["rules"]:
        assert api.post(f"rules/{rule}/publish/", {}).status_code == 200
    from loyalty.outbox.relay import relay_due

    answer = api.post(f"members/{me}/club/", {"topics": ["news", "offers"]})
    assert (answer.status_code, answer.data["state"]) == (201, "asked")
    relay_due()
    token = link().rstrip("/").rsplit("/", 1)[-1]
    for _twice in range(2):
        done = api.post("club/confirmations/", {"token": token})
        assert (done.status_code, done.data["state"]) == (201, "confirmed")
    relay_due()
    balance = api.get(f"members/{me}/balances/").data
    assert "20" in str(balance), balance
    assert api.post("club/confirmations/", {"token": "forged"}).data["code"] == "link_broken"
    assert (
        api.post("activities/", {"member": me, "type": "club.joined", "key": "x"}).status_code
        == 400
    )
    body = {"topic": "news", "subject_vi": "Tin", "body_vi": "Chào"}
    made = api.post("newsletters/", body).data["id"]
    assert api.post(f"newsletters/{made}/send/").data["recipients"] == 1
    send_newsletters()
    assert api.get(f"newsletters/{made}/figures/").data["sent"] == 1
    assert api.post(f"members/{me}/club/topics/", {"topics": []}).data["topics"] == []
    assert api.post(f"members/{me}/club/leave/").data["state"] == "left"
    assert api.get("club/").data == {"asked": 0, "confirmed": 0, "left": 1, "stopped": 0}
    bounce = api.post("club/stopped-addresses/", {"address": "x", "kind": "bounce"})
    assert bounce.status_code == 400
    assert (
        Api(make_key(shop, scopes=("messaging:read",))).post("newsletters/", body).status_code
        == 403
    )
    join(shop)
