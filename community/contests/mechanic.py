"""The plug of contests: what rules may listen to, what the terms page says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from community.contests import selectors
from community.contests.rules import ContestTerms
from loyalty.engine.plug import Mechanic, Phase
from loyalty.engine.promises import for_whom, promised
from loyalty.web import formats

ENTERED, WON = "contest.entered", "contest.won"


class Contests(Mechanic):
    """Answers nothing by itself: prizes are given when a contest is decided."""

    name = "contests"
    title: ClassVar = _("Contests")
    phase = Phase.STATUS
    activity_types: ClassVar = frozenset({ENTERED, WON})
    own_activities: ClassVar = frozenset({ENTERED, WON})
    activity_words: ClassVar = {
        ENTERED: _("a contest entered"),
        WON: _("a contest won"),
    }
    befalling: ClassVar = frozenset({WON})
    reasons: ClassVar = {"contest_won": _("Won: %(contest)s, place %(place)s")}

    def load(self, programme_id: int) -> Sequence[ContestTerms]:
        return selectors.terms_of_contests()

    def in_words(self, rules: Sequence[Any], *, currency: str) -> list[str]:
        return [_promise(one) for one in promised(rules)]


def _promise(contest: ContestTerms) -> str:
    is_english = (get_language() or "vi").startswith("en")
    name = contest.name_en if is_english else contest.name
    whom = for_whom(contest)
    if whom:
        name = gettext("%(contest)s (for %(whom)s)") % {"contest": name, "whom": whom}
    entries = gettext("%(contest)s: entries until %(until)s.") % {
        "contest": name,
        "until": formats.instant_text(contest.entries_until),
    }
    if contest.judging == "jury":
        decided = gettext("A jury picks who wins.")
    else:
        text = ngettext(
            "Members vote until %(until)s, %(n)s vote each; of equals the first to enter wins.",
            "Members vote until %(until)s, %(n)s votes each; of equals the first to enter wins.",
            contest.votes_per_member,
        )
        until = formats.instant_text(contest.votes_until)
        decided = text % {"until": until, "n": contest.votes_per_member}
    text = ngettext("%(n)s prize.", "%(n)s prizes.", contest.winners)
    return f"{entries} {decided} {text % {'n': contest.winners}}"


MECHANICS = (Contests(),)
