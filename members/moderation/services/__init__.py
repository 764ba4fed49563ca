"""Everything that is written about manners: settings, reports, blocks, cases, photos."""

from __future__ import annotations

from members.moderation.services.cases import (
    Decided,
    Reported,
    check_pace,
    check_text,
    close_cases,
    decide,
    drop_cases,
    forget_of,
    open_case,
    report_thing,
)
from members.moderation.services.people import Blocked, block_member, unblock_member
from members.moderation.services.photos import (
    attach_photos,
    put_picture,
    remove_photo,
    show_photos,
    sweep_photos,
    throw_photos_away,
)
from members.moderation.services.settings import ModerationSettingsAnswer, change_settings

__all__ = [
    "Blocked",
    "Decided",
    "ModerationSettingsAnswer",
    "Reported",
    "attach_photos",
    "block_member",
    "change_settings",
    "check_pace",
    "check_text",
    "close_cases",
    "decide",
    "drop_cases",
    "forget_of",
    "open_case",
    "put_picture",
    "remove_photo",
    "report_thing",
    "show_photos",
    "sweep_photos",
    "throw_photos_away",
    "unblock_member",
]
