"""Reads about partners, offers, codes, statements and card payments. All in the programme in scope."""

from __future__ import annotations

from campaigns.partners.selectors.offers import counting

__all__ = ["counting"]
