"""Reviews of products with what others said of them, and what a product's stars come to."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.reviews.rules import Former, Rating, ReviewTerms, When, Who
from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.scope import TenantModel


class ReviewSettings(TenantModel):
    """How reviews work in a programme."""

    class WhoChoice(models.TextChoices):
        BUYERS = "buyers", _("only who bought it")
        ALL = "all", _("every member; who bought it has a badge")

    class LookedAt(models.TextChoices):
        BEFORE = "before", _("before others see it")
        AFTER = "after", _("after it is shown")

    class FormerChoice(models.TextChoices):
        KEEP = "keep", _("stay, without a name")
        REMOVE = "remove", _("are removed")

    is_open = models.BooleanField(_("members may write reviews"), default=True)
    who = models.CharField(
        _("who may review a product"),
        max_length=6,
        choices=WhoChoice.choices,
        default=WhoChoice.BUYERS,
    )
    looked_at = models.CharField(
        _("staff look at a review"),
        max_length=6,
        choices=LookedAt.choices,
        default=LookedAt.AFTER,
    )
    edit_days = models.PositiveSmallIntegerField(
        _("days an author may change it"), default=30, validators=[MaxValueValidator(3_650)]
    )
    most_photos = models.PositiveSmallIntegerField(
        _("photos beside a review"), default=4, validators=[MaxValueValidator(10)]
    )
    only_verified_earn = models.BooleanField(
        _("only reviews of a verified purchase earn"), default=True
    )
    points_stay = models.BooleanField(
        _("what a review earned stays when the product is given back"), default=True
    )
    public_read = models.BooleanField(_("visitors without a card read reviews"), default=True)
    former = models.CharField(
        _("reviews of erased members"),
        max_length=6,
        choices=FormerChoice.choices,
        default=FormerChoice.KEEP,
    )
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme"], name="review_settings_once")
        ]

    def __str__(self) -> str:
        return str(_("Reviews"))

    @property
    def terms(self) -> ReviewTerms:
        """As a value."""
        return ReviewTerms(
            is_open=self.is_open,
            who=Who(str(self.who)),
            looked_at=When(str(self.looked_at)),
            edit_days=self.edit_days,
            most_photos=self.most_photos,
            only_verified_earn=self.only_verified_earn,
            points_stay=self.points_stay,
            public_read=self.public_read,
            former=Former(str(self.former)),
        )


class Review(TenantModel):
    """What a member says of a product. ``activity`` is what it counts as while it is published."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        PUBLISHED = "published", _("Public")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    public_id = PublicIdField(prefix="rev")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="reviews"
    )
    product = models.ForeignKey(
        "loyalty_sales.Product", on_delete=models.PROTECT, related_name="reviews"
    )
    stars = models.PositiveSmallIntegerField(_("stars"))
    text = models.TextField(_("text"), blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices)
    # Why it is not shown, as its author reads it.
    reason = models.CharField(max_length=200, blank=True)
    is_verified = models.BooleanField(_("verified purchase"), default=False)
    helpful = models.PositiveIntegerField(default=0)
    activity = models.ForeignKey(
        "loyalty_engine.Activity", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # How often it was an activity: a removed one that comes back is a new one.
    times = models.PositiveSmallIntegerField(default=0)
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    reply = models.TextField(_("reply of the shop"), blank=True)
    replied_by = models.CharField(max_length=200, blank=True)
    replied_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "product"], name="review_once"),
            models.CheckConstraint(
                condition=models.Q(stars__gte=1, stars__lte=5), name="review_stars_within"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["product", "state", "-id"], name="review_of_product"),
            models.Index(fields=["programme", "state", "-id"], name="review_newest"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class HelpfulVote(TenantModel):
    """A member found a review helpful; once."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+"
    )
    voted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "member"], name="helpful_once")
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.member_id}"


class ProductRating(TenantModel):
    """How many published reviews of a product have how many stars; kept with every review."""

    product = models.OneToOneField(
        "loyalty_sales.Product", on_delete=models.CASCADE, related_name="rating"
    )
    one = models.PositiveIntegerField(default=0)
    two = models.PositiveIntegerField(default=0)
    three = models.PositiveIntegerField(default=0)
    four = models.PositiveIntegerField(default=0)
    five = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.product_id}: {self.rating.average}"

    @property
    def rating(self) -> Rating:
        """As a value."""
        return Rating(counts=(self.one, self.two, self.three, self.four, self.five))
