"""Lists of a partner's codes for one offer: imported whole or not at all, each handed out once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Offer, OfferCode, PoolCode
from campaigns.partners.rules.codes import MAX_POOL_CODES, plain_code, pool_lines, repeated
from campaigns.partners.rules.offers import POOL
from campaigns.partners.selectors.offers import offers, stocks
from campaigns.partners.services.partners import partner_to_lock
from campaigns.partners.services.results import PoolView
from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import DomainError, Invalid, NotFound, Refused, Several

# So many faults are told at once; the list is mended and sent again.
MOST_FAULTS = 50
_BATCH = 1_000


def _published(offer: str) -> Offer | None:
    """The newest published version of an offer, by the id of any of its versions, a draft's too."""
    named = Offer.objects.filter(public_id=offer).first()
    return next((one for one in offers() if named and one.family == named.family), None)


def _partner_of_offer(offer: str) -> Lock:
    """Two imports for one partner wait for each other, so that repeats are told by their line."""
    named = _published(offer)
    return partner_to_lock(named.partner.public_id if named and named.partner else "")


@command(
    "partners.import_codes",
    label=_("Codes of a partner imported"),
    permission="partners:write",
    lock=lambda *, offer, **_rest: _partner_of_offer(offer),
)
def import_codes(ctx: Context, *, offer: str, codes: tuple[str, ...]) -> PoolView:
    """Put a list of codes into an offer's pool: all of them, or none where a line is at fault.

    Raises ``NotFound``, ``Refused`` (``offer_not_published``, ``no_code_pool``), ``Invalid`` or ``Several``
    (``duplicate_code``, ``bad_code``) by ``codes.<n>``, each with its ``line`` from 1.
    """
    row = _published(offer)
    if row is None and Offer.objects.filter(public_id=offer).exists():
        # Codes are of the partner they came from, and a draft may still be given to another one.
        raise Refused(
            "offer_not_published",
            _("Publish this offer first, then add its codes. It may begin later."),
            field="offer",
        )
    if row is None or not ctx.locked:
        raise NotFound("offer_not_found", _("There is no such offer."), field="offer")
    if row.codes != POOL:
        raise Refused(
            "no_code_pool",
            _("The codes of this offer are made here. It takes no list."),
            field="offer",
        )
    if not 1 <= len(codes) <= MAX_POOL_CODES:
        text = _("Give 1 to %(maximum)s codes.") % {"maximum": MAX_POOL_CODES}
        raise Invalid("bad_code_count", text, field="codes")
    pairs, faults = pool_lines(codes)
    faults += _known_already(row, codes, {key for _code, key in pairs})
    if faults:
        faults.sort(key=lambda one: int(one.params["line"]))
        raise faults[0] if len(faults) == 1 else Several(faults[:MOST_FAULTS])
    if not pairs:
        raise Invalid("bad_code_count", _("There is no code in this list."), field="codes")
    PoolCode.objects.bulk_create(
        [
            PoolCode(
                programme=ctx.programme,
                family=row.family,
                partner=row.partner,
                code=code,
                lookup=key,
                imported_at=ctx.now,
            )
            for code, key in pairs
        ],
        batch_size=_BATCH,
    )
    stock = stocks([row])[row.family]
    ctx.about(row.family, added=len(pairs), left=stock.left)
    return PoolView(offer=row.family, added=len(pairs), total=stock.total, left=stock.left)


def _known_already(row: Offer, codes: tuple[str, ...], keys: set[str]) -> list[DomainError]:
    known: set[str] = set()
    wanted = sorted(keys)
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        for model in (PoolCode, OfferCode):
            rows = model.objects.filter(partner=row.partner, lookup__in=some)
            known |= set(rows.values_list("lookup", flat=True))
    return [
        repeated(line, None)
        for line, raw in enumerate(codes, start=1)
        if plain_code(raw.strip().strip('"')) in known
    ]
