"""Everything that is written about referrals. Each public function that acts is a command."""

from __future__ import annotations

from campaigns.referrals.services.codes import give_code, hashed_device
from campaigns.referrals.services.following import follow_purchase, look_after_referral
from campaigns.referrals.services.joining import accept_code, claim_code
from campaigns.referrals.services.paying import count_figures, reward_referrer, take_back
from campaigns.referrals.services.people import follow_merge, follow_unmerge
from campaigns.referrals.services.reviewing import reject_referral, release_referral

__all__ = [
    "accept_code",
    "claim_code",
    "count_figures",
    "follow_merge",
    "follow_purchase",
    "follow_unmerge",
    "give_code",
    "hashed_device",
    "look_after_referral",
    "reject_referral",
    "release_referral",
    "reward_referrer",
    "take_back",
]
