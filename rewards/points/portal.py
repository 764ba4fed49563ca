"""Points on the members' pages: what expires soon, a statement to take away, gifts to friends."""

from __future__ import annotations

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
from loyalty.ledger.statement import Movement, movements
from loyalty.web.navigation import Panel
from loyalty.web.portal import PortalFormView, PortalView
from members.profiles.selectors import find_member
from rewards.points import selectors
from rewards.points.forms import GiftForm
from rewards.points.services import transfer_points


class StatementView(PortalView):
    """All movements of the card, to read, print or keep."""

    template_name = "points/statement.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page(self.statement())

    def statement(self) -> dict[str, Any]:
        """What the page, the PDF and the data file show."""
        found = movements(holder_id=self.member.holder_id)
        words = {asset.code: asset.name(_language()) for asset in selectors.points_assets()}
        lines = [_line(movement, words) for movement in reversed(found)]
        return {
            "lines": [line for group in lines for line in group],
            "movements": found,
            "head": found[-1].hash if found else "",
            "holds": all(one.holds for one in found),
            "made_at": now(),
            "balances": [
                {"word": words[one.asset], "balance": one.balance, "available": one.available}
                for one in balances(holder_id=self.member.holder_id)
                if one.asset in words
            ],
        }


class StatementFileView(StatementView):
    """The statement as PDF."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        context = {**self.shell(), **self.statement()}
        html = render_to_string("points/statement_file.html", context, request=request)
        looks = CSS(filename=str(finders.find("css/statement.css")))
        # Nothing is fetched: what the paper needs is here.
        file = HTML(string=html, url_fetcher=_fetch_nothing).write_pdf(stylesheets=[looks])
        answer = HttpResponse(file, content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{self.programme.slug}.pdf"'
        return answer


class StatementDataView(StatementView):
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


def _line(movement: Movement, words: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "movement": movement,
            "entry": one,
            "text": explain(one.reason, one.details),
            "word": words[one.asset],
        }
        for one in movement.entries
        if one.asset in words
    ]


def _fetch_nothing(url: str, *_args: Any, **_kwargs: Any) -> Any:
    raise ValueError(url)


def _language() -> str:
    return get_language() or "vi"


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
