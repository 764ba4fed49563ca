"""One offer in the dashboard: its codes, its pool, what was redeemed; taking a redemption back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.partners.models import Offer
from campaigns.partners.selectors import codes as reads
from campaigns.partners.selectors.offers import access_offer, claimed_in_all, stocks
from campaigns.partners.services import pools, redeeming
from loyalty.web.lists import newest_first
from loyalty.web.pages import DashboardView, FormView

MAX_FILE = 2_000_000


class PoolForm(forms.Form):
    """A list of codes: pasted, or a file with one a line."""

    codes = forms.CharField(
        label=gettext_lazy("Codes, one a line"),
        required=False,
        max_length=MAX_FILE,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    file = forms.FileField(label=gettext_lazy("Or a file, one code a line"), required=False)

    def lines(self) -> tuple[str, ...]:
        """The lines of the file, else what was pasted."""
        file = self.cleaned_data.get("file")
        text = self.cleaned_data.get("codes", "")
        if file is not None:
            text = file.read(MAX_FILE).decode("utf-8-sig", errors="replace")
        return tuple(text.splitlines())


class OfferView(FormView):
    """An offer's codes, and more of them."""

    permission = "partners:read"
    write_permission = "partners:write"
    template_name = "partners/offer.html"
    form_class = PoolForm

    def offer(self) -> Offer:
        """The offer of the address. Raises ``NotFound``."""
        return access_offer(self.kwargs["offer"])

    def context(self, form: Any) -> dict[str, Any]:
        row = self.offer()
        rows = reads.redemptions().filter(claim__family=row.family)
        return {
            "form": form,
            "offer": row,
            "stock": stocks([row]).get(row.family),
            "claimed": claimed_in_all([row.family]).get(row.family, 0),
            "used": reads.redeemed_in_all([row.family]).get(row.family, 0),
            "list": newest_first(rows, self.request),
        }

    def act(self, form: Any) -> HttpResponse:
        family = self.offer().family
        done = pools.import_codes(self.call(), offer=family, codes=form.lines())
        text = ngettext("%(n)s code added.", "%(n)s codes added.", done.added) % {"n": done.added}
        return self.go("partner_offer", family, text=text)


class VoidView(DashboardView):
    """Take a redemption back, whenever it was."""

    permission = "partners:read"
    write_permission = "partners:approve"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = reads.access_redemption(self.kwargs["redemption"], None)
        reason = request.POST.get("reason", "")[:200]
        redeeming.void_redemption(self.call(), redemption=row.public_id, reason=reason)
        return self.go("partner", row.partner.public_id, text=_("The redemption is taken back."))
