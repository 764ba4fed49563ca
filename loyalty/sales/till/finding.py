"""The till's first page: who is here? And where is this till."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from loyalty.commands.decorator import Call
from loyalty.common.errors import Conflict, DomainError
from loyalty.sales import selectors
from loyalty.sales.forms import EnrolForm
from loyalty.tenancy.models import Location
from loyalty.web.forms import fresh_key, show_errors
from loyalty.web.navigation import render_panels
from loyalty.web.pages import TillView
from members.profiles.rules import cards, consents, phones
from members.profiles.selectors import search_members, takes_codes
from members.profiles.services import ConsentGiven, NewMember, enrol_member, scan_card

PLACE, PRESENT = "till_location", "till_present"
NEWS = "marketing_sms"
# A scanned card counts as "the member is here" for the sale at hand, not for the day.
FEWEST_LETTERS = 2


class TillPage(TillView):
    """What all pages of the till share: where it stands."""

    def place(self) -> Location | None:
        """The location sales are recorded at: the cashier's own, the one chosen, the only one."""
        if self.staff.location is not None:
            return self.staff.location
        open_ones = selectors.open_locations(merchant_id=self.staff.merchant_id)
        if len(open_ones) == 1:
            return open_ones[0]
        chosen = self.request.session.get(PLACE)
        return next((one for one in open_ones if one.public_id == chosen), None)

    def shell(self) -> dict[str, Any]:
        return {**super().shell(), "location": self.place()}


class HomeView(TillPage):
    """`/till/<programme>/`: one field, a camera, and the last sales of this cashier."""

    template_name = "sales/till/home.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        places = selectors.open_locations(merchant_id=self.staff.merchant_id)
        shared = self.shell()
        panels = render_panels(
            "till_home",
            actor=self.actor,
            subject=None,
            request=request,
            shared=shared,
            face="till",
        )
        return self.page(
            {
                "panels": panels["main"],
                "places": [] if self.staff.location else places,
                "recent": selectors.recent_sales_by(self.actor.id, limit=5),
                "may_enrol": self.may("members:write"),
            }
        )


class PlaceView(TillPage):
    """Which of the merchant's locations this till stands in; kept for the log-in's session."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        found = selectors.location_of(request.POST.get("location", ""))
        request.session[PLACE] = found.public_id
        return self.go("home")


class FindView(TillPage):
    """Who may be meant: a list while typing, straight to the member when it is certain."""

    template_name = "sales/till/found_page.html"
    partial_name = "sales/till/found.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "").strip()[:200]
        if not text and not self.is_partial:
            return self.go("home")
        if cards.read_token(text) is not None:
            return self._scanned(text)
        found = search_members(text) if len(text) >= FEWEST_LETTERS else []
        if len(found) == 1 and not self.is_partial:
            return self.go("member", found[0].public_id)
        return self.page(
            {
                "q": text,
                "asked": len(text) >= FEWEST_LETTERS,
                "found": selectors.shown_members(found),
                "may_enrol": self.may("members:write"),
            }
        )

    def _scanned(self, token: str) -> HttpResponse:
        try:
            scanned = scan_card(Call(self.actor, fresh_key()), token=token)
        except DomainError as error:
            return self.page({"q": "", "problem": str(error.message), "found": []})
        self.request.session[PRESENT] = scanned.member
        return self.go("member", scanned.member)


class EnrolView(TillPage):
    """A new member in two fields and a yes."""

    permission = "members:write"
    template_name = "sales/till/enrol.html"

    def form(self, data: Any = None, **initial: str) -> EnrolForm:
        """The form with the very words the member agrees to."""
        texts = {}
        for name, code in (("terms_text", consents.TERMS), ("news_text", NEWS)):
            one = consents.purpose(code)
            language = self.request.LANGUAGE_CODE
            texts[name] = consents.wording(one, programme=self.programme.name, language=language)
        return EnrolForm(data, initial=initial, takes_codes=takes_codes(), **texts)

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "").strip()[:200]
        field = "phone" if phones.looks_like_phone(text) else "name"
        return self.page({"form": self.form(**{field: text})})

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        known = ""
        if form.is_valid():
            try:
                return self._enrol(form)
            except DomainError as error:
                show_errors(form, error)
                if isinstance(error, Conflict):
                    known = error.params.get("member", "")
        return self.page({"form": form, "known": known}, status=422)

    def _enrol(self, form: forms.Form) -> HttpResponse:
        agreed = [consents.TERMS, *([NEWS] if form.cleaned_data["news"] else [])]
        place = self.place()
        enrolled = enrol_member(
            self.call(),
            person=NewMember(
                name=form.cleaned_data["name"],
                phone=form.cleaned_data["phone"],
                consents=tuple(ConsentGiven(purpose=one) for one in agreed),
                location=place.public_id if place else "",
                channel="till",
                code=form.cleaned_data.get("code", ""),
            ),
        )
        return self.go("member", enrolled.member, text=_("Welcome! The card is ready."))
