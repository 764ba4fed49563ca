"""Everything that is written about segments."""

from __future__ import annotations

from campaigns.segments.services.authoring import (
    archive_segment,
    create_segment,
    edit_segment,
    restore_segment,
)
from campaigns.segments.services.checking import checked
from campaigns.segments.services.taking import count_segment, go_on_taking, take_list

__all__ = [
    "archive_segment",
    "checked",
    "count_segment",
    "create_segment",
    "edit_segment",
    "go_on_taking",
    "restore_segment",
    "take_list",
]
