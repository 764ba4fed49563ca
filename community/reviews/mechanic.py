"""The plug of reviews: one fact for everybody's rules; what a review earns, rules say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from community.reviews import selectors
from loyalty.engine.fact_info import FactInfo
from loyalty.engine.matching import as_number
from loyalty.engine.plug import Mechanic
from loyalty.engine.world import World


def _published(world: World) -> int:
    status = world.status(selectors.STATUS)
    return int(status.data.get("published", 0)) if status else 0


class Reviews(Mechanic):
    """Answers no activity; every rule may ask how many reviews a member has published."""

    name = "reviews"
    facts: ClassVar = {"reviews.published": _published}
    fact_info: ClassVar = {
        "reviews.published": FactInfo(
            label=_("published reviews"), where=as_number(selectors.published_by)
        )
    }

    def load(self, programme_id: int) -> Sequence[Any]:
        return ()


MECHANICS = (Reviews(),)
