"""The payer's page, and the door gateways knock at.

The page needs no log-in: its address is unguessable, and a mother may pay for her son. It shows what
is owed and nothing about who owes it.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from loyalty.commands.actor import Actor, job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.payments import selectors
from loyalty.payments.gateways.base import Incoming
from loyalty.payments.models import Charge
from loyalty.payments.rules.money import CLOSED, SETTLED, WAITING
from loyalty.payments.services import ready_to_pay
from loyalty.payments.services.starting import qr_of
from loyalty.payments.services.talking import hear
from loyalty.web.forms import KEY_FIELD, fresh_key
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalView
from members.profiles.models import Member

_LARGEST_BODY = 64_000
_NEWS_PER_MINUTE = 600  # of one account from one address
_STARTS_PER_MINUTE = 20  # from one address


class PayView(PortalView):
    """What is owed, for what, and how it can be paid; live until it is."""

    needs_member = False
    template_name = "payments/pay.html"
    partial_name = "payments/pay_state.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        context = self._context(selectors.access_charge(self.kwargs["charge"]))
        response = self.page(context)
        asked = request.GET.get("missing", "")
        is_stale = asked.isdigit() and asked != str(context["standing"].missing_minor)
        if self.is_partial and (is_stale or not context["is_open"]):
            # The ways to pay go too, or ask for what is left: a code that asks for all is paid twice.
            response["HX-Refresh"] = "true"
        return response

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        charge = selectors.access_charge(self.kwargs["charge"]).public_id
        address = request.META.get("REMOTE_ADDR", "")
        if not _allowed(f"pay:start:{address}", most=_STARTS_PER_MINUTE):
            return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
        key = request.POST.get(KEY_FIELD) or fresh_key()
        started = ready_to_pay(
            Call(job_actor(self.programme, "payer"), key[:200]),
            charge=charge,
            gateway=request.POST.get("gateway", "")[:20],
            payer_ip=address,
        )
        # A form may not lead off our pages (CSP); a script or the link on the page may.
        if self.is_partial and started.url:
            return self.redirect(started.url)
        return self.go("payment", charge)

    def _context(self, row: Charge) -> dict[str, Any]:
        at = clock_now()
        is_over = row.expires_at is not None and row.expires_at <= at
        is_open = row.state in WAITING and not is_over
        ways = selectors.ways_to_pay(merchant_id=row.merchant_id, currency=row.currency)
        return {
            "charge": row,
            "standing": row.standing,
            "is_open": is_open,
            "is_settled": row.state in SETTLED,
            "is_closed": row.state in CLOSED or (row.state in WAITING and is_over),
            "transfer": qr_of(row) if is_open else None,
            "ways": [one for one in ways if one.mode == "redirect"] if is_open else [],
            "cash": is_open and any(one.name == selectors.CASH for one in ways),
            "receipts": [one for one in selectors.events_of(row) if one.counted_minor],
            "refunds": selectors.refunds_of(row),
        }


@method_decorator(csrf_exempt, name="dispatch")
class NotifyView(PortalView):
    """News from a gateway: no key, no cookie; the signature says who speaks."""

    needs_member = False
    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self._hear(request)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self._hear(request)

    def _hear(self, request: HttpRequest) -> HttpResponse:
        address = request.META.get("REMOTE_ADDR", "")
        account = selectors.account_of_id(
            self.kwargs["account"], gateway=self.kwargs["gateway"][:20]
        )
        if account is None:
            raise Http404
        if not _allowed(f"pay:news:{account.pk}:{address}", most=_NEWS_PER_MINUTE):
            return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
        if int(request.META.get("CONTENT_LENGTH") or 0) > _LARGEST_BODY:
            return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        incoming = Incoming(
            method=str(request.method),
            query={name: str(value)[:2000] for name, value in request.GET.items()},
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.body,
            at=int(clock_now().timestamp()),
        )
        answer = hear(account, incoming)
        return HttpResponse(
            answer.body, status=answer.status, content_type=answer.content_type or None
        )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


def _allowed(name: str, *, most: int) -> bool:
    """Counts within a minute of the clock, in the cache."""
    counted = f"{name}:{int(time.time()) // 60}"
    if cache.add(counted, 1, timeout=120):
        return True
    try:
        return int(cache.incr(counted)) <= most
    except ValueError:  # it lapsed between the two
        return True


def _home(_actor: Actor, member: Member) -> dict[str, Any] | None:
    found = selectors.waiting_charges(member)
    return {"bills": found} if found else None


routes = [
    path("pay/notify/<slug:gateway>/<str:account>/", NotifyView.as_view(), name="payment_news"),
    path("pay/<str:charge>/", PayView.as_view(), name="payment"),
]
panels = (Panel(place="home", template="payments/portal_home.html", context=_home, order=5),)
