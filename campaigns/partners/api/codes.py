"""Offers of partners, members' codes, and what becomes of them at the counter."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.partners import serializers as shapes
from campaigns.partners.selectors import codes as code_reads
from campaigns.partners.selectors import offers as reads
from campaigns.partners.selectors.partners import meant_partner
from campaigns.partners.services import claiming, pools, presenting, redeeming
from campaigns.partners.services.results import ClaimView, PoolView, RedemptionView
from loyalty.common.clock import now
from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id

_TAG = "Partners"
_OFFER = "rul_01m83t9zbd6gkp1s0jj2rx8n5v"


class Offers(ApiView):
    """All published offers."""

    permission = "partners:read"

    @operation(
        "List partners' offers with their stock", tag=_TAG, answer=list[shapes.OfferStockView]
    )
    def get(self, request: Request) -> Response:
        rows = list(reads.offers())
        stock = reads.stocks(rows)
        tally = reads.claimed_in_all(row.family for row in rows)
        return self.ok(
            [
                shapes.present_stock(
                    row, claimed=tally.get(row.family, 0), stock=stock.get(row.family)
                )
                for row in rows
            ]
        )


class Pool(ApiView):
    """An offer's list of codes."""

    permission = "partners:write"

    @operation(
        "Add codes to an offer's pool",
        tag=_TAG,
        body=shapes.PoolBody,
        example={"codes": ["SACH-0001", "SACH-0002"]},
        answer=PoolView,
        errors=(422,),
        description="All or none: a repeated or unusable code is refused, with its `line`.",
    )
    def post(self, request: Request, offer: str) -> Response:
        codes = tuple(self.read(shapes.PoolBody)["codes"])
        return self.created(pools.import_codes(self.call(), offer=offer, codes=codes))


class MemberOffers(ApiView):
    """Offers as a member sees them."""

    permission = "partners:read"

    @operation("List what partners offer a member", tag=_TAG, answer=list[shapes.OfferView])
    def get(self, request: Request, member: str) -> Response:
        found = reads.offers_for(member_of_id(member))
        return self.ok([shapes.present_offer(one) for one in found])


class MemberCodes(ApiView):
    """A member's codes."""

    permission = {"GET": "partners:read", "POST": "partner_offers:claim"}

    @operation("List a member's codes", tag=_TAG, answer=ClaimView, is_list=True)
    def get(self, request: Request, member: str) -> Response:
        at = now()
        rows = reads.claims_of(member_of_id(member))
        return self.page(rows, present=lambda row: presenting.claim_view(row, at=at))

    @operation(
        "Take a partner's offer for a member",
        tag=_TAG,
        body=shapes.OfferClaimBody,
        example={"offer": _OFFER},
        answer=ClaimView,
        errors=(422,),
        description=(
            "A benefit that ended with its condition goes on under the same code when the "
            "condition holds again."
        ),
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.OfferClaimBody)
        return self.created(claiming.claim_offer(self.call(), member=member, **body))


class CancelCode(ApiView):
    """Cancelling a code."""

    permission = "partners:approve"

    @operation(
        "Cancel an unused code",
        tag=_TAG,
        body=shapes.TakeBackBody,
        example={"reason": "Sent by mistake"},
        answer=ClaimView,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, claim: str) -> Response:
        body = self.read(shapes.TakeBackBody)
        redeeming.cancel_code(self.call(), claim=claim, **body)
        return self.ok(presenting.claim_view(code_reads.find_code(claim, None), at=now()))


class Redemptions(ApiView):
    """Codes taken up at the counter."""

    permission = {"GET": "partner_codes:read", "POST": "partner_codes:write"}

    @operation(
        "List redemptions, newest first",
        tag=_TAG,
        answer=RedemptionView,
        query=shapes.RedemptionQuery,
        is_list=True,
        description="With a partner's own key: its own. Nothing of it tells who the members are.",
    )
    def get(self, request: Request) -> Response:
        asked = self.query(shapes.RedemptionQuery).get("partner", "")
        rows = code_reads.redemptions(partner=meant_partner(self.actor, asked))
        return self.page(rows, present=presenting.redemption_view)

    @operation(
        "Redeem a code",
        tag=_TAG,
        body=shapes.RedeemBody,
        example={"code": "7K2M-9QXW-4HTA"},
        answer=RedemptionView,
        errors=(409, 422),
        description="Of several counters at once one does; the others read when it was used.",
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.RedeemBody)
        return self.created(redeeming.redeem_code(self.call(), **body))


class TakeBack(ApiView):
    """Taking a redemption back."""

    permission = "partner_codes:write"

    @operation(
        "Take a redemption back",
        tag=_TAG,
        body=shapes.TakeBackBody,
        example={"reason": "Wrong code"},
        answer=RedemptionView,
        status=200,
        errors=(422,),
        description="Within the partner's `void_minutes`; the code can be used again.",
    )
    def post(self, request: Request, redemption: str) -> Response:
        body = self.read(shapes.TakeBackBody)
        return self.ok(redeeming.void_redemption(self.call(), redemption=redemption, **body))


routes = [
    path("partner-offers/", Offers.as_view()),
    path("partner-offers/<str:offer>/codes/", Pool.as_view()),
    path("members/<str:member>/partner-offers/", MemberOffers.as_view()),
    path("members/<str:member>/partner-codes/", MemberCodes.as_view()),
    path("partner-codes/<str:claim>/cancel/", CancelCode.as_view()),
    path("partner-redemptions/", Redemptions.as_view()),
    path("partner-redemptions/<str:redemption>/void/", TakeBack.as_view()),
]
