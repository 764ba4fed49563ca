"""The partners' own entrance: a counter's device takes members' codes, and sees nothing of members.

A device is bound by a one-time invitation; what it keeps is a secret cookie. A PIN opens it for
half a day. Who has only one of the two stays outside.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from campaigns.partners.models import Desk
from campaigns.partners.rules.offers import needs_bill
from campaigns.partners.selectors.codes import access_redemption, redemptions
from campaigns.partners.selectors.offers import offers
from campaigns.partners.selectors.partners import desk_of_token
from campaigns.partners.services.attempts import count_miss, slow_down
from campaigns.partners.services.desks import desk_actor, open_desk, take_invitation
from campaigns.partners.services.presenting import voidable_until
from campaigns.partners.services.redeeming import look_at_code, redeem_code, void_redemption
from loyalty.commands.actor import Actor
from loyalty.common.clock import local_day, now, start_of_day
from loyalty.common.errors import DomainError, Invalid, NotFound
from loyalty.web.forms import MinorField
from loyalty.web.middleware import address_of
from loyalty.web.portal import PortalView

OPEN_HOURS = 12
_SESSION, _YEAR = "partner_desk", 400 * 24 * 3600
_SHOWN = 30
_BILL = "bill_minor"


class DeskPage(PortalView):
    """A page of the partners' entrance. ``desk`` is the counter this device is bound to, if it is."""

    needs_member: ClassVar[bool] = False
    needs_open: ClassVar[bool] = True

    desk: Desk | None
    is_open: bool

    @property
    def cookie(self) -> str:
        """The name of the cookie that binds a device."""
        return f"partner_desk_{self.programme.slug}"

    def _actor(self) -> Actor:
        self.desk = desk_of_token(self.request.COOKIES.get(self.cookie, ""))
        self.is_open = self.desk is not None and _is_open(self.request, self.desk)
        if self.desk is not None:
            return desk_actor(self.desk)
        return Actor(
            programme=self.programme,
            kind="desk",
            id="guest",
            label="partner",
            permissions=frozenset({"desk:join"}),
        )

    def away(self) -> HttpResponse | None:
        """Where to go first: to the invitation, or to the PIN."""
        if not self.needs_open:
            return None
        if self.desk is None:
            return self.redirect(self.url("partner_join"))
        return None if self.is_open else self.redirect(self.url("partner_unlock"))

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.away() or self.show()

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.away() or self.send()

    def show(self) -> HttpResponse:
        """The page, once it is open."""
        return self.page({})

    def send(self) -> HttpResponse:
        """What was sent, once it is open."""
        return self.show()

    def shell(self) -> dict[str, Any]:
        # Whoever stands here may hold a card of their own: it is not shown, nor the members' menu.
        return {**super().shell(), "member": None, "menu": [], "desk": self.desk}


class JoinView(DeskPage):
    """Take an invitation on this device, and choose its PIN."""

    needs_open: ClassVar[bool] = False
    template_name = "partners/desk_join.html"

    def show(self) -> HttpResponse:
        code = self.request.GET.get("code", "")[:40]
        if self.desk is not None and not code:
            return self.redirect(self.url("partner_desk"))
        return self.page({"code": code})

    def send(self) -> HttpResponse:
        typed = self.request.POST
        code, pin = typed.get("code", "")[:40], typed.get("pin", "")[:20]
        self.desk = None  # a device that is bound already may be bound anew
        self.actor = self._guest()
        who = f"join:{self.programme.public_id}:{address_of(self.request)}"
        try:
            slow_down(who)
            if pin != typed.get("again", "")[:20]:
                return self._wrong(code, _("The two PINs differ."))
            made = take_invitation(self.call(), code=code, pin=pin)
        except NotFound as error:
            count_miss(who)
            return self._wrong(code, str(error.message))
        except DomainError as error:
            return self._wrong(code, str(error.message))
        answer = self.go("partner_unlock", text=_("This device is set up. Open it with the PIN."))
        if not made.token:  # sent twice: the first answer brought it
            return answer
        answer.set_cookie(
            self.cookie,
            made.token,
            max_age=_YEAR,
            path=self.url("partner_desk"),
            secure=self.request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
        return answer

    def _guest(self) -> Actor:
        return Actor(
            programme=self.programme,
            kind="desk",
            id="guest",
            label="partner",
            permissions=frozenset({"desk:join"}),
        )

    def _wrong(self, code: str, problem: str) -> HttpResponse:
        context = {"code": code, "problem": problem}
        return self.page(context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


class UnlockView(DeskPage):
    """The PIN."""

    needs_open: ClassVar[bool] = False
    template_name = "partners/desk_unlock.html"

    def show(self) -> HttpResponse:
        if self.desk is None:
            return self.redirect(self.url("partner_join"))
        return self.redirect(self.url("partner_desk")) if self.is_open else self.page({})

    def send(self) -> HttpResponse:
        if self.desk is None:
            return self.redirect(self.url("partner_join"))
        pin = self.request.POST.get("pin", "")[:20]
        try:
            fits = open_desk(self.call(), desk=self.desk.public_id, pin=pin)
        except DomainError as error:
            return self._wrong(str(error.message))
        if not fits:
            return self._wrong(_("This is not the PIN."))
        self.request.session.cycle_key()
        self.request.session[_SESSION] = {
            "desk": self.desk.public_id,
            "epoch": self.desk.epoch,
            "until": (now() + timedelta(hours=OPEN_HOURS)).isoformat(),
        }
        return self.redirect(self.url("partner_desk"))

    def _wrong(self, problem: str) -> HttpResponse:
        return self.page({"problem": problem}, status=HTTPStatus.UNPROCESSABLE_ENTITY)


class LockView(DeskPage):
    """Closed until the PIN is typed again."""

    http_method_names = ["post"]

    def send(self) -> HttpResponse:
        self.request.session.pop(_SESSION, None)
        return self.redirect(self.url("partner_unlock"))


class CounterView(DeskPage):
    """Look a code up, then redeem it: once."""

    template_name = "partners/desk.html"

    def show(self) -> HttpResponse:
        code = self.request.GET.get("code", "").strip()[:200]
        return self._told(code=code, **self._looked_up(code)) if code else self._told()

    def send(self) -> HttpResponse:
        code = self.request.POST.get("code", "").strip()[:200]
        call = self.call()
        try:
            done = redeem_code(call, code=code, bill_minor=self._bill())
        except DomainError as error:
            # A bill that was mistyped is typed again; the code is not.
            found = self._looked_up(code) if error.field == _BILL else {}
            told = {"code": code, **found, "problem": str(error.message)}
            return self._told(**told, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        # The same form once more (back, reload, two presses): it must not look like a second time.
        return self._told(done=done, is_repeated=call.replayed)

    def _looked_up(self, code: str) -> dict[str, Any]:
        try:
            claim = look_at_code(actor=self.actor, code=code)
        except DomainError as error:
            return {"problem": str(error.message)}
        return {"claim": claim, "asks_bill": needs_bill(claim.offer.terms())}

    def _bill(self) -> int | None:
        """The bill as people write it (``250.000`` is a quarter of a million). Raises ``Invalid``."""
        amount = MinorField(currency=self.programme.currency, required=False)
        try:
            bill: int | None = amount.clean(self.request.POST.get("bill", "")[:40])
        except ValidationError as error:
            raise Invalid("bad_amount", str(error.messages[0]), field=_BILL) from error
        return bill

    def _told(self, *, status: int = HTTPStatus.OK, **more: Any) -> HttpResponse:
        assert self.desk is not None
        partner, at = self.desk.partner, now()
        today = start_of_day(local_day(at, self.programme.timezone), self.programme.timezone)
        rows = list(redemptions(partner=partner)[:_SHOWN])
        context = {
            "redemptions": [
                {"row": row, "can_void": row.voided_at is None and at <= voidable_until(row)}
                for row in rows
            ],
            "today": redemptions(partner=partner)
            .filter(redeemed_at__gte=today, voided_at=None)
            .count(),
            "offers": offers(partner=partner).filter(state="live"),
        }
        return self.page({**context, **more}, status=status)


class TakeBackView(DeskPage):
    """Take a redemption of one's own back, while there is time."""

    http_method_names = ["post"]

    def send(self) -> HttpResponse:
        assert self.desk is not None
        row = access_redemption(self.kwargs["redemption"], self.desk.partner)
        try:
            void_redemption(self.call(), redemption=row.public_id)
        except DomainError as error:
            return self.go("partner_desk", text=str(error.message), tone="error")
        return self.go("partner_desk", text=_("Taken back. The code can be used again."))


def _is_open(request: HttpRequest, desk: Desk) -> bool:
    kept = request.session.get(_SESSION)
    if not isinstance(kept, dict) or kept.get("desk") != desk.public_id:
        return False
    until = datetime.fromisoformat(kept["until"])
    return bool(kept.get("epoch") == desk.epoch and until > now())


routes = [
    path("partner/", CounterView.as_view(), name="partner_desk"),
    path("partner/join/", JoinView.as_view(), name="partner_join"),
    path("partner/unlock/", UnlockView.as_view(), name="partner_unlock"),
    path("partner/lock/", LockView.as_view(), name="partner_lock"),
    path(
        "partner/redemptions/<str:redemption>/void/",
        TakeBackView.as_view(),
        name="partner_take_back",
    ),
]
