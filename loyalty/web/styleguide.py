"""The living style guide: every component with real-looking content, only while DEBUG is on.

Served at /dev/styleguide/ and, for the shells, /dev/styleguide/<face>/. The content below is
sample text for designers and screenshots; no page of the product reads it.
"""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from loyalty.common import clock
from loyalty.web import charts, states
from loyalty.web.forms import WholeField

FACES = ("dashboard", "till", "portal", "entrance")
_MONTHS = ("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12")


class SampleForm(forms.Form):
    """One control of every kind."""

    name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"), required=False, help_text=_("For receipts."))
    amount = WholeField(
        label=_("Amount"), widget=forms.TextInput(attrs={"data-money": "", "data-precision": "0"})
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[("a", _("Points")), ("b", _("Stamps"))])
    when = forms.ChoiceField(
        label=_("When"),
        choices=[("day", _("Every day")), ("week", _("Weekends")), ("hour", _("Happy hour"))],
        widget=forms.RadioSelect,
    )
    starts_on = forms.DateField(label=_("Starts"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Note"), widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label=_("Send me news about new drinks"), required=False)


def page(request: HttpRequest, face: str = "dashboard") -> HttpResponse:
    """One face with its shell; 404 outside DEBUG."""
    if not settings.DEBUG or face not in FACES:
        raise Http404
    # `?theme=brick` or `?theme=b4532f` shows another programme's colour
    request.programme = SimpleNamespace(theme=request.GET.get("theme", ""))  # type: ignore[attr-defined]
    if "toast" in request.GET:
        messages.success(request, _("Saved. Customers see it from now on."))
        messages.error(request, _("The receipt was already recorded with another amount."))
    form = SampleForm({"name": "", "amount": "1250000", "email": "không phải thư", "when": "day"})
    return render(request, f"styleguide/{face}.html", {**_content(), "form": form, "face": face})


def _content() -> dict[str, object]:
    now = clock.now()
    return {
        "programme": SimpleNamespace(name="Cà phê Mộc Miên", slug="moc-mien", currency="VND"),
        "location": SimpleNamespace(name="Quận 3 · Thu ngân Bình"),
        "other_programmes": [
            SimpleNamespace(name="Tiệm bánh mì & trà sữa Nắng Sớm Sài Gòn", url="#"),
        ],
        "menu": _menu(),
        "states": list(states.ALL),
        "visits": charts.Chart(
            id="chart-visits",
            title=str(_("Sales of members")),
            summary=str(_("Up by an eighth on last year")),
            labels=_MONTHS,
            kind="area",
            currency="VND",
            first_column=str(_("Month")),
            series=(
                charts.Series(str(_("This year")), _wave(42_000_000, 3)),
                charts.Series(str(_("Last year")), _wave(36_000_000, 5), tone="accent"),
            ),
        ),
        "points_chart": charts.Chart(
            id="chart-points",
            title=str(_("Points")),
            labels=_MONTHS,
            kind="stacked",
            series=(
                charts.Series(str(_("Earned")), _wave(5200, 2), tone="brand"),
                charts.Series(str(_("Redeemed")), _wave(2100, 4), tone="accent"),
                charts.Series(str(_("Expired")), _wave(300, 1), tone="calm"),
            ),
        ),
        "mix": charts.Chart(
            id="chart-mix",
            title=str(_("What members buy")),
            labels=("Cà phê sữa đá", "Trà vải", "Bánh mì chảo", "Khác"),
            kind="doughnut",
            series=(charts.Series(str(_("Share")), (512, 231, 188, 97)),),
        ),
        "spark": list(_wave(40, 3)),
        "rewards": {5: "Bánh ngọt", 10: "Một ly bất kỳ"},
        "members": _members(now),
        "now": now,
        "soon": now + timedelta(days=3),
        "earlier": now - timedelta(minutes=12),
        "yesterday": now - timedelta(days=1, hours=2),
        "long_ago": now - timedelta(days=400),
    }


def _wave(base: int, shift: int) -> tuple[int, ...]:
    """Twelve plausible months around a base, in percent of it."""
    shape = (82, 61, 88, 95, 93, 104, 112, 109, 101, 118, 124, 139)
    return tuple(base * shape[(i + shift) % 12 if shift > 3 else i] // 100 for i in range(12))


def _menu() -> list[SimpleNamespace]:
    rows = [
        ("", _("Overview"), "layout-dashboard", 0),
        ("", _("Members"), "users", 0),
        ("", _("Sales"), "receipt", 12),
        (_("Programme"), _("Points"), "coins", 0),
        (_("Programme"), _("Punch cards"), "rubber-stamp", 0),
        (_("Programme"), _("Rewards"), "gift", 0),
        (_("Set up"), _("Staff"), "id-badge-2", 0),
        (_("Set up"), _("API keys"), "key", 0),
        (_("Set up"), _("Settings"), "settings", 0),
    ]
    return [
        SimpleNamespace(
            label=str(label),
            url="#",
            icon=icon,
            section=str(section),
            count=count,
            active=icon == "layout-dashboard",
        )
        for section, label, icon, count in rows
    ]


def _members(now: object) -> list[SimpleNamespace]:
    rows = [
        ("Nguyễn Thị Thanh Hoa", "0912 345 678", 1250, "active", 12_450_000),
        ("Công Tằng Tôn Nữ Thị Hương Giang Quỳnh Như", "0987 001 002", 0, "pending", 0),
        ("Ana", "ana@example.com", 98_765_432, "active", 9_876_543_210),
        ("Trần Văn Bình", "0908 111 222", -300, "blocked", 560_000),
    ]
    return [
        SimpleNamespace(name=name, contact=contact, points=points, state=state, spent_minor=spent)
        for name, contact, points, state, spent in rows
    ]


urlpatterns = [
    path("", page, name="styleguide"),
    path("<slug:face>/", page, name="styleguide_face"),
]
