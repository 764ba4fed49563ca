"""Everything that is written about a member. Each public function is a command."""

from __future__ import annotations

from members.profiles.services.consents import append_consent, give_consent, withdraw_consent
from members.profiles.services.enrolment import (
    ConsentGiven,
    Enrolled,
    NewMember,
    enrol_member,
    link_login,
)
from members.profiles.services.identifiers import (
    Scanned,
    add_identifier,
    issue_card,
    remove_identifier,
    renew_card_secret,
    scan_card,
)
from members.profiles.services.personal import (
    Export,
    ListExport,
    erase_member,
    export_member_data,
    export_members,
    read_member,
)
from members.profiles.services.profile import (
    MemberAnswer,
    ProfileChanges,
    activate_member,
    add_note,
    hold_member,
    tag_member,
    update_member,
)

__all__ = [
    "ConsentGiven",
    "Enrolled",
    "Export",
    "ListExport",
    "MemberAnswer",
    "NewMember",
    "ProfileChanges",
    "Scanned",
    "activate_member",
    "add_identifier",
    "add_note",
    "append_consent",
    "enrol_member",
    "erase_member",
    "export_member_data",
    "export_members",
    "give_consent",
    "hold_member",
    "issue_card",
    "link_login",
    "read_member",
    "remove_identifier",
    "renew_card_secret",
    "scan_card",
    "tag_member",
    "update_member",
    "withdraw_consent",
]
