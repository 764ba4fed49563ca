"""Random histories of everything a shop can do, through the real commands.

In :class:`Ana` one member's life is lived twice, in the database and in memory: after every step both
hold the same, and the ledger adds up. In :class:`Families` three members share, merge and part on
top of it. At the end everything is refunded: then what purchases brought is gone to the last point,
no voucher they granted can be used, and nobody holds more than was given without a purchase.
"""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from loyalty.ledger import holders
from tests.loyalty.engine.busy_shop import (
    open_busy_shop,
)
from tests.loyalty.engine.shopping import WHICH, Shopping


class Ana(Shopping):
    """One member, in the database and in memory."""


class Families(Shopping):
    """Three members who share an account, part again, and whose cards are merged by mistake."""

    number_of_people: ClassVar[int] = 3

    @initialize()
    def nobody_is_merged(self) -> None:
        self.merges: list[str] = []

    @rule(guest=WHICH, host=WHICH)
    def join(self, guest: int, host: int) -> None:
        self.do(
            holders.join_household,
            member=self.one(guest, self.people),
            other=self.one(host, self.people),
        )

    @rule(who=WHICH)
    def leave(self, who: int) -> None:
        self.do(holders.leave_household, member=self.one(who, self.people))

    @rule(kept=WHICH, gone=WHICH)
    def merge(self, kept: int, gone: int) -> None:
        done = self.do(
            holders.merge_members,
            survivor=self.one(kept, self.people),
            loser=self.one(gone, self.people),
        )
        if done:
            self.merges.append(done[0].merge)

    @precondition(lambda self: getattr(self, "merges", ()))
    @rule(which=WHICH)
    def unmerge(self, which: int) -> None:
        self.do(holders.unmerge_members, merge=self.one(which, self.merges))


@pytest.mark.django_db
@pytest.mark.parametrize("machine", [Ana, Families])
def test_any_history_adds_up_and_comes_back(machine: type[Shopping]) -> None:
    machine.busy = open_busy_shop()
    # A history is long to play: few by default, many with HYPOTHESIS_PROFILE=thorough. What fails is
    # told as it was found: shrinking it would take minutes.
    examples = max(settings.default.max_examples // 5, 1)
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples, phases=[Phase.explicit, Phase.generate])
    )
