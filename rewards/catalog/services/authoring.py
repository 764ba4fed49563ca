"""Writing rewards: drafts, publishing, stock, the end. Published terms never change."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Invalid, Outdated, Refused, Several
from loyalty.common.money import check_minor
from loyalty.engine.rule_values import complain, condition_faults
from loyalty.ledger.assets import asset_codes
from loyalty.outbox.services import publish
from rewards.catalog.models import Reward, RewardKind, RewardTerms
from rewards.catalog.rules import TermsInput


@dataclass(frozen=True, kw_only=True)
class RewardResult:
    """A reward as it stands after a command."""

    reward: str
    state: str
    revision: int
    edition: int
    stock_left: int | None


def _the_reward(reward: str) -> Lock:
    return Lock(rows=Reward.objects.filter(public_id=reward))


@command("catalog.create_reward", label=_("Reward drafted"), permission="rewards:write")
def create_reward(
    ctx: Context, *, terms: TermsInput, stock: int | None = None, position: int = 0
) -> RewardResult:
    """Draft a reward. Raises ``Several`` with everything that is wrong."""
    _check(terms)
    row = Reward(programme=ctx.programme, stock_left=_stock(stock), position=position)
    row.save(force_insert=True)
    row.draft = _edition(row, terms, number=1)
    row.save(update_fields=["draft"])
    ctx.about(row.public_id, kind=terms.kind)
    return _result(row)


@command(
    "catalog.edit_reward",
    label=_("Reward changed"),
    permission="rewards:write",
    lock=lambda *, reward, **_: _the_reward(reward),
)
def edit_reward(
    ctx: Context, *, reward: str, terms: TermsInput, revision: int | None = None
) -> RewardResult:
    """Change a reward's draft. What is published stays as it is until the draft is published.

    Raises ``NotFound``, ``Several``, and ``Outdated`` where ``revision`` is not the latest.
    """
    row = ctx.the_locked(Reward, code="reward_not_found", field="reward")
    if revision is not None and revision != row.revision:
        raise Outdated(
            "changed_meanwhile",
            _("Somebody changed this meanwhile. Look at it again."),
            field="revision",
        )
    _check(terms)
    if row.draft_id is not None:
        RewardTerms.objects.filter(pk=row.draft_id, published_at=None).update(**_fields(terms))
        row.draft = RewardTerms.objects.get(pk=row.draft_id)
    else:
        row.draft = _edition(row, terms, number=row.editions.count() + 1)
    row.revision += 1
    row.save(update_fields=["draft", "revision"])
    if row.terms_id is None:
        ctx.rules_changed()  # rules that give it name it by its draft
    ctx.about(row.public_id, kind=terms.kind)
    return _result(row)


@command(
    "catalog.publish_reward",
    label=_("Reward published"),
    permission="rewards:write",
    lock=lambda *, reward: _the_reward(reward),
)
def publish_reward(ctx: Context, *, reward: str) -> RewardResult:
    """Put a reward on offer by its draft, or an ended one again by its last terms.

    Raises ``Refused`` (``nothing_to_publish``) where it is live and there is no draft, ``Invalid`` or
    ``Several`` where it is reserved for what does not exist.
    """
    row = ctx.the_locked(Reward, code="reward_not_found", field="reward")
    coming = row.draft or row.terms
    complain(condition_faults(coming.audience, field="audience") if coming else [])
    if row.draft_id is not None:
        RewardTerms.objects.filter(pk=row.draft_id).update(published_at=ctx.now)
        row.terms_id, row.draft_id = row.draft_id, None
    elif row.state == Reward.State.LIVE or row.terms_id is None:
        raise Refused("nothing_to_publish", _("There is no draft to publish."))
    row.state, row.ended_at = Reward.State.LIVE, None
    row.revision += 1
    row.save(update_fields=["terms", "draft", "state", "ended_at", "revision"])
    ctx.rules_changed()
    publish(ctx, "reward.published", subject=row.public_id, data={"reward": row.public_id})
    ctx.about(row.public_id, state=row.state)
    return _result(row)


@command(
    "catalog.end_reward",
    label=_("Reward ended"),
    permission="rewards:write",
    lock=lambda *, reward: _the_reward(reward),
)
def end_reward(ctx: Context, *, reward: str) -> RewardResult:
    """Take a reward off the list. Vouchers that were issued keep their promise."""
    row = ctx.the_locked(Reward, code="reward_not_found", field="reward")
    if row.state != Reward.State.LIVE:
        raise Refused("not_live", _("Only a live reward can be ended."))
    row.state, row.ended_at = Reward.State.ENDED, ctx.now
    row.revision += 1
    row.save(update_fields=["state", "ended_at", "revision"])
    ctx.rules_changed()
    publish(ctx, "reward.ended", subject=row.public_id, data={"reward": row.public_id})
    ctx.about(row.public_id, state=row.state)
    return _result(row)


@command(
    "catalog.set_stock",
    label=_("Stock of a reward set"),
    permission="rewards:write",
    lock=lambda *, reward, **_: _the_reward(reward),
)
def set_stock(ctx: Context, *, reward: str, stock: int | None) -> RewardResult:
    """Say how many can still be had; ``None`` for as many as are asked for."""
    row = ctx.the_locked(Reward, code="reward_not_found", field="reward")
    before, row.stock_left = row.stock_left, _stock(stock)
    row.revision += 1
    row.save(update_fields=["stock_left", "revision"])
    ctx.about(row.public_id, stock=[before, row.stock_left])
    return _result(row)


def _check(terms: TermsInput) -> None:
    found = terms.problems(kinds=RewardKind.values, assets=asset_codes())
    if found:
        raise Several(found)


def _stock(stock: int | None) -> int | None:
    return None if stock is None else check_minor(stock, field="stock")


def _fields(terms: TermsInput) -> dict[str, object]:
    values = asdict(terms)
    return {
        **values,
        "costs": [asdict(cost) for cost in terms.costs],
        "skus": list(terms.skus),
        "categories": list(terms.categories),
        "audience": [dict(one) for one in terms.audience],
        "name_vi": terms.name_vi.strip() or terms.name_en.strip(),
        "name_en": terms.name_en.strip(),
    }


def _edition(row: Reward, terms: TermsInput, *, number: int) -> RewardTerms:
    edition = RewardTerms(reward=row, edition=number, **_fields(terms))
    if len(edition.name_vi) > 120 or len(edition.name_en) > 120:
        raise Invalid("too_long", _("Give at most 120 characters."), field="name_vi")
    edition.save(force_insert=True)
    return edition


def _result(row: Reward) -> RewardResult:
    shown = row.draft_id or row.terms_id
    edition = RewardTerms.objects.filter(pk=shown).values_list("edition", flat=True).first()
    return RewardResult(
        reward=row.public_id,
        state=str(row.state),
        revision=row.revision,
        edition=edition or 1,
        stock_left=row.stock_left,
    )
