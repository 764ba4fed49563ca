"""Inviting on the members' pages: my link, code and QR; whom I brought and where it stands."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from campaigns.referrals import selectors
from campaigns.referrals.models import ReferralCode
from campaigns.referrals.rules.codes import shown_code
from campaigns.referrals.rules.words import condition_text, gift_text
from campaigns.referrals.services import give_code, hashed_device
from loyalty.commands.actor import Actor
from loyalty.common.clock import now
from loyalty.web.devices import device_of, keep_device, new_mark
from loyalty.web.forms import fresh_key
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member

_SHOWN = 100


class InviteView(PortalView):
    """My link, and what came of it."""

    template_name = "referrals/invite.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        rule = selectors.programme_for(self.member, at=now())
        context: dict[str, Any] = {
            "rule": rule,
            "invitations": selectors.invitations_of(
                self.member, programme=self.programme, limit=_SHOWN
            ),
            "figures": selectors.figures_of(self.member),
            "came_by": selectors.coming_to(self.member, programme=self.programme),
        }
        if rule is None:
            return self.page(context)
        mark = device_of(request) or new_mark()
        code = shown_code(self._code(mark).code)
        currency = self.programme.currency
        context |= {
            "code": code,
            "for_friend": gift_text(rule.for_friend, currency=currency),
            "for_me": gift_text(rule.for_referrer, currency=currency),
            "conditions": condition_text(rule, currency=currency),
            **self._shares(code),
        }
        answer = self.page(context)
        keep_device(request, answer, mark)
        return answer

    def _code(self, mark: str) -> ReferralCode:
        """My code; made the first time, and the device noted where it is a new one."""
        code = selectors.code_of(self.member)
        if code is None or hashed_device(mark) not in code.devices:
            call = self.call(suffix=fresh_key())
            give_code(call, member=self.member.public_id, device=mark)
            code = selectors.code_of(self.member)
        assert code is not None
        return code

    def _shares(self, code: str) -> dict[str, Any]:
        link = self.request.build_absolute_uri(f"{self.url('join')}?ref={code.replace('-', '')}")
        words = _("Join me at %(programme)s") % {"programme": self.programme.name}
        text = f"{words}: {link}"
        return {
            "link": link,
            "share_words": words,
            "shares": [
                (_("Message"), "device-mobile", f"sms:?&body={quote(text)}"),
                (_("E-mail"), "mail", f"mailto:?body={quote(text)}"),
                (
                    "Facebook",
                    "send",
                    f"https://www.facebook.com/sharer/sharer.php?u={quote(link, safe='')}",
                ),
                ("WhatsApp", "send", f"https://wa.me/?text={quote(text)}"),
            ],
        }


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    if not selectors.has_programmes():
        return None
    rule = selectors.programme_for(member, at=now())
    programme = actor.programme
    coming = selectors.coming_to(member, programme=programme)
    if rule is None and coming is None:
        return None
    currency = programme.currency
    return {
        "for_friend": gift_text(rule.for_friend, currency=currency) if rule else "",
        "for_me": gift_text(rule.for_referrer, currency=currency) if rule else "",
        "may_invite": rule is not None,
        "coming": coming,
    }


routes = [path("invite/", InviteView.as_view(), name="invite")]
panels = (Panel(place="home", template="referrals/portal_home.html", context=_home, order=40),)
