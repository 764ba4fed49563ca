"""Pools of outside codes: imported in lists, each handed out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Invalid, Refused
from rewards.catalog.effects.grants import hand_out_codes
from rewards.catalog.models import ExternalCode, Reward, RewardKind, Voucher
from rewards.catalog.selectors import codes_left, rewards

MAX_CODES = 20_000
MAX_CODE_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class CodesResult:
    """What became of a list of codes; ``served`` vouchers had waited for one."""

    reward: str
    added: int
    duplicates: int
    served: int
    left: int


@command(
    "catalog.import_codes",
    label=_("Outside codes imported"),
    permission="rewards:write",
    lock=lambda *, reward, **_: Lock(rows=Reward.objects.filter(public_id=reward)),
)
def import_codes(ctx: Context, *, reward: str, codes: tuple[str, ...]) -> CodesResult:
    """Put codes into a reward's pool. Codes known already are counted, not added again.

    Raises ``Refused`` where the reward is of another kind, ``Invalid`` naming the code at fault.
    """
    ctx.the_locked(Reward, code="reward_not_found", field="reward")
    row = rewards().get(public_id=reward)
    terms = row.terms or row.draft
    if terms is None or terms.kind != RewardKind.EXTERNAL_CODE:
        raise Refused("no_code_pool", _("Only rewards that give a partner's code take codes."))
    wanted = _clean(codes)
    known = set(
        ExternalCode.objects.filter(reward=row, code__in=wanted).values_list("code", flat=True)
    )
    ExternalCode.objects.bulk_create(
        [
            ExternalCode(reward=row, code=code, imported_at=ctx.now)
            for code in wanted
            if code not in known
        ],
        batch_size=1_000,
    )
    waiting = Voucher.objects.select_related("terms").filter(
        reward=row, state=Voucher.State.ISSUED, external_code__isnull=True
    )
    served = hand_out_codes(list(waiting.order_by("id")[:MAX_CODES]))
    ctx.about(row.public_id, added=len(wanted) - len(known))
    return CodesResult(
        reward=row.public_id,
        added=len(wanted) - len(known),
        duplicates=len(codes) - len(wanted) + len(known),
        served=served,
        left=codes_left(row),
    )


def _clean(codes: Sequence[str]) -> list[str]:
    if not 1 <= len(codes) <= MAX_CODES:
        raise Invalid(
            "bad_code_count",
            _("Give 1 to %(maximum)s codes.") % {"maximum": MAX_CODES},
            field="codes",
        )
    found: dict[str, None] = {}
    for number, raw in enumerate(codes):
        code = raw.strip()
        if not code or len(code) > MAX_CODE_LENGTH or not code.isprintable():
            raise Invalid(
                "bad_code",
                _("Line %(line)s is no usable code.") % {"line": number + 1},
                field=f"codes.{number}",
            )
        found[code] = None
    return list(found)
