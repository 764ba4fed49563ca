"""Partners and what stands between us: offers, codes, redemptions, statements, card payments.

An offer is a rule; a code points at the version it was claimed under, so that a later edit changes
no promise. What belongs to all versions (stock, limits) goes by the family: the first version's id.
"""

from __future__ import annotations

from campaigns.partners.models.cards import Chargeback, PartnerCard, PartnerTransaction
from campaigns.partners.models.codes import OfferCode, OfferTally, PoolCode, Redemption, Statement
from campaigns.partners.models.offers import Offer, SignupBonus, family_of
from campaigns.partners.models.partners import Desk, Partner, PartnerKey

__all__ = [
    "Chargeback",
    "Desk",
    "Offer",
    "OfferCode",
    "OfferTally",
    "Partner",
    "PartnerCard",
    "PartnerKey",
    "PartnerTransaction",
    "PoolCode",
    "Redemption",
    "SignupBonus",
    "Statement",
    "family_of",
]
