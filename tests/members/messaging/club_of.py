"""The e-mail club for the stories: people with addresses, letters, and the links in them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.core import mail
from django.test import Client

from loyalty.common.clock import now
from loyalty.outbox.relay import relay_due
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.messaging.models import Newsletter, Subscription
from members.messaging.services import ask, send_newsletter, write_newsletter
from members.messaging.tasks import send_newsletters
from members.profiles.models import Holder, Identifier, Member
from tests.world import Shop

ADDRESS = "ana@example.com"


def with_address(shop: Shop, address: str = ADDRESS, member: Member | None = None) -> Member:
    """A member with an address on the card."""
    who = member or shop.member
    with in_programme(shop.programme):
        Identifier.objects.create(member=who, kind="email", value=address, created_at=now())
    return who


def people(shop: Shop, count: int) -> list[Member]:
    """More members, all in the club."""
    found = []
    for number in range(count):
        with in_programme(shop.programme):
            holder = Holder.objects.create()
            row = Member.objects.create(holder=holder, name=f"Lan {number}", joined_at=now())
        with_address(shop, f"lan{number}@example.com", row)
        join(shop, row)
        found.append(row)
    return found


def link(*, newest: int = 1) -> str:
    """The path of the link in the last letter (or the one before it …)."""
    text = str(mail.outbox[-newest].body)
    (url,) = re.findall(r"https?://\S+/club/\S+", text)
    return urlsplit(url).path


def asked(shop: Shop, member: Member | None = None) -> str:
    """Ask, let the letter be sent, and answer the path of its link."""
    ask(shop.call(), member=(member or shop.member).public_id)
    relay_due()
    return link()


def join(shop: Shop, member: Member | None = None) -> None:
    """Both steps."""
    answer = Client().post(asked(shop, member))
    assert answer.status_code == 200, answer.content.decode()
    relay_due()


def state(shop: Shop, member: Member | None = None) -> str:
    """Where a member stands."""
    with in_programme(shop.programme):
        row = Subscription.objects.filter(member=member or shop.member).first()
    return str(row.state) if row else "none"


def newsletter(shop: Shop, **values: Any) -> str:
    """A draft."""
    given = {"topic": "news", "subject_vi": "Tin mới", "body_vi": "Chào {name}", **values}
    return write_newsletter(shop.call(), values=given).id


def sent(shop: Shop, **values: Any) -> Newsletter:
    """A newsletter written and sent to the end."""
    made = newsletter(shop, **values)
    send_newsletter(shop.call(), newsletter=made)
    mail.outbox.clear()
    send_newsletters()
    with in_programme(shop.programme):
        return Newsletter.objects.get(public_id=made)


def logged_in(shop: Shop) -> Client:
    """Ana's phone."""
    user = User.objects.create_user("ana.login@example.com", "a long pass phrase", name="Ana")
    with in_programme(shop.programme):
        shop.member.user = user
        shop.member.save()
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client
