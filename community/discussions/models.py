"""Topics and ideas, replies and votes, and the groups of members that hold them."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.discussions import rules
from community.discussions.rules import DiscussionTerms
from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.scope import TenantModel


class DiscussionSettings(TenantModel):
    """How discussions work in a programme."""

    class LookedAt(models.TextChoices):
        BEFORE = "before", _("before others see it")
        AFTER = "after", _("after it is shown")

    class FormerChoice(models.TextChoices):
        KEEP = "keep", _("stay, without a name")
        REMOVE = "remove", _("are removed")

    is_open = models.BooleanField(_("members may write"), default=False)
    ideas_open = models.BooleanField(_("members may propose ideas"), default=True)
    looked_at = models.CharField(
        _("staff look at a text"), max_length=6, choices=LookedAt.choices, default=LookedAt.AFTER
    )
    edit_hours = models.PositiveSmallIntegerField(
        _("hours an author may change a text"), default=24, validators=[MaxValueValidator(8_760)]
    )
    most_photos = models.PositiveSmallIntegerField(
        _("photos beside a text"), default=4, validators=[MaxValueValidator(10)]
    )
    public_read = models.BooleanField(_("visitors without a card read along"), default=True)
    former = models.CharField(
        _("texts of erased members"),
        max_length=6,
        choices=FormerChoice.choices,
        default=FormerChoice.KEEP,
    )
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme"], name="discussion_settings_once")
        ]

    def __str__(self) -> str:
        return str(_("Discussions"))

    @property
    def terms(self) -> DiscussionTerms:
        """As a value."""
        return DiscussionTerms(
            is_open=self.is_open,
            ideas_open=self.ideas_open,
            looked_at=str(self.looked_at),
            edit_hours=self.edit_hours,
            most_photos=self.most_photos,
            public_read=self.public_read,
            former=str(self.former),
        )


class Group(TenantModel):
    """A group of members with topics of its own."""

    class Join(models.TextChoices):
        OPEN = "open", _("Open to every member")
        CONDITIONS = "conditions", _("For whom conditions hold")
        APPROVAL = "approval", _("Staff let people in")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        ARCHIVED = "archived", _("Put away")

    public_id = PublicIdField(prefix="grp")
    name = models.CharField(_("name"), max_length=80)
    about = models.CharField(_("what it is about"), max_length=300, blank=True)
    join = models.CharField(
        _("who comes in"), max_length=10, choices=Join.choices, default=Join.OPEN
    )
    conditions = models.JSONField(_("conditions"), default=list, blank=True)
    is_private = models.BooleanField(_("only its members read it"), default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    members = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "name"], name="group_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class Membership(TenantModel):
    """A member in a group, or at its door."""

    class State(models.TextChoices):
        ASKED = "asked", _("Wants to come in")
        IN = "in", _("In the group")
        OUT = "out", _("Not let in")

    public_id = PublicIdField(prefix="gmb")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=5, choices=State.choices)
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "member"], name="group_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.member_id}"


class Written(TenantModel):
    """What a topic and a reply have in common. ``activity`` is what it counts as while it stands."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        PUBLISHED = "published", _("Public")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    text = models.TextField(_("text"), blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=200, blank=True)
    activity = models.ForeignKey(
        "loyalty_engine.Activity", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # What it counts as besides: an accepted idea, the best answer.
    honour = models.ForeignKey(
        "loyalty_engine.Activity", on_delete=models.PROTECT, null=True, related_name="+"
    )
    times = models.PositiveSmallIntegerField(default=0)
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True


class Topic(Written):
    """A topic or an idea. Replies and votes are counted as they come and go."""

    class Kind(models.TextChoices):
        TOPIC = rules.TOPIC, _("Topic")
        IDEA = rules.IDEA, _("Idea")

    class Status(models.TextChoices):
        NEW = "new", _("New")
        PLANNED = "planned", _("Planned")
        DONE = "done", _("Done")
        DECLINED = "declined", _("Declined")

    public_id = PublicIdField(prefix="top")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="topics"
    )
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, related_name="topics")
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.TOPIC)
    title = models.CharField(_("title"), max_length=rules.LONGEST_TITLE)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.NEW)
    status_note = models.CharField(max_length=300, blank=True)
    is_closed = models.BooleanField(default=False)
    votes = models.PositiveIntegerField(default=0)
    replies = models.PositiveIntegerField(default=0)
    best = models.ForeignKey("Reply", on_delete=models.SET_NULL, null=True, related_name="+")
    last_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["programme", "state", "-last_at"], name="topic_last"),
            models.Index(fields=["programme", "kind", "state", "-votes"], name="topic_votes"),
            models.Index(fields=["group", "state", "-id"], name="topic_of_group"),
        ]

    def __str__(self) -> str:
        return self.title


class Reply(Written):
    """A reply of a member; without one it is the shop's."""

    public_id = PublicIdField(prefix="rpl")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="answers")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, null=True, related_name="replies"
    )
    by_staff = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["topic", "state", "id"], name="reply_of_topic"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Vote(TenantModel):
    """A member wants an idea; once."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="voters")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+"
    )
    voted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["topic", "member"], name="idea_vote_once")
        ]

    def __str__(self) -> str:
        return f"{self.topic_id} {self.member_id}"
