"""Terms of merchants: what they pay and get, from which day, and the day they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NoReturn

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from campaigns.coalition import rules, selectors
from campaigns.coalition.models import (
    ClearingRun,
    ClearingSettings,
    MerchantTerms,
    PrepaidAccount,
)
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.clock import local_day
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.common.money import check_minor
from loyalty.ledger.assets import assets_of_kind
from loyalty.outbox.services import publish
from loyalty.tenancy.models import Merchant

MAX_POINTS = 10**12


@dataclass(frozen=True, kw_only=True)
class MerchantTermsView:
    """Terms of a merchant from a day on. Prices are minor units for 1,000 points."""

    id: str
    merchant: str
    starts_on: date
    billing: str
    issue_price_minor: int
    redeem_price_minor: int
    when_empty: str
    minimum: int


@dataclass(frozen=True, kw_only=True)
class ClearingSettingsView:
    """How the coalition clears: which points, and who keeps the money of expired ones."""

    asset: str
    breakage_to: str


def view_of(row: MerchantTerms) -> MerchantTermsView:
    """Terms (with the merchant loaded) as a value."""
    return MerchantTermsView(
        id=row.public_id,
        merchant=row.merchant.public_id,
        starts_on=row.starts_on,
        billing=row.billing,
        issue_price_minor=row.issue_price_minor,
        redeem_price_minor=row.redeem_price_minor,
        when_empty=row.when_empty,
        minimum=row.minimum,
    )


def merchant_to_lock(*, merchant: str, **_rest: object) -> Lock:
    """All that is agreed with one merchant waits for each other at its row."""
    return Lock(rows=Merchant.objects.filter(public_id=merchant))


def the_merchant(ctx: Context) -> Merchant:
    """The locked merchant. Raises ``NotFound``."""
    return ctx.the_locked(Merchant, code="merchant_not_found", field="merchant")


def _same_day(call: Call, error: IntegrityError, **_kwargs: Any) -> NoReturn:
    raise Conflict(
        "terms_overlap", _("This merchant has terms from that day on already."), field="starts_on"
    ) from error


@command(
    "coalition.set_terms",
    label=_("Terms of a merchant set"),
    permission="coalition:write",
    lock=merchant_to_lock,
    recover=_same_day,
)
def set_terms(
    ctx: Context,
    *,
    merchant: str,
    starts_on: date | None = None,
    billing: str = rules.POSTPAID,
    issue_price_minor: int = 0,
    redeem_price_minor: int = 0,
    when_empty: str = rules.BILL,
    minimum: int = 0,
) -> MerchantTermsView:
    """What a merchant pays for 1,000 points issued and gets for 1,000 redeemed, from a day on.

    Terms are never changed: later ones take over on their day. The first may begin today or, in
    months that are not closed, earlier; others begin tomorrow at the soonest.

    Raises ``NotFound``, ``Invalid`` by field, ``Conflict`` (``terms_overlap``) and ``Refused``
    (``month_closed``).
    """
    row = the_merchant(ctx)
    today = local_day(ctx.now, ctx.programme.timezone)
    if billing not in (rules.POSTPAID, rules.PREPAID):
        raise Invalid("unknown_billing", _("Choose postpaid or prepaid."), field="billing")
    if when_empty not in MerchantTerms.WhenEmpty.values:
        raise Invalid("unknown_choice", _("Choose refuse or bill."), field="when_empty")
    check_minor(issue_price_minor, field="issue_price_minor", maximum=MAX_POINTS)
    check_minor(redeem_price_minor, field="redeem_price_minor", maximum=MAX_POINTS)
    check_minor(minimum, field="minimum", maximum=MAX_POINTS)
    return _keep(
        ctx,
        row,
        starts_on=_checked_start(row, starts_on, today),
        billing=billing,
        issue_price_minor=issue_price_minor,
        redeem_price_minor=redeem_price_minor,
        when_empty=when_empty,
        minimum=minimum,
    )


@command(
    "coalition.leave",
    label=_("Merchant leaves the coalition"),
    permission="coalition:write",
    lock=merchant_to_lock,
    recover=_same_day,
)
def leave(ctx: Context, *, merchant: str, leaves_on: date | None = None) -> MerchantTermsView:
    """From this day on the merchant gives and takes no points; theirs stay good everywhere else.

    Tomorrow unless told. The month's statement is its last; what is left of its blocks is paid back
    by a record of its own. Raises ``NotFound``, ``Invalid``, ``Conflict`` and ``Refused``
    (``merchant_without_terms``, ``merchant_left``).
    """
    row = the_merchant(ctx)
    last = selectors.terms_of(row).first()
    if last is None:
        raise Refused(
            "merchant_without_terms", _("This merchant has no terms to end."), field="merchant"
        )
    if last.billing == rules.LEFT:
        raise Refused("merchant_left", _("This merchant has left already."), field="merchant")
    today = local_day(ctx.now, ctx.programme.timezone)
    day = _checked_start(row, leaves_on or today + timedelta(days=1), today)
    return _keep(ctx, row, starts_on=day, billing=rules.LEFT)


@command("coalition.change_settings", label=_("Clearing set up"), permission="coalition:write")
def change_settings(
    ctx: Context, *, asset: str | None = None, breakage_to: str | None = None
) -> ClearingSettingsView:
    """Which points are cleared, and who keeps the money of expired ones; from the next run on.

    Raises ``Invalid`` (breakage_to), ``NotFound`` (asset) and ``Refused`` (``month_closed``: other
    points once a month was closed).
    """
    row = selectors.settings()
    if breakage_to is not None:
        if breakage_to not in ClearingSettings.Breakage.values:
            raise Invalid("unknown_choice", _("Choose operator or issuer."), field="breakage_to")
        row.breakage_to = breakage_to
    if asset is not None and asset != row.asset:
        if asset not in [one.code for one in assets_of_kind("points")]:
            raise NotFound("asset_not_found", _("There are no such points."), field="asset")
        if ClearingRun.objects.filter(state=ClearingRun.State.CLOSED).exists():
            raise Refused(
                "month_closed",
                _("A month of the points cleared so far is closed, so they stay."),
                field="asset",
            )
        row.asset = asset
    row.save()
    ctx.rules_changed()
    ctx.about(ctx.programme.public_id, asset=row.asset, breakage_to=row.breakage_to)
    return ClearingSettingsView(asset=row.asset, breakage_to=row.breakage_to)


def _checked_start(merchant: Merchant, wanted: date | None, today: date) -> date:
    last = selectors.terms_of(merchant).first()
    if wanted is None:
        wanted = today if last is None else max(today, last.starts_on) + timedelta(days=1)
    if last is not None and wanted == last.starts_on:
        raise IntegrityError("terms_once_a_day")
    if last is not None and wanted < last.starts_on:
        raise Conflict(
            "terms_overlap",
            _("Later terms begin on %(day)s already. Give a day after that.")
            % {"day": last.starts_on.isoformat()},
            field="starts_on",
        )
    if last is not None and wanted <= today:
        raise Invalid(
            "in_the_past",
            _("Points of today are priced already. New terms begin tomorrow at the soonest."),
            field="starts_on",
        )
    closed = ClearingRun.objects.filter(
        state=ClearingRun.State.CLOSED, month__gte=rules.month_of(wanted)
    )
    if closed.exists():
        raise Refused(
            "month_closed", _("That month is closed. Give a later day."), field="starts_on"
        )
    return wanted


def _keep(ctx: Context, merchant: Merchant, **values: Any) -> MerchantTermsView:
    row = MerchantTerms(
        programme=ctx.programme,
        merchant=merchant,
        set_by=ctx.actor.label[:200],
        set_at=ctx.now,
        **values,
    )
    row.save(force_insert=True)
    if row.billing == rules.PREPAID:
        PrepaidAccount.objects.get_or_create(
            merchant=merchant, defaults={"programme": ctx.programme}
        )
    ctx.rules_changed()
    publish(
        ctx,
        "coalition.terms_set",
        subject=merchant.public_id,
        data={"merchant": merchant.public_id, "terms": row.public_id, "billing": row.billing},
        merchant_id=merchant.pk,
    )
    ctx.about(merchant.public_id, terms=row.public_id, starts_on=row.starts_on.isoformat())
    return view_of(row)
