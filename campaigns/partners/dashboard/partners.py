"""Partners and their counters: the list, one partner, inviting and shutting out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.partners.models import Partner
from campaigns.partners.selectors import codes, offers, statements
from campaigns.partners.selectors import partners as reads
from campaigns.partners.services import desks
from campaigns.partners.services import partners as services
from campaigns.partners.services.results import DeskView as DeskAnswer
from loyalty.common.clock import now
from loyalty.common.errors import Invalid
from loyalty.tenancy.models import ApiKey
from loyalty.web.forms import WholeField
from loyalty.web.navigation import home_url
from loyalty.web.pages import DashboardView, FormView, saved


class DetailsForm(forms.Form):
    """What a partner is."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    about_vi = forms.CharField(
        label=gettext_lazy("About it, in Vietnamese"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    about_en = forms.CharField(
        label=gettext_lazy("About it, in English"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    website = forms.URLField(
        label=gettext_lazy("Website"), required=False, assume_scheme="https", max_length=200
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("E-mail for statements"), required=False, max_length=254
    )
    void_minutes = WholeField(
        label=gettext_lazy("Minutes a counter may take a redemption back"),
        min_value=0,
        max_value=10_080,
        initial=30,
    )


class EditForm(DetailsForm):
    """A partner that is there."""

    revision = WholeField(widget=forms.HiddenInput, required=False)


class PartnerForm(DetailsForm):
    """A new partner."""

    code = forms.CharField(
        label=gettext_lazy("Short name"),
        max_length=40,
        help_text=gettext_lazy(
            "Small letters, digits and -, such as “bookshop”. It never changes."
        ),
    )
    field_order = ("name", "code")


class PartnersView(DashboardView):
    """All partners, with their offers."""

    permission = "partners:read"
    template_name = "partners/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        rows = list(offers.offers())
        stock = offers.stocks(rows)
        shown = [
            {
                "partner": one,
                "offers": [row for row in rows if row.partner_id == one.pk],
                "low": [
                    row
                    for row in rows
                    if row.partner_id == one.pk and row.family in stock and stock[row.family].is_low
                ],
                "open": statements.open_of(one),
            }
            for one in reads.partners()
        ]
        return self.page({"partners": shown})


class NewPartnerView(FormView):
    """One more partner."""

    permission = "partners:write"
    template_name = "partners/edit.html"
    form_class = PartnerForm

    def act(self, form: Any) -> HttpResponse:
        done = services.add_partner(self.call(), **form.cleaned_data)
        return self.go("partner", done.id, text=saved())


class EditPartnerView(FormView):
    """A partner's own details."""

    permission = "partners:write"
    template_name = "partners/edit.html"
    form_class = EditForm

    def initial(self) -> dict[str, Any]:
        row = reads.access_partner(self.kwargs["partner"])
        return {name: getattr(row, name) for name in EditForm.base_fields}

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "partner": reads.access_partner(self.kwargs["partner"])}

    def act(self, form: Any) -> HttpResponse:
        row = reads.access_partner(self.kwargs["partner"])
        services.change_partner(self.call(), partner=row.public_id, **form.cleaned_data)
        return self.go("partner", row.public_id, text=saved())


class PartnerView(DashboardView):
    """One partner: offers, counters, what is owed, what was redeemed."""

    permission = "partners:read"
    write_permission = "partners:write"
    template_name = "partners/partner.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.page(self.told(reads.access_partner(self.kwargs["partner"])))

    def told(self, row: Partner) -> dict[str, Any]:
        """What the page shows."""
        rows = list(offers.offers(partner=row))
        stock = offers.stocks(rows)
        tally = offers.claimed_in_all(one.family for one in rows)
        used = codes.redeemed_in_all(one.family for one in rows)
        return {
            "partner": row,
            "offers": [
                {
                    "offer": one,
                    "stock": stock.get(one.family),
                    "claimed": tally.get(one.family, 0),
                    "used": used.get(one.family, 0),
                }
                for one in rows
            ],
            "desks": reads.desks_of(row),
            "keys": reads.keys_of(row),
            "free_keys": ApiKey.objects.filter(revoked_at=None).exclude(
                pk__in=[one.api_key_id for one in reads.keys_of(row)]
            ),
            "open": statements.open_of(row),
            "statements": statements.statements(row)[:12],
            "redemptions": codes.redemptions(partner=row)[:15],
            "entrance": self.request.build_absolute_uri(
                f"{home_url('portal', self.programme.slug)}partner/"
            ),
            "at": now(),
        }

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = reads.access_partner(self.kwargs["partner"])
        active = request.POST.get("act") == "wake"
        services.change_partner(self.call(), partner=row.public_id, is_active=active)
        return self.go("partner", row.public_id, text=saved())


class InviteView(PartnerView):
    """A counter is invited: the code is shown once, and sent where there is an address."""

    write_permission = "partners:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = reads.access_partner(self.kwargs["partner"])
        email = request.POST.get("email", "").strip()[:254]
        made = desks.invite_desk(
            self.call(),
            partner=row.public_id,
            name=request.POST.get("name", "")[:60],
            email=email,
        )
        return self.page({**self.told(row), **invited(self, made, row, email)})


class DeskView(PartnerView):
    """A counter is shut out, or invited again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        desk = reads.access_desk(self.kwargs["desk"])
        act, row = request.POST.get("act", ""), desk.partner
        if act == "revoke":
            desks.revoke_desk(self.call(), desk=desk.public_id)
            return self.go("partner", row.public_id, text=_("The counter is shut out."))
        if act != "again":
            raise Invalid("unknown_action", _("This page has no such button."))
        made = desks.invite_again(self.call(), desk=desk.public_id)
        return self.page({**self.told(row), **invited(self, made, row, desk.email)})


def invited(view: DashboardView, made: DeskAnswer, row: Partner, email: str) -> dict[str, Any]:
    """What is shown of a fresh invitation; sent by e-mail too where there is an address."""
    home = home_url("portal", view.programme.slug)
    link = view.request.build_absolute_uri(f"{home}partner/join/?code={made.invitation}")
    if email and made.invitation:
        send_mail(
            subject=_("%(shop)s: redeem offers at your counter") % {"shop": view.programme.name},
            message=_(
                "%(shop)s invites “%(desk)s” of %(partner)s to redeem members' codes.\n\n"
                "Open this link on the phone or tablet of the counter within seven days:\n"
                "%(link)s\n\nOr type this code there: %(code)s\nIt works once."
            )
            % {
                "shop": view.programme.name,
                "desk": made.name,
                "partner": row.name,
                "link": link,
                "code": made.invitation,
            },
            from_email=None,
            recipient_list=[email],
            fail_silently=True,
        )
    return {"invitation": made.invitation, "link": link, "invited": made, "mailed": email}


class KeyView(DashboardView):
    """An API key becomes the partner's own."""

    permission = "partners:read"
    write_permission = "keys:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = reads.access_partner(self.kwargs["partner"])
        key = request.POST.get("api_key", "")[:40]
        services.bind_key(self.call(), partner=row.public_id, api_key=key)
        return self.go("partner", row.public_id, text=_("The key is the partner's own now."))
