"""How often something comes, in words of the active language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tiers.subscriptions.rules.terms import WEEK, OfferTerms


def rhythm_text(every: int, unit: str) -> str:
    """``every week``, ``every 2 months``."""
    if every == 1:
        return _("every week") if unit == WEEK else _("every month")
    return (_("every %(n)s weeks") if unit == WEEK else _("every %(n)s months")) % {"n": every}


def rhythms_text(offer: OfferTerms) -> str:
    """All an offer has: ``every 1 to 4 weeks or every month``."""
    spans = []
    if offer.weeks_to:
        spans.append(
            _("every %(least)s to %(most)s weeks")
            % {"least": offer.weeks_from, "most": offer.weeks_to}
            if offer.weeks_from < offer.weeks_to
            else rhythm_text(offer.weeks_to, WEEK)
        )
    if offer.months_to:
        spans.append(
            _("every %(least)s to %(most)s months")
            % {"least": offer.months_from, "most": offer.months_to}
            if offer.months_from < offer.months_to
            else rhythm_text(offer.months_to, "month")
        )
    return _(" or ").join(spans)


def rhythm_choices(offer: OfferTerms) -> list[tuple[str, str]]:
    """Every rhythm of an offer as ``week:2``, with its words."""
    weeks = range(offer.weeks_from, offer.weeks_to + 1) if offer.weeks_to else ()
    months = range(offer.months_from, offer.months_to + 1) if offer.months_to else ()
    return [
        *((f"week:{n}", rhythm_text(n, "week")) for n in weeks),
        *((f"month:{n}", rhythm_text(n, "month")) for n in months),
    ]
