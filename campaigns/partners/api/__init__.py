"""Partners over the API. Offers and sign-up bonuses are written as rules (``partners.offer``)."""

from __future__ import annotations

from campaigns.partners.api import cards, codes, partners

routes = [*partners.routes, *codes.routes, *cards.routes]
