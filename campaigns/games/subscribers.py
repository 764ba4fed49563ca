"""What happens elsewhere and concerns games: one is published or ended, its seed is looked after."""

from __future__ import annotations

from campaigns.games.services import look_after
from loyalty.outbox.subscriptions import Happened, subscriber


@subscriber("rule.published", "rule.ended")
def commit_to_a_seed(event: Happened) -> None:
    """The hash of the secret is shown before anybody plays."""
    if event.data["kind"] == "games.game":
        look_after(event.call("game-seed"), game=event.subject)
