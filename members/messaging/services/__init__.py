"""What is written about the e-mail club."""

from __future__ import annotations

from members.messaging.services.club import (
    ask,
    choose_topics,
    confirm,
    leave,
    living_or_not_found,
    stop_address,
)
from members.messaging.services.letters import note_letter
from members.messaging.services.newsletters import (
    claim_batch,
    edit_newsletter,
    note_results,
    send_newsletter,
    stop_newsletter,
    write_newsletter,
)

__all__ = [
    "ask",
    "choose_topics",
    "claim_batch",
    "confirm",
    "edit_newsletter",
    "leave",
    "living_or_not_found",
    "note_letter",
    "note_results",
    "send_newsletter",
    "stop_address",
    "stop_newsletter",
    "write_newsletter",
]
