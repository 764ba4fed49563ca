"""What challenges do to a world."""

from campaigns.challenges.effects.missions import CompleteMission, CountThing, MakeProgress
from campaigns.challenges.effects.prizes import AwardBadge, GivePoints, GiveReward
from campaigns.challenges.effects.streaks import CountUnit, ReachStep

__all__ = [
    "AwardBadge",
    "CompleteMission",
    "CountThing",
    "CountUnit",
    "GivePoints",
    "GiveReward",
    "MakeProgress",
    "ReachStep",
]
