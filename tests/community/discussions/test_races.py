"""Many members at the same instant."""

from __future__ import annotations

from typing import Any

import pytest

from community.discussions.models import Group
from community.discussions.services import ask_for_group, leave_group
from loyalty.tenancy.scope import in_programme
from tests.community.discussions.talks_of import Talking
from tests.loyalty.commands.test_races import at_once
from tests.world import make_shop

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def test_who_comes_and_goes_at_once_is_counted() -> None:
    one = Talking(make_shop("busy", owner="ben@example.com", member="Ana"))
    people = [one.join(name) for name in ("Binh", "Chi", "Dung", "Em", "Phuc", "Giang")]
    group = one.group()

    def comes(number: int) -> Any:
        return ask_for_group(one.shop.call(), member=people[number], group=group)

    def goes(number: int) -> Any:
        return leave_group(one.shop.call(), member=people[number], group=group)

    for work, times, left in ((comes, 6, 6), (goes, 4, 2)):
        answers = at_once(times, work)
        assert not [error for error in answers if isinstance(error, Exception)], answers
        with in_programme(one.shop.programme):
            assert Group.objects.get().members == left
