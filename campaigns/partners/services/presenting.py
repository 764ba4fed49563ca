"""Rows as the frozen answers of :mod:`campaigns.partners.services.results`."""

from __future__ import annotations

from datetime import datetime, timedelta

from campaigns.partners.models import (
    Desk,
    OfferCode,
    Partner,
    PartnerCard,
    Redemption,
    Statement,
)
from campaigns.partners.rules.codes import shown_code
from campaigns.partners.selectors.codes import bearer_of, is_entitled
from campaigns.partners.services.results import (
    CardView,
    ClaimView,
    DeskView,
    PartnerView,
    RedemptionView,
    StatementView,
)


def partner_view(row: Partner) -> PartnerView:
    """A partner as a value."""
    return PartnerView(
        id=row.public_id,
        code=row.code,
        name=row.name,
        about_vi=row.about_vi,
        about_en=row.about_en,
        website=row.website,
        contact_email=row.contact_email,
        void_minutes=row.void_minutes,
        is_active=row.is_active,
        revision=row.revision,
    )


def desk_view(row: Desk, *, invitation: str = "") -> DeskView:
    """A counter as a value; the invitation only where it was made just now."""
    return DeskView(
        id=row.public_id,
        partner=row.partner.public_id,
        name=row.name,
        state=str(row.state),
        invited_until=row.invited_until,
        last_used_at=row.last_used_at,
        invitation=invitation,
    )


def claim_view(row: OfferCode, *, at: datetime) -> ClaimView:
    """A code as its member (and an integrator) sees it."""
    return ClaimView(
        id=row.public_id,
        code=shown_code(row.code),
        state=str(row.state),
        is_entitled=is_entitled(row, at=at),
        offer=row.family,
        name=row.offer.name,
        text=row.offer.text,
        partner=row.partner.public_id,
        member=bearer_of(row).public_id,
        claimed_at=row.claimed_at,
        usable_from=row.usable_from,
        expires_at=row.expires_at,
        ends_at=row.ends_at,
        used_at=row.used_at,
    )


def voidable_until(row: Redemption) -> datetime:
    """Until when a desk may take it back."""
    return row.redeemed_at + timedelta(minutes=row.partner.void_minutes)


def redemption_view(row: Redemption) -> RedemptionView:
    """A redemption as the partner sees it: nothing of the member."""
    return RedemptionView(
        id=row.public_id,
        claim=row.claim.public_id,
        code=f"…{row.claim.code[-4:]}",
        partner=row.partner.public_id,
        offer=row.claim.family,
        name=row.offer.name,
        text=row.offer.text,
        redeemed_at=row.redeemed_at,
        redeemed_by=row.redeemed_by,
        bill_minor=row.bill_minor,
        given_minor=row.given_minor,
        we_pay_minor=row.we_pay_minor,
        they_pay_minor=row.they_pay_minor,
        voidable_until=voidable_until(row),
        voided_at=row.voided_at,
        void_reason=row.void_reason,
        statement=row.statement.public_id if row.statement else "",
    )


def statement_view(row: Statement) -> StatementView:
    """A closed month as a value."""
    return StatementView(
        id=row.public_id,
        partner=row.partner.public_id,
        month=row.month,
        redeemed=row.redeemed,
        voided=row.voided,
        we_owe_minor=row.we_owe_minor,
        they_owe_minor=row.they_owe_minor,
        net_minor=row.net_minor,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        reference=row.reference,
    )


def card_view(row: PartnerCard) -> CardView:
    """A card as a value."""
    return CardView(
        id=row.public_id,
        partner=row.partner.public_id,
        member=row.member.public_id,
        reference=row.reference,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        is_first=row.is_first,
    )
