"""Members' cards at partners, and what was paid with them."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.partners import serializers as shapes
from campaigns.partners.selectors.partners import meant_partner
from campaigns.partners.services import cards, chargebacks, settlements, transactions
from campaigns.partners.services.chargebacks import ChargebackResult
from campaigns.partners.services.results import CardView
from campaigns.partners.services.settlements import SettlementResult
from campaigns.partners.services.transactions import TransactionResult
from loyalty.web.api import ApiView, operation

_TAG = "Partners' cards"
_CSV = (
    "transaction,card,amount_minor,happened_at,kind,of\n"
    "T-1,KH-88213,100000,2026-11-20T10:15+07:00,payment,\n"
    "T-2,,,2026-11-22T09:00+07:00,chargeback,T-1\n"
)


class _OfPartner(ApiView):
    """An endpoint about one partner: with a partner's own key, about that one alone."""

    def partner(self, named: str) -> str:
        """The partner's public id. Raises ``NotFound``."""
        found = meant_partner(self.actor, named)
        assert found is not None
        return found.public_id


class Cards(_OfPartner):
    """Members' cards."""

    permission = "partner_cards:write"

    @operation(
        "Bind a member's card at a partner",
        tag=_TAG,
        body=shapes.PartnerCardBody,
        example={
            "member": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6",
            "reference": "KH-88213",
            "opened_on": "2026-01-01",
        },
        answer=CardView,
        errors=(409, 422),
        description=(
            "By the partner's own reference: numbers of payment cards are refused. `person` is the "
            "partner's id of the person, so that a second card works towards no second bonus."
        ),
    )
    def post(self, request: Request, partner: str) -> Response:
        body = self.read(shapes.PartnerCardBody)
        return self.created(cards.open_card(self.call(), partner=self.partner(partner), **body))


class Transactions(_OfPartner):
    """Payments with a partner's card."""

    permission = "partner_transactions:write"

    @operation(
        "Record a payment with a partner's card",
        tag=_TAG,
        body=shapes.TransactionBody,
        example={"transaction": "T-1", "card": "KH-88213", "amount_minor": 100_000},
        answer=TransactionResult,
        errors=(409, 422),
        description=(
            "Each `transaction` earns once. Earning rules for `partner.transaction` answer; their "
            "category is `partner-<short name>`."
        ),
    )
    def post(self, request: Request, partner: str) -> Response:
        body = self.read(shapes.TransactionBody)
        own = self.partner(partner)
        return self.created(transactions.record_transaction(self.call(), partner=own, **body))


class Chargebacks(_OfPartner):
    """Payments that came back."""

    permission = "partner_transactions:write"

    @operation(
        "Take a payment back, whole or in part",
        tag=_TAG,
        body=shapes.ChargebackBody,
        example={"transaction": "T-2", "of": "T-1"},
        answer=ChargebackResult,
        errors=(409, 422),
    )
    def post(self, request: Request, partner: str) -> Response:
        body = self.read(shapes.ChargebackBody)
        own = self.partner(partner)
        return self.created(chargebacks.charge_back(self.call(), partner=own, **body))


class Settlements(_OfPartner):
    """A settlement file."""

    permission = "partner_transactions:write"

    @operation(
        "Record a partner's settlement file",
        tag=_TAG,
        body=shapes.SettlementBody,
        example={"csv": _CSV},
        answer=SettlementResult,
        status=200,
        description=(
            "CSV with the columns `transaction`, `card`, `amount_minor`, `happened_at`, `kind` "
            "(`payment` or `chargeback`) and `of`; at most 500 rows. Every row has its outcome; one "
            "at fault stops no other, and the same file again changes nothing."
        ),
    )
    def post(self, request: Request, partner: str) -> Response:
        text = self.read(shapes.SettlementBody)["csv"]
        own = self.partner(partner)
        return self.ok(settlements.import_settlement(self.call(), partner=own, text=text))


routes = [
    path("partners/<str:partner>/cards/", Cards.as_view()),
    path("partners/<str:partner>/transactions/", Transactions.as_view()),
    path("partners/<str:partner>/chargebacks/", Chargebacks.as_view()),
    path("partners/<str:partner>/settlements/", Settlements.as_view()),
]
