"""What is written about events: authoring, members' answers, the waiting list, the door."""

from __future__ import annotations

from community.events.services.answering import accept_place, answer_event, cancel_seat
from community.events.services.authoring import (
    cancel_event,
    create_event,
    edit_event,
    publish_event,
    set_picture,
)
from community.events.services.door import check_in, recount_attended, undo_check_in
from community.events.services.line import (
    end_doubled_seat,
    end_ungranted_seat,
    lapse_offer,
    move_up,
    void_seat,
)

__all__ = [
    "accept_place",
    "answer_event",
    "cancel_event",
    "cancel_seat",
    "check_in",
    "create_event",
    "edit_event",
    "end_doubled_seat",
    "end_ungranted_seat",
    "lapse_offer",
    "move_up",
    "publish_event",
    "recount_attended",
    "set_picture",
    "undo_check_in",
    "void_seat",
]
