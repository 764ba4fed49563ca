"""After sales: tell when prepaid points run out; follow rewards that are used at another shop."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.coalition import selectors
from campaigns.coalition.services import follow_reward, warn_when_low
from loyalty.outbox.subscriptions import Happened, subscriber
from loyalty.tenancy.models import Merchant, Staff
from loyalty.tenancy.roles import MANAGER, OWNER


@subscriber("purchase.recorded", "sales.imported", "coalition.terms_set")
def warn_of_empty_blocks(event: Happened) -> None:
    """Once for each block; programmes of one merchant are not even asked."""
    if not event.programme.has_several_merchants:
        return
    for one in selectors.low_accounts():
        account, terms = one.account, one.terms
        if account is None or terms is None or account.warned_at_bought == account.bought:
            continue
        merchant = one.merchant.public_id
        warn_when_low(event.call(f"warn-{merchant}"), merchant=merchant, minimum=terms.minimum)


@subscriber("voucher.used", "voucher.issued", "voucher.expired")
def follow_rewards(event: Happened) -> None:
    """Who hands a reward over gets what was paid for it, wherever that was; taken back it falls."""
    if not event.programme.has_several_merchants:
        return
    used_at = event.merchant_id if event.type == "voucher.used" else None
    follow_reward(
        event.call("follow-reward"),
        voucher=event.data["voucher"],
        event=event.id,
        happened_at=event.recorded_at,
        used_at=used_at,
    )


@subscriber("coalition.prepaid_low")
def write_to_who_must_know(event: Happened) -> None:
    """One letter to each owner and manager of the merchant, and to the operator's owners."""
    merchant = Merchant.objects.filter(public_id=event.subject).first()
    if merchant is None:
        return
    own = Q(merchant=merchant, role__in=(OWNER, MANAGER))
    rows = Staff.objects.select_related("user").filter(is_active=True)
    told = rows.filter(own | Q(for_all_merchants=True, role=OWNER)).order_by("pk")
    for address, language in dict(told.values_list("user__email", "user__language")).items():
        with translation.override(language):
            page = f"{settings.BASE_URL}/dashboard/{event.programme.slug}/coalition/"
            text = _(
                "Of the points %(merchant)s paid for in advance %(left)s are left.\n"
                "Buy another block before they run out: %(page)s"
            )
            values = {
                "merchant": merchant.name,
                "left": event.data["points_left"],
                "page": page,
            }
            subject = _("%(merchant)s: prepaid points run out") % {"merchant": merchant.name}
            send_mail(subject, text % values, None, [address])
