"""Bills are opened, given up and closed."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Refused
from loyalty.common.money import check_currency, check_minor
from loyalty.payments.models import Charge
from loyalty.payments.results import ChargeView
from loyalty.payments.rules.cards import has_card_number
from loyalty.payments.rules.money import CLOSED, LATE, WAITING
from loyalty.payments.rules.references import RANDOM_SIGNS, make_reference
from loyalty.payments.selectors import view_of
from loyalty.payments.services.locking import charge_to_lock, the_charge
from loyalty.payments.services.telling import tell
from loyalty.tenancy.models import Merchant
from members.profiles.selectors import member_of_id, member_to_lock

_TEXT_LENGTH = 200
_TRIES = 5


@command(
    "payments.open_charge",
    label=_("Bill opened"),
    permission="payments:write",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def open_charge(
    ctx: Context,
    *,
    member: str,
    amount_minor: int,
    kind: str,
    subject: str = "",
    text_vi: str,
    text_en: str = "",
    merchant: str = "",
    currency: str = "",
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> ChargeView:
    """Open a bill; what becomes of it is told by ``payment.*`` events.

    Args:
        member, merchant: public ids. Without a merchant: the actor's, else the programme's only one.
        kind: the app's own word (``memberships.term``); ``subject``: public id of its own thing.
        text_vi, text_en: what it is for, as the payer reads it; English may be left out.
        currency: the programme's unless given.
        expires_at: when it closes by itself unless paid; never before ``due_at``.

    Raises ``NotFound`` (member, merchant) and ``Invalid`` by field.
    """
    payer = member_of_id(member)
    row = Charge(
        programme=ctx.programme,
        member=payer,
        merchant=_merchant(ctx, merchant),
        amount_minor=check_minor(amount_minor, field="amount_minor", minimum=1),
        currency=check_currency(currency or ctx.programme.currency),
        kind=_kind(kind),
        subject=_short(subject, field="subject", maximum=40),
        text_vi=_purpose(text_vi, field="text_vi"),
        text_en=_purpose(text_en or text_vi, field="text_en"),
        reference=_fresh_reference(),
        due_at=_instant(due_at, field="due_at", after=None),
        expires_at=_instant(expires_at, field="expires_at", after=max(ctx.now, due_at or ctx.now)),
        created_at=ctx.now,
    )
    row.save(force_insert=True)
    if not ctx.subject:
        ctx.about(row.public_id, amount_minor=row.amount_minor, kind=row.kind)
    return view_of(row)


@command(
    "payments.cancel_charge",
    label=_("Bill cancelled"),
    permission="payments:write",
    lock=charge_to_lock,
)
def cancel_charge(ctx: Context, *, charge: str, reason: str = "") -> ChargeView:
    """Give a bill up. One that is closed already stays as it is.

    Money that comes all the same is recorded as late. Raises ``NotFound`` and ``Refused``
    (``charge_paid``; ``charge_partly_paid``: give back first).
    """
    row = the_charge(ctx, charge)
    if row.state in CLOSED:
        return view_of(row)
    if row.state not in WAITING:
        raise Refused("charge_paid", _("This bill is paid. Refund it instead."), field="charge")
    if row.standing.kept_minor:
        raise Refused(
            "charge_partly_paid",
            _("A part of this bill is paid. Refund it first, then cancel."),
            field="charge",
        )
    close(ctx, row, state=Charge.State.CANCELLED, reason=reason.strip()[:200])
    return view_of(row)


@command(
    "payments.expire_charge",
    label=_("Bill expired"),
    permission="payments:write",
    lock=charge_to_lock,
)
def expire_charge(ctx: Context, *, charge: str) -> ChargeView:
    """Close a bill whose time is over; one that is not, or has money in it, stays as it is."""
    row = the_charge(ctx, charge)
    is_over = row.expires_at is not None and row.expires_at <= ctx.now
    if is_over and row.state in WAITING and not row.standing.kept_minor:
        close(ctx, row, state=Charge.State.EXPIRED, reason="expired")
    return view_of(row)


@command(
    "payments.accept_late",
    label=_("Late payment accepted"),
    permission="payments:write",
    lock=charge_to_lock,
)
def accept_late(ctx: Context, *, charge: str) -> ChargeView:
    """Take late money as good: whoever opened the bill now hears ``payment.paid``.

    Raises ``NotFound`` and ``Refused`` (``charge_not_late``, ``charge_not_covered``).
    """
    row = the_charge(ctx, charge)
    if row.attention != LATE:
        raise Refused("charge_not_late", _("This bill was not paid late."), field="charge")
    if row.standing.kept_minor < row.amount_minor:
        raise Refused(
            "charge_not_covered", _("The late payment does not cover the bill."), field="charge"
        )
    row.attention = Charge.Attention.OVER if row.standing.excess_minor else Charge.Attention.NONE
    row.save(update_fields=["attention"])
    tell(ctx, "paid", row, is_late=True)
    ctx.about(row.public_id, accepted="late")
    return view_of(row)


@command(
    "payments.dismiss_attention",
    label=_("Hint about a payment dismissed"),
    permission="payments:write",
    lock=charge_to_lock,
)
def dismiss_attention(ctx: Context, *, charge: str) -> ChargeView:
    """Staff have dealt with it otherwise; the figures stay. Raises ``NotFound``."""
    row = the_charge(ctx, charge)
    ctx.about(row.public_id, dismissed=row.attention)
    row.attention = Charge.Attention.NONE
    row.save(update_fields=["attention"])
    return view_of(row)


@command(
    "payments.ask_to_look",
    label=_("Staff asked to look at a paid bill"),
    permission="payments:write",
    lock=charge_to_lock,
)
def ask_to_look(ctx: Context, *, charge: str) -> ChargeView:
    """What a paid bill was for ended early, and whether money goes back is for staff to say.

    One that waits for staff already, or holds no money, stays as it is. Raises ``NotFound``.
    """
    row = the_charge(ctx, charge)
    if row.standing.kept_minor and not row.attention:
        row.attention = Charge.Attention.UNUSED
        row.save(update_fields=["attention"])
    return view_of(row)


def close(ctx: Context, row: Charge, *, state: str, reason: str) -> None:
    """Within a command: the bill is over without having been settled."""
    row.state, row.attention = state, ""
    row.save(update_fields=["state", "attention"])
    tell(ctx, "cancelled", row, reason=reason or "cancelled")
    if not ctx.subject:
        ctx.about(row.public_id, state=state, reason=reason)


def _merchant(ctx: Context, public_id: str) -> Merchant:
    rows = Merchant.objects.filter(is_active=True)
    if public_id:
        row: Merchant | None = rows.filter(public_id=public_id).first()
        if row is None or ctx.actor.merchant_id not in (None, row.pk):
            raise NotFound("merchant_not_found", _("There is no such merchant."), field="merchant")
        return row
    if ctx.actor.merchant_id is not None:
        found: Merchant = Merchant.objects.get(pk=ctx.actor.merchant_id)
        return found
    all_of_them = list(rows[:2])
    if len(all_of_them) != 1:
        raise Invalid("merchant_needed", _("Say which merchant is paid."), field="merchant")
    return all_of_them[0]


def _fresh_reference() -> str:
    for _try in range(_TRIES):
        made = make_reference([secrets.randbelow(31) for _sign in range(RANDOM_SIGNS)])
        if not Charge.objects.filter(reference=made).exists():
            return made
    raise Conflict("no_reference", _("Try again in a moment."))


def _kind(kind: str) -> str:
    if not kind.replace(".", "_").isidentifier() or not kind.isascii() or len(kind) > 60:
        raise Invalid(
            "bad_kind", _("Name the kind by words and dots, such as “order”."), field="kind"
        )
    return kind


def _purpose(text: str, *, field: str) -> str:
    plain = _short(" ".join(text.split()), field=field, maximum=_TEXT_LENGTH)
    if not plain:
        raise Invalid("text_needed", _("Say what the payment is for."), field=field)
    return plain


def _short(text: str, *, field: str, maximum: int) -> str:
    if len(text) > maximum or not text.isprintable():
        raise Invalid(
            "bad_text",
            _("Give at most %(maximum)s printable characters.") % {"maximum": maximum},
            field=field,
        )
    refuse_card_numbers(text, field=field)
    return text


def refuse_card_numbers(text: str, *, field: str) -> None:
    """Card numbers are never kept. Raises ``Invalid``."""
    if has_card_number(text):
        raise Invalid(
            "card_number",
            _("This looks like a card number. Card numbers must not be written down here."),
            field=field,
        )


def _instant(value: datetime | None, *, field: str, after: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise Invalid("no_time_zone", _("Give the time with its time zone."), field=field)
    if after is not None and value <= after:
        raise Invalid("too_early", _("This lies too early."), field=field)
    return value
