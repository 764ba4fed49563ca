"""A merchant's accounts at gateways: entered by owners, secrets sealed and never answered."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import DomainError, Invalid, NotFound, Outdated, Several
from loyalty.common.sealing import seal
from loyalty.payments.gateways import gateway_named
from loyalty.payments.gateways.base import Config, Gateway, Setting
from loyalty.payments.models import SECRETS_PURPOSE, GatewayAccount
from loyalty.payments.results import AccountSaved
from loyalty.payments.selectors import config_of
from loyalty.tenancy.models import Merchant


def _account_to_lock(*, gateway: str, **_rest: object) -> Lock:
    return Lock(rows=GatewayAccount.objects.select_related("merchant").filter(gateway=gateway))


# Only owners hold a permission of this verb (see loyalty.tenancy.roles).
@command(
    "payments.save_account",
    label=_("Payment account saved"),
    permission="payments:configure",
    lock=_account_to_lock,
)
def save_account(
    ctx: Context,
    *,
    gateway: str,
    is_active: bool,
    values: Mapping[str, str],
    revision: int | None = None,
) -> AccountSaved:
    """Set up a gateway for the actor's merchant, or change it.

    A secret left empty keeps the one there is, unless that cannot be opened any more. Raises ``NotFound``, ``Invalid`` by the setting's
    name, and ``Outdated``.
    """
    way = gateway_named(gateway)
    if way is None:
        raise NotFound("gateway_not_found", _("There is no such way to pay."), field="gateway")
    row = next((one for one in ctx.locked if one.merchant_id == ctx.merchant_id), None)
    if row is None:
        row = GatewayAccount(
            programme=ctx.programme,
            merchant=Merchant.objects.get(pk=ctx.merchant_id),
            gateway=way.name,
            revision=0,
            changed_at=ctx.now,
        )
    elif revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    known = row.values if row.is_unreadable else config_of(row)
    config = _checked(way, values, known=known, is_active=is_active)
    hidden = {one.name for one in way.settings if one.is_secret}
    secrets = {name: value for name, value in config.items() if name in hidden and value}
    row.values = {name: value for name, value in config.items() if name not in hidden}
    row.sealed = seal(json.dumps(secrets), purpose=SECRETS_PURPOSE) if secrets else ""
    row.is_active, row.changed_at = is_active, ctx.now
    row.revision += 1
    row.save()
    ctx.about(row.public_id, gateway=way.name, is_active=is_active, values=row.values)
    return AccountSaved(
        account=row.public_id, gateway=way.name, is_active=is_active, revision=row.revision
    )


def _checked(
    way: Gateway, values: Mapping[str, str], *, known: Config, is_active: bool
) -> dict[str, str]:
    errors: list[DomainError] = []
    found = {}
    for setting in way.settings:
        value = str(values.get(setting.name, "")).strip()
        if setting.is_secret and not value:
            value = known.get(setting.name, "")
        found[setting.name] = value
        error = _fault(setting, value, is_needed=is_active)
        if error is not None:
            errors.append(error)
    if errors:
        raise Several(errors)
    return found


def _fault(setting: Setting, value: str, *, is_needed: bool) -> Invalid | None:
    if not value:
        if setting.is_required and is_needed:
            return Invalid("setting_needed", _("This is needed."), field=setting.name)
        return None
    is_good = len(value) <= setting.maximum and value.isprintable()
    if setting.choices:
        is_good = value in {code for code, _label in setting.choices}
    elif setting.pattern:
        is_good = is_good and re.fullmatch(setting.pattern, value, re.ASCII) is not None
    if is_good:
        return None
    return Invalid("bad_setting", _("This is not how it should look."), field=setting.name)
