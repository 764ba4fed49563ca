"""Everything that is written about discussions. Each public function is a command."""

from __future__ import annotations

from community.discussions.services.deciding import (
    answer_as_shop,
    choose_best,
    close_topic,
    decide_reply,
    decide_topic,
    forget_author,
    set_status,
)
from community.discussions.services.gathering import (
    GroupAnswer,
    GroupValues,
    MembershipAnswer,
    ask_for_group,
    decide_membership,
    leave_group,
    make_group,
    save_group,
)
from community.discussions.services.settings import DiscussionSettingsAnswer, change_settings
from community.discussions.services.showing import WrittenAnswer
from community.discussions.services.writing import (
    VoteAnswer,
    edit_reply,
    edit_topic,
    start_topic,
    vote_for_idea,
    withdraw_reply,
    withdraw_topic,
    write_reply,
)

__all__ = [
    "DiscussionSettingsAnswer",
    "GroupAnswer",
    "GroupValues",
    "MembershipAnswer",
    "VoteAnswer",
    "WrittenAnswer",
    "answer_as_shop",
    "ask_for_group",
    "change_settings",
    "choose_best",
    "close_topic",
    "decide_membership",
    "decide_reply",
    "decide_topic",
    "edit_reply",
    "edit_topic",
    "forget_author",
    "leave_group",
    "make_group",
    "save_group",
    "set_status",
    "start_topic",
    "vote_for_idea",
    "withdraw_reply",
    "withdraw_topic",
    "write_reply",
]
