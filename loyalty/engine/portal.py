"""The member's first page, the card with its code, the history with reasons, the rules in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from loyalty.common.clock import now
from loyalty.engine.explain import explain
from loyalty.engine.plug import live_rules, mechanics
from loyalty.ledger.assets import assets_of_kind, unit_name
from loyalty.ledger.figures import unit_of
from loyalty.ledger.history import HistoryLine, history
from loyalty.ledger.lines import AssetBalance, balance_view
from loyalty.ledger.selectors import balances
from loyalty.tenancy.models import Programme
from loyalty.web import brand, formats
from loyalty.web.navigation import MenuItem, render_panels
from loyalty.web.pictures import icon_png
from loyalty.web.portal import PortalView
from members.profiles.rules import cards
from members.profiles.selectors import identifier_value

_PAGE = 20
_ICON_SIZES = (180, 192, 512)
# What has a place of its own on the home page; stamps and counters stand on their own panels.
_SPENDABLE = ("points", "money")
_LOOKS = {
    "accrual": ("receipt", "good"),
    "redemption": ("gift", "accent"),
    "expiry": ("hourglass", "calm"),
    "refund": ("receipt-refund", "warn"),
    "restore": ("arrow-back-up", "good"),
    "adjustment": ("adjustments", "calm"),
    "transfer": ("arrows-exchange", "calm"),
    "merge": ("users", "calm"),
    "opening": ("flag", "calm"),
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line of the history, ready to be read."""

    line: HistoryLine
    title: str
    unit: formats.Unit
    icon: str
    tone: str
    counts_itself: bool

    @property
    def amount(self) -> str:
        """`+2 sao`; of stamps and counters the title says which, so `+1`."""
        if self.counts_itself:
            return formats.number_text(self.line.amount, signed=True)
        return self.unit.text(self.line.amount, signed=True)

    @property
    def balance(self) -> str:
        """What there was after it."""
        after = self.line.balance_after
        return self.unit.text(after) if self.unit.currency else formats.number_text(after)

    @property
    def sign(self) -> str:
        """Which way it went."""
        return "plus" if self.line.amount > 0 else "minus"


@dataclass(frozen=True, kw_only=True)
class Promises:
    """What one mechanic promises, in words."""

    title: str
    sentences: list[str]


class CardMixin(PortalView):
    """What shows the card reads."""

    def card(self) -> dict[str, Any]:
        """The card's face: code, number, and what it is worth at this instant."""
        at = now()
        mine = self.balances()
        first = next((one for one in mine if one.kind == "points"), None)
        first = first or next(iter(mine), None)
        told = {asset for mechanic in mechanics() for asset in mechanic.own_balances}
        return {
            "qr": cards.make_token(
                member=self.member.public_id, secret=self.member.card_secret, now=at
            ),
            "seconds_left": cards.seconds_left(at),
            "number": cards.spaced(identifier_value(self.member, "card")),
            "first": first,
            "others": [one for one in mine if one is not first and one.asset not in told],
            "balances": mine,
        }

    def balances(self) -> list[AssetBalance]:
        """What can be spent, exact to this instant; assets never held yet count as zero."""
        held = balances(holder_id=self.member.holder_id)
        shown = [balance_view(one, currency=self.programme.currency) for one in held]
        mine = [one for one in shown if one.kind in _SPENDABLE]
        known = {one.asset for one in mine}
        for asset in assets_of_kind("points"):
            if asset.code not in known:
                mine.append(_nothing_yet(asset.code, asset.name(_language()), self.programme))
        return sorted(mine, key=lambda one: (_SPENDABLE.index(one.kind), one.asset != "points"))


class HomeView(CardMixin):
    """My card; for a visitor, what there is to gain."""

    needs_member: ClassVar[bool] = False
    template_name = "portal/home.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.member is None:
            return self._landing()
        shared = self.shell()
        panels = render_panels(
            "home",
            actor=self.actor,
            subject=self.member,
            request=request,
            shared=shared,
            face="portal",
        )
        page = history(holder_id=self.member.holder_id, limit=4)
        context = {
            **self.card(),
            "panels": panels,
            "lately": tell(page.lines),
            "called": called(self.member.name, country=self.programme.country),
        }
        return self.page(context)

    def _landing(self) -> HttpResponse:
        shared = {**self.shell(), "member": None}
        panels = render_panels(
            "landing",
            actor=self.actor,
            subject=None,
            request=self.request,
            shared=shared,
            face="portal",
        )
        context = {"promises": promises(self.programme), "panels": panels}
        return self.page(context, template="portal/landing.html")


@method_decorator(never_cache, name="dispatch")
class CardView(CardMixin):
    """The card alone, large, to be scanned; htmx fetches it anew whenever its code changes."""

    template_name = "portal/card.html"
    partial_name = "portal/card_face.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(self.card())


class HistoryView(PortalView):
    """Every movement of my balances, and why."""

    template_name = "portal/history.html"
    partial_name = "portal/history_rows.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        before = request.GET.get("before", "")
        start = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0
        page = history(holder_id=self.member.holder_id, before=start, limit=_PAGE)
        url = f"{request.path}?before={page.next_before}" if page.next_before else ""
        return self.page({"lines": tell(page.lines), "next_url": url, "is_first": not start})


class TermsView(PortalView):
    """The programme's rules in plain words, written from the rules that are live now."""

    needs_member: ClassVar[bool] = False
    template_name = "portal/terms.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        unit = unit_name() or _("points")
        return self.page({"promises": promises(self.programme), "unit": unit})


class ManifestView(PortalView):
    """What a phone needs to put the card on its home screen."""

    needs_member: ClassVar[bool] = False

    def get(self, request: HttpRequest) -> HttpResponse:
        home = self.url("home")
        colour = brand.clean_colour(self.programme.theme)
        icons = [
            {"src": self.url("icon", size), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in _ICON_SIZES
        ]
        manifest = {
            "id": home,
            "name": self.programme.name,
            "short_name": self.programme.name[:12],
            "description": _("Your card, your points, your rewards."),
            "lang": _language(),
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": colour,
            "icons": [*icons, {**icons[-1], "purpose": "maskable"}],
            "shortcuts": [{"name": _("My card"), "url": self.url("card")}],
        }
        return JsonResponse(manifest, content_type="application/manifest+json")


class IconView(PortalView):
    """The programme's icon for the home screen, in a size phones ask for."""

    needs_member: ClassVar[bool] = False

    def get(self, request: HttpRequest, size: int) -> HttpResponse:
        if size not in _ICON_SIZES:
            raise Http404
        colour = brand.clean_colour(self.programme.theme)
        picture = icon_png(self.programme.name[:1].upper() or "T", colour=colour, size=size)
        answer = HttpResponse(picture, content_type="image/png")
        answer["Cache-Control"] = "public, max-age=86400"
        return answer


class WorkerView(PortalView):
    """The service worker: keeps looks and the page for moments without a network."""

    needs_member: ClassVar[bool] = False

    def get(self, request: HttpRequest) -> HttpResponse:
        answer = self.page(template="portal/worker.js")
        answer["Content-Type"] = "text/javascript; charset=utf-8"
        answer["Cache-Control"] = "no-cache"
        return answer


def promises(programme: Programme) -> list[Promises]:
    """What the live rules promise, mechanic by mechanic; those without words are left out."""
    found = []
    for mechanic in mechanics():
        rules = live_rules(mechanic, programme.pk, programme.rules_version)
        sentences = mechanic.in_words(rules, currency=programme.currency) if rules else []
        if sentences:
            found.append(Promises(title=mechanic.heading(), sentences=sentences))
    return found


def tell(lines: tuple[HistoryLine, ...]) -> list[Told]:
    """Lines of the history with words and looks."""
    assets = {one.code: one for one in _assets()}
    told = []
    for line in lines:
        icon, tone = _LOOKS.get(line.kind, ("circle", "calm"))
        asset = assets.get(line.asset)
        told.append(
            Told(
                line=line,
                title=explain(line.reason, line.details),
                unit=unit_of(asset) if asset else formats.Unit(line.asset),
                counts_itself=asset is not None and asset.kind in {"stamps", "counter"},
                icon=icon,
                tone=tone,
            )
        )
    return told


def called(name: str, *, country: str) -> str:
    """What one calls a person: in Vietnam the last word of the name, elsewhere the first."""
    words = name.split() or [""]
    return words[-1] if country == "VN" else words[0]


def _assets() -> list[Any]:
    return [
        one for kind in ("points", "stamps", "money", "counter") for one in assets_of_kind(kind)
    ]


def _nothing_yet(code: str, name: str, programme: Programme) -> AssetBalance:
    return AssetBalance(
        asset=code,
        kind="points",
        name=name,
        balance=0,
        available=0,
        pending=0,
        debt=0,
        value_minor=0,
        currency=programme.currency,
    )


def _language() -> str:
    return get_language() or "vi"


routes = [
    path("", HomeView.as_view(), name="home"),
    path("card/", CardView.as_view(), name="card"),
    path("history/", HistoryView.as_view(), name="history"),
    path("terms/", TermsView.as_view(), name="terms"),
    path("manifest.webmanifest", ManifestView.as_view(), name="manifest"),
    path("icon-<int:size>.png", IconView.as_view(), name="icon"),
    path("worker.js", WorkerView.as_view(), name="worker"),
]
menu = [
    MenuItem(label=gettext_lazy("My card"), route="home", icon="id", order=10),
    MenuItem(label=gettext_lazy("History"), route="history", icon="history", order=60),
]
