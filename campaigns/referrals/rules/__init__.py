"""Pure rules of referrals: codes, what is given and when, and what makes a referral suspicious."""
