"""Pure rules of partners: codes, what an offer is, who pays for it, sign-up bonuses."""
