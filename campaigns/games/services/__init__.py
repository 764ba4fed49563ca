"""What is written about games: seeds, plays, draws and claims."""

from __future__ import annotations

from campaigns.games.services.draws import claim, draw, draw_view, settle_win
from campaigns.games.services.plays import play
from campaigns.games.services.seeds import look_after, renew_seed

__all__ = ["claim", "draw", "draw_view", "look_after", "play", "renew_seed", "settle_win"]
