"""What members think of what they tried, whether they bought it, and being forgotten."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, Refused
from loyalty.engine.services import record_activity
from loyalty.engine.statuses import status_of
from members.profiles.models import Member
from members.profiles.rules.names import clean_text
from members.profiles.selectors import member_to_lock
from tiers.trials.mechanic import PLAN_BOUGHT
from tiers.trials.models import Sign, Taking
from tiers.trials.results import TakingView, view_of
from tiers.trials.rules import GIVEN, HAD, MOST_STARS, STATUS, open_at
from tiers.trials.selectors import signs_of
from tiers.trials.services.keeping import keep, leave_signs, taking_to_lock, the_taking
from tiers.trials.services.taking import BOTH

LONGEST_COMMENT = 1_000


@command(
    "trials.give_feedback",
    label=_("Trial answered"),
    permission=BOTH,
    lock=lambda *, taking, **_rest: taking_to_lock(taking),
)
def give_feedback(ctx: Context, *, taking: str, stars: int, comment: str = "") -> TakingView:
    """Keep what a member thinks of what they were given; their last word counts.

    Args:
        stars: 1 to 5.

    Raises ``NotFound``, ``Invalid`` (``stars``, ``comment``), ``Refused`` (``trial_not_given``).
    """
    row = the_taking(ctx, taking)
    if row.state != GIVEN:
        raise Refused(
            "trial_not_given", _("Nobody can say yet what they think of it."), field="taking"
        )
    if isinstance(stars, bool) or not 1 <= stars <= MOST_STARS:
        raise Invalid(
            "out_of_range",
            _("Give a number from %(minimum)s to %(maximum)s.")
            % {"minimum": 1, "maximum": MOST_STARS},
            field="stars",
        )
    row.stars = stars
    row.comment = clean_text(comment, field="comment", longest=LONGEST_COMMENT)
    row.answered_at = ctx.now
    row.asked_at = row.asked_at or ctx.now
    row.due_at = None
    keep(ctx, row, event="trial.answered")
    return view_of(row)


@command(
    "trials.note_plan_bought",
    label=_("Plan bought after a trial"),
    permission="trials:settle",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def note_plan_bought(ctx: Context, *, member: str, plan: str, cause: str) -> bool:
    """Count that a member joined a plan they had tried; answers whether that was so.

    Args:
        cause: public id of the membership: the same one counts once.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    tried = open_at(status_of(row, STATUS), ctx.now)
    if row.state != Member.State.ACTIVE or not any(one.plan == plan for one in tried):
        return False
    record_activity.within(ctx, member=member, type=PLAN_BOUGHT, key=cause, data={"plan": plan})
    return True


@command(
    "trials.learn_signs",
    label=_("Signs of a person who had a trial"),
    permission="trials:settle",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def learn_signs(ctx: Context, *, member: str) -> int:
    """A phone or mailbox that came to a card after its trial is a sign of the same person: removed
    again and shown by a second card, it gets no second one. Answers how many trials they had.
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    had = list(Taking.objects.filter(member=row, state__in=HAD).order_by("id"))
    for one in had:
        known = Sign.objects.filter(family=one.family).values_list("value", flat=True)
        leave_signs(ctx, one, row, known=set(known.filter(value__in=signs_of(row))))
    ctx.about(row.public_id, trials=len(had))
    return len(had)


@command(
    "trials.forget_signs",
    label=_("Signs of a person forgotten"),
    permission="trials:settle",
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def forget_signs(ctx: Context, *, member: str) -> int:
    """Forget by what an erased person would be known again, and their words; answers how many."""
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    forgotten, _by_kind = Sign.objects.filter(taking__member=row).delete()
    row.trials.update(comment="")
    ctx.about(row.public_id, forgotten=forgotten)
    return forgotten
