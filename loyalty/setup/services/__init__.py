"""Setting a programme up and keeping it in order: the programme, its places, its people."""

from __future__ import annotations

from loyalty.setup.services.places import LocationInput, add_location, change_location
from loyalty.setup.services.programmes import (
    Changed,
    NewProgramme,
    Settings,
    change_settings,
    start_programme,
)
from loyalty.setup.services.team import change_role, close_role, invite_staff, open_role

__all__ = [
    "Changed",
    "LocationInput",
    "NewProgramme",
    "Settings",
    "add_location",
    "change_location",
    "change_role",
    "change_settings",
    "close_role",
    "invite_staff",
    "open_role",
    "start_programme",
]
