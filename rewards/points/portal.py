"""Points on the members' pages: what expires soon, a statement to take away, gifts to friends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from weasyprint import CSS, HTML

from loyalty.common.clock import now
from loyalty.common.errors import NotFound
from loyalty.engine.explain import explain
from loyalty.ledger.selectors import balances
from loyalty.ledger.statement import Movement, movements, statement_page
from loyalty.web.lists import link
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalFormView, PortalView
from members.profiles.selectors import find_member
from rewards.points import selectors
from rewards.points.forms import GiftForm
from rewards.points.services import transfer_points

_PAGE = 20


class StatementView(PortalView):
    """The movements of the card, page by page, to read; all of them to print or keep."""

    template_name = "points/statement.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        before = request.GET.get("before", "")
        start = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else 0
        page = statement_page(
            holder_id=self.member.holder_id, kind="points", limit=_PAGE, before=start
        )
        context = {
            "lines": _lines(page.movements),
            "seal": page.seal,
            "next_url": link(request, before=str(page.next_before)) if page.next_before else "",
            "first_url": link(request) if start else "",
        }
        return self.page(context)


class StatementFileView(PortalView):
    """The statement as PDF."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        found = movements(holder_id=self.member.holder_id)
        words = _words()
        context = {
            **self.shell(),
            "lines": _lines(reversed(found)),
            "made_at": now(),
            "balances": [
                {"word": words[one.asset], "balance": one.balance, "available": one.available}
                for one in balances(holder_id=self.member.holder_id)
                if one.asset in words
            ],
        }
        html = render_to_string("points/statement_file.html", context, request=request)
        looks = CSS(filename=str(finders.find("css/statement.css")))
        # Nothing is fetched: what the paper needs is here.
        file = HTML(string=html, url_fetcher=_fetch_nothing).write_pdf(stylesheets=[looks])
        answer = HttpResponse(file, content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{self.programme.slug}.pdf"'
        return answer


class StatementDataView(PortalView):
    """The statement as data, with everything needed to check its chain of hashes."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        found = [
            {"content": one.content, "previous_hash": one.previous_hash, "hash": one.hash}
            for one in movements(holder_id=self.member.holder_id)
        ]
        answer = JsonResponse(
            {"member": self.member.public_id, "movements": found},
            json_dumps_params={"ensure_ascii": False, "indent": 2},
        )
        answer["Content-Disposition"] = f'attachment; filename="{self.programme.slug}.json"'
        return answer


class GiftView(PortalFormView):
    """Points for a friend."""

    template_name = "points/gift.html"
    form_class = GiftForm

    def context(self, form: Any) -> dict[str, Any]:
        held = balances(holder_id=self.member.holder_id)
        available = next((one.available for one in held if one.asset == "points"), 0)
        return {"form": form, "settings": selectors.settings_row(), "available": available}

    def act(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        found = find_member(data["to"])
        if found is None:
            raise NotFound("member_not_found", _("Nobody here has this number."), field="to")
        transfer_points(
            self.call(),
            member=self.member.public_id,
            receiver=found.member.public_id,
            amount=data["amount"],
            message=data["message"],
        )
        return self.go("home", text=_("Your points are on their way."))


def _lines(found: Iterable[Movement]) -> list[dict[str, Any]]:
    """What moved of points, as readers of the active language call it; of newest movements first, so
    that each balance is that of the line below and what this line moved.
    """
    words = _words()
    return [
        {
            "movement": movement,
            "entry": one,
            "text": explain(one.reason, one.details),
            "word": words[one.asset],
        }
        for movement in found
        for one in reversed(movement.entries)
        if one.asset in words
    ]


def _words() -> dict[str, str]:
    return {asset.code: asset.name(get_language() or "vi") for asset in selectors.points_assets()}


def _fetch_nothing(url: str, *_args: Any, **_kwargs: Any) -> Any:
    raise ValueError(url)


def _home(actor: Any, member: Any) -> dict[str, Any]:
    return {
        "expiring": [
            {"amount": one.amount, "worth_minor": one.worth_minor, "expires_at": one.expires_at}
            for one in selectors.expiring_soon(holder_id=member.holder_id)
        ],
        "may_give": selectors.gifts_allowed(),
    }


routes = [
    path("statement/", StatementView.as_view(), name="statement"),
    path("statement/file/", StatementFileView.as_view(), name="statement_file"),
    path("statement/data/", StatementDataView.as_view(), name="statement_data"),
    path("gift/", GiftView.as_view(), name="gift"),
]
panels = (
    Panel(place="home", template="points/home_panel.html", context=_home, order=40, column="side"),
)
