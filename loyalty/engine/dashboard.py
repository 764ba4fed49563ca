"""What a member holds and why: balances and the reasoned history on their page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import Actor
from loyalty.engine import rules_dashboard
from loyalty.engine.explain import explain
from loyalty.engine.selectors import live_cards
from loyalty.ledger import figures
from loyalty.ledger.figures import AssetInfo
from loyalty.ledger.history import HistoryLine, history
from loyalty.ledger.selectors import balances
from loyalty.web import formats
from loyalty.web.navigation import Column, FileColumn, FileColumns, Panel
from loyalty.web.pages import DashboardView
from members.profiles.models import Member
from members.profiles.selectors import eldest_of_holders, member_of_id

_FIRST_LINES = 12
_PER_PAGE = 50
_LOOKS = {
    "accrual": ("coins", "good"),
    "redemption": ("gift", "accent"),
    "expiry": ("hourglass", "calm"),
    "refund": ("receipt-refund", "bad"),
    "restore": ("rotate", "good"),
    "adjustment": ("adjustments", "busy"),
    "transfer": ("transfer", "busy"),
    "merge": ("switch-horizontal", "calm"),
    "opening": ("flag", "calm"),
}
_KINDS = {
    "accrual": _("Earned"),
    "redemption": _("Used"),
    "expiry": _("Expired"),
    "refund": _("Taken back after a refund"),
    "restore": _("Given back"),
    "adjustment": _("Adjusted"),
    "transfer": _("Transferred"),
    "merge": _("Moved from another card"),
    "opening": _("Opening balance"),
}


@dataclass(frozen=True, kw_only=True)
class ShownBalance:
    """One asset a member holds, with what it is worth."""

    word: str
    unit: formats.Unit
    balance: int
    available: int
    pending: int
    debt: int
    earned: int
    spent: int
    worth_minor: int


@dataclass(frozen=True, kw_only=True)
class ShownLine:
    """One line of history as people read it."""

    title: str
    reason: str
    amount: str
    balance: str
    sign: str
    icon: str
    tone: str
    at: datetime
    meta: str
    state: str
    cause: str


class HistoryView(DashboardView):
    """The whole history of a member, page by page."""

    permission = "ledger:read"
    template_name = "engine/history.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"])
        before = request.GET.get("before", "")
        page = history(
            holder_id=member.holder_id,
            before=int(before) if before.isdigit() and len(before) < 19 else 0,
            limit=_PER_PAGE,
        )
        context = {
            "member": member,
            "lines": _shown(page.lines),
            "next_url": f"?before={page.next_before}" if page.next_before else "",
            "first_url": request.path if before else "",
        }
        return self.page(context)


def _panel(actor: Actor, member: Member) -> dict[str, Any]:
    page = history(holder_id=member.holder_id, limit=_FIRST_LINES)
    return {"lines": _shown(page.lines), "has_more": bool(page.next_before)}


def _balances(actor: Actor, member: Member) -> dict[str, Any]:
    # What only counts towards something stands where it counts.
    known = {asset.code: asset for asset in figures.assets() if asset.kind != "counter"}
    held = balances(holder_id=member.holder_id)
    shown = [_balance(one, known[one.asset]) for one in held if one.asset in known]
    # Nothing of anything yet: show the points a member could have, not an empty page.
    if not shown:
        shown = [_nothing_of(asset) for asset in known.values() if asset.kind == "points"]
    return {"balances": shown}


def _balance(one: Any, asset: AssetInfo) -> ShownBalance:
    return ShownBalance(
        word=asset.name(get_language() or "en"),
        unit=figures.unit_of(asset),
        balance=one.balance,
        available=one.available,
        pending=one.pending,
        debt=one.debt,
        earned=one.earned,
        spent=one.spent,
        worth_minor=0 if asset.is_money else asset.worth_minor(one.available),
    )


def _nothing_of(asset: AssetInfo) -> ShownBalance:
    return ShownBalance(
        word=asset.name(get_language() or "en"),
        unit=figures.unit_of(asset),
        balance=0,
        available=0,
        pending=0,
        debt=0,
        earned=0,
        spent=0,
        worth_minor=0,
    )


def _shown(lines: Sequence[HistoryLine]) -> list[ShownLine]:
    units = {asset.code: figures.unit_of(asset) for asset in figures.assets()}
    return [_line(line, units.get(line.asset, formats.Unit(line.asset))) for line in lines]


def _line(line: HistoryLine, unit: formats.Unit) -> ShownLine:
    icon, tone = _LOOKS.get(line.kind, ("circle", "calm"))
    return ShownLine(
        title=str(_KINDS.get(line.kind, line.kind)),
        reason=explain(line.reason, line.details),
        amount=unit.text(line.amount, signed=True),
        balance=unit.text(line.balance_after)
        if unit.currency
        else formats.number_text(line.balance_after),
        sign="plus" if line.amount > 0 else "minus",
        icon=icon,
        tone=tone,
        at=line.happened_at,
        meta=line.location,
        state="pending" if line.is_pending else "",
        cause=line.cause,
    )


def _points_of(actor: Actor, members: Sequence[Member]) -> Mapping[int, str]:
    main = next((asset for asset in figures.assets() if asset.kind == "points"), None)
    if main is None:
        return {}
    held = figures.balances_of({member.holder_id for member in members}, asset=main.code)
    return {
        member.pk: formats.number_text(held[member.holder_id])
        for member in members
        if member.holder_id in held
    }


def _balances_in_files(actor: Actor) -> list[FileColumn]:
    """Points and the stamps of live cards, under the names an import knows them by."""
    assets = [asset for asset in figures.assets() if asset.kind == "points"]
    names = [_("Points"), *(asset.name(get_language() or "en") for asset in assets[1:])]
    cards = live_cards()
    return [
        *(
            FileColumn(header=str(name), values=partial(_held, asset.code))
            for name, asset in zip(names, assets, strict=False)
        ),
        *(
            FileColumn(
                header=f"{gettext('Stamps')}: {name}", values=partial(_held, f"stamps:{card}")
            )
            for card, name in cards.items()
            if list(cards.values()).count(name) == 1
        ),
    ]


def _held(asset: str, members: Sequence[Member]) -> Mapping[int, int]:
    """What can be brought along: no debt, and a household's balance with its eldest card only."""
    held = figures.balances_of({member.holder_id for member in members}, asset=asset)
    eldest = eldest_of_holders(held)
    return {
        member.pk: max(held[member.holder_id], 0)
        for member in members
        if eldest.get(member.holder_id) == member.pk
    }


routes = [
    path("members/<str:member>/history/", HistoryView.as_view(), name="member_history"),
    *rules_dashboard.routes,
]
menu = rules_dashboard.menu
panels = (
    Panel(
        place="member",
        template="engine/balances.html",
        context=_balances,
        order=10,
        permission="ledger:read",
        column="top",
    ),
    Panel(
        place="member",
        template="engine/history_panel.html",
        context=_panel,
        order=20,
        permission="ledger:read",
    ),
)
columns = (
    Column(
        place="members", label=_("Points"), values=_points_of, order=10, permission="ledger:read"
    ),
)
file_columns = (
    FileColumns(place="members", columns=_balances_in_files, order=10, permission="ledger:read"),
)
