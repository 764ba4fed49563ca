"""Rewards, redemptions and vouchers over the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db.models import QuerySet
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.web.api import ApiView, operation
from members.profiles.selectors import member_of_id
from rewards.catalog import selectors, services
from rewards.catalog import serializers as shapes
from rewards.catalog.models import Voucher
from rewards.catalog.services.codes import CodesResult
from rewards.catalog.services.redemptions import RedemptionResult

_TAG = "Rewards"
_REDEEM = "Redemptions"
_REWARD = {
    "name_vi": "Cà phê miễn phí",
    "name_en": "Free coffee",
    "kind": "free_product",
    "skus": ["CF-01"],
    "costs": [{"asset": "points", "amount": 100}],
    "validity": "days",
    "valid_days": 30,
}


class RewardApi(ApiView):
    """What the endpoints about one reward share."""

    permission: ClassVar[str | Mapping[str, str]] = "rewards:write"

    def answer(self, reward: str, *, created: bool = False) -> Response:
        """The reward after a change, with its ETag."""
        row = selectors.access_reward(reward)
        view = shapes.present_reward(row)
        if created:
            return self.created(view, location=f"/api/v1/rewards/{reward}/", revision=row.revision)
        return self.ok(view, revision=row.revision)


class Rewards(RewardApi):
    """All rewards."""

    permission = {"GET": "rewards:read", "POST": "rewards:write"}

    @operation(
        "List rewards",
        tag=_TAG,
        answer=shapes.RewardView,
        query=shapes.RewardQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        state = self.query(shapes.RewardQuery).get("state")
        rows = selectors.rewards(states=[state] if state else ())
        return self.page(rows, present=shapes.present_reward, order=("position", "id"))

    @operation(
        "Draft a reward",
        tag=_TAG,
        body=shapes.NewRewardBody,
        example=_REWARD,
        answer=shapes.RewardView,
    )
    def post(self, request: Request) -> Response:
        body = self.read(shapes.NewRewardBody)
        done = services.create_reward(
            self.call(), terms=shapes.terms_of(body), stock=body.get("stock")
        )
        return self.answer(done.reward, created=True)


class OneReward(RewardApi):
    """One reward."""

    permission = {"GET": "rewards:read", "PUT": "rewards:write"}

    @operation("Read a reward", tag=_TAG, answer=shapes.RewardView)
    def get(self, request: Request, reward: str) -> Response:
        return self.answer(reward)

    @operation(
        "Write a reward's next terms",
        tag=_TAG,
        body=shapes.RewardBody,
        example=_REWARD,
        answer=shapes.RewardView,
        description="Published terms stay as they are until this draft is published.",
    )
    def put(self, request: Request, reward: str) -> Response:
        terms = shapes.terms_of(self.read(shapes.RewardBody))
        call, revision = self.call(), self.if_match()
        services.edit_reward(call, reward=reward, terms=terms, revision=revision)
        return self.answer(reward)


class Publish(RewardApi):
    """Putting a reward on offer."""

    @operation("Publish a reward", tag=_TAG, answer=shapes.RewardView, status=200)
    def post(self, request: Request, reward: str) -> Response:
        services.publish_reward(self.call(), reward=reward)
        return self.answer(reward)


class End(RewardApi):
    """Taking a reward off the list."""

    @operation(
        "End a reward",
        tag=_TAG,
        answer=shapes.RewardView,
        status=200,
        description="Vouchers that were issued keep their promise.",
    )
    def post(self, request: Request, reward: str) -> Response:
        services.end_reward(self.call(), reward=reward)
        return self.answer(reward)


class Stock(RewardApi):
    """How many there are."""

    @operation(
        "Set a reward's stock",
        tag=_TAG,
        body=shapes.StockBody,
        example={"stock": 50},
        answer=shapes.RewardView,
        status=200,
    )
    def post(self, request: Request, reward: str) -> Response:
        stock = self.read(shapes.StockBody)["stock"]
        services.set_stock(self.call(), reward=reward, stock=stock)
        return self.answer(reward)


class Codes(RewardApi):
    """The pool of a partner's codes."""

    @operation(
        "Add a partner's codes",
        tag=_TAG,
        body=shapes.CodesBody,
        example={"codes": ["PARTNER-0001", "PARTNER-0002"]},
        answer=CodesResult,
    )
    def post(self, request: Request, reward: str) -> Response:
        codes = tuple(self.read(shapes.CodesBody)["codes"])
        return self.created(services.import_codes(self.call(), reward=reward, codes=codes))


class MemberRewards(ApiView):
    """The rewards before one member."""

    permission = "rewards:read"

    @operation(
        "What can a member have?",
        tag=_TAG,
        answer=list[shapes.OfferView],
        description="Every live reward with its prices, what is missing, and why it is blocked.",
    )
    def get(self, request: Request, member: str) -> Response:
        offers = selectors.offers(member_of_id(member))
        return self.ok([shapes.present_offer(offer) for offer in offers])


class Redemptions(ApiView):
    """Vouchers, and getting one."""

    permission = {"GET": "redemptions:read", "POST": "redemptions:write"}

    @operation(
        "List vouchers, newest first",
        tag=_REDEEM,
        answer=shapes.VoucherView,
        query=shapes.RedemptionQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        filters = self.query(shapes.RedemptionQuery)
        return self.page(selectors.all_vouchers(**filters), present=shapes.present_voucher)

    @operation(
        "Redeem a reward",
        tag=_REDEEM,
        body=shapes.RedemptionBody,
        example={"member": "mem_01jd3kq6", "reward": "rwd_01jd3kq6"},
        answer=RedemptionResult,
        errors=(404, 422),
    )
    def post(self, request: Request) -> Response:
        done = services.redeem_reward(self.call(), **self.read(shapes.RedemptionBody))
        return self.created(done, location=f"/api/v1/redemptions/{done.voucher}/")


class OneRedemption(ApiView):
    """One voucher by its id."""

    permission = "redemptions:read"

    @operation("Read a voucher", tag=_REDEEM, answer=shapes.VoucherView)
    def get(self, request: Request, voucher: str) -> Response:
        return self.ok(shapes.present_voucher(selectors.access_voucher(public_id=voucher)))


class Capture(ApiView):
    """The end of a reservation: it is wanted."""

    permission = "redemptions:write"

    @operation(
        "Capture a reserved redemption",
        tag=_REDEEM,
        answer=RedemptionResult,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, voucher: str) -> Response:
        return self.ok(services.capture_redemption(self.call(), voucher=voucher))


class Release(ApiView):
    """The end of a reservation: it is not wanted."""

    permission = "redemptions:write"

    @operation(
        "Release a reserved redemption",
        tag=_REDEEM,
        answer=RedemptionResult,
        status=200,
        errors=(422,),
        description="What it cost returns to where it came from, with its dates.",
    )
    def post(self, request: Request, voucher: str) -> Response:
        return self.ok(services.release_redemption(self.call(), voucher=voucher))


class Void(ApiView):
    """Cancelling a voucher."""

    permission = "redemptions:write"

    @operation(
        "Cancel an unused voucher",
        tag=_REDEEM,
        body=shapes.VoidBody,
        example={"reason": "Khách đổi ý"},
        answer=RedemptionResult,
        status=200,
        errors=(422,),
    )
    def post(self, request: Request, voucher: str) -> Response:
        reason = self.read(shapes.VoidBody).get("reason", "")
        return self.ok(services.void_voucher(self.call(), voucher=voucher, reason=reason))


class CheckVoucher(ApiView):
    """A code at the till."""

    permission = "redemptions:read"

    @operation(
        "Check a voucher's code",
        tag=_REDEEM,
        answer=shapes.VoucherView,
        errors=(422,),
        description="422 with the reason where it cannot be used (`voucher_used`, …). After ten "
        "unknown codes the caller waits ten minutes.",
    )
    def get(self, request: Request, code: str) -> Response:
        return self.ok(shapes.present_voucher(services.check_voucher(actor=self.actor, code=code)))


class UseVoucher(ApiView):
    """Handing over what a voucher promises, outside a purchase."""

    permission = "redemptions:write"

    @operation(
        "Use a voucher outside a purchase",
        tag=_REDEEM,
        body=shapes.UseBody,
        example={},
        answer=RedemptionResult,
        status=200,
        errors=(422,),
        description='On a bill, give the code with the purchase: `{"use": {"vouchers": [code]}}`.',
    )
    def post(self, request: Request, code: str) -> Response:
        member = self.read(shapes.UseBody).get("member", "")
        return self.ok(services.use_voucher(self.call(), code=code, member=member))


class MemberVouchers(ApiView):
    """The vouchers of one member."""

    permission = "redemptions:read"

    @operation("List a member's vouchers", tag=_REDEEM, answer=shapes.VoucherView, is_list=True)
    def get(self, request: Request, member: str) -> Response:
        rows: QuerySet[Voucher] = selectors.vouchers_of(member_of_id(member))
        return self.page(rows.select_related("member"), present=shapes.present_voucher)


routes = [
    path("rewards/", Rewards.as_view()),
    path("rewards/<str:reward>/", OneReward.as_view()),
    path("rewards/<str:reward>/publish/", Publish.as_view()),
    path("rewards/<str:reward>/end/", End.as_view()),
    path("rewards/<str:reward>/stock/", Stock.as_view()),
    path("rewards/<str:reward>/codes/", Codes.as_view()),
    path("members/<str:member>/rewards/", MemberRewards.as_view()),
    path("members/<str:member>/vouchers/", MemberVouchers.as_view()),
    path("redemptions/", Redemptions.as_view()),
    path("redemptions/<str:voucher>/", OneRedemption.as_view()),
    path("redemptions/<str:voucher>/capture/", Capture.as_view()),
    path("redemptions/<str:voucher>/release/", Release.as_view()),
    path("redemptions/<str:voucher>/void/", Void.as_view()),
    path("vouchers/<str:code>/", CheckVoucher.as_view()),
    path("vouchers/<str:code>/use/", UseVoucher.as_view()),
]
