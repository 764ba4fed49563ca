"""What the stories of payments share: bills, what was published, a shop that can be paid."""

from __future__ import annotations

from typing import Any

from loyalty.outbox.models import Event
from loyalty.payments import selectors
from loyalty.payments.models import GatewayAccount
from loyalty.payments.results import ChargeView
from loyalty.payments.services import open_charge, save_account
from loyalty.tenancy.scope import in_programme
from tests.world import Shop

VIETQR = {"bank": "970415", "account": "113366668888", "holder": "QUAN CA PHE", "secret": "secret"}


def bill(shop: Shop, amount_minor: int = 99_000, **given: Any) -> ChargeView:
    """A bill of Ana's for a year's membership."""
    given = {"kind": "memberships.term", "subject": "sub_1", "text_vi": "Thẻ vàng một năm"} | given
    return open_charge(
        shop.call(), member=shop.member.public_id, amount_minor=amount_minor, **given
    )


def now_of(shop: Shop, charge: ChargeView) -> ChargeView:
    """The bill as it stands now."""
    with in_programme(shop.programme):
        return selectors.charge(charge.id)


def told(shop: Shop) -> list[str]:
    """The types of all payment events so far."""
    return [kind for kind, _data in events(shop)]


def events(shop: Shop) -> list[tuple[str, dict[str, Any]]]:
    with in_programme(shop.programme):
        rows = Event.objects.filter(type__startswith="payment.").order_by("pk")
        return list(rows.values_list("type", "data"))


def accepts(shop: Shop, gateway: str, **values: str) -> GatewayAccount:
    """Switch a gateway on; answers the account."""
    saved = save_account(shop.call(), gateway=gateway, is_active=True, values=values)
    with in_programme(shop.programme):
        return GatewayAccount.objects.select_related("programme", "merchant").get(
            public_id=saved.account
        )
