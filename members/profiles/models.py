"""Who the customers are: members, the holders that own accounts, and how members are recognised."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.models import Location, Merchant
from loyalty.tenancy.scope import TenantModel
from members.profiles.rules.names import mask, mask_name


class Holder(TenantModel):
    """Owns accounts. Every member has one; a household is several members pointing at one."""

    public_id = PublicIdField(prefix="hld")
    name = models.CharField(_("name of the household"), max_length=200, blank=True)

    def __str__(self) -> str:
        return str(self.public_id)


class Member(TenantModel):
    """A customer of a programme. Erasure blanks the person and keeps the row."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        HELD = "held", _("On hold")
        MERGED = "merged", _("Merged into another card")
        ERASED = "erased", _("Erased")

    class Gender(models.TextChoices):
        UNKNOWN = "", _("not said")
        FEMALE = "female", _("female")
        MALE = "male", _("male")
        OTHER = "other", _("other")

    public_id = PublicIdField(prefix="mem")
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="cards",
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    name = models.CharField(_("name"), max_length=200, blank=True)
    # The name without accents and in lower case, so that "nguyen" finds "Nguyễn".
    search_name = models.CharField(max_length=200, blank=True, editable=False)
    gender = models.CharField(_("gender"), max_length=8, choices=Gender.choices, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=5, default="vi")
    timezone = models.CharField(_("time zone"), max_length=64, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    # Secret seed of the rotating QR; never leaves the server.
    card_secret = models.CharField(max_length=64, editable=False)
    # The last rotating code taken at a till, and by whom: older ones are refused to everyone.
    last_scan_step = models.BigIntegerField(null=True, editable=False)
    last_scan_by = models.CharField(max_length=40, blank=True, editable=False)
    joined_at = models.DateTimeField(_("joined"))
    joined_merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    joined_location = models.ForeignKey(
        Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    joined_through = models.CharField(_("joined through"), max_length=20, default="till")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "user"],
                condition=models.Q(user__isnull=False),
                name="member_once_per_user",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "-id"], name="member_newest"),
            models.Index(fields=["programme", "search_name"], name="member_search_name"),
        ]

    def __str__(self) -> str:
        return mask_name(self.name) or self.public_id


class Identifier(TenantModel):
    """One way to recognise a member: phone (E.164), e-mail, card number or an outside id."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("phone")
        EMAIL = "email", _("e-mail")
        CARD = "card", _("card number")
        EXTERNAL = "external", _("id in another system")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=254)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "kind", "value"],
                name="identifier_once_per_programme",
            )
        ]

    def __str__(self) -> str:
        # Masked, for this is what logs and the admin's headings show.
        return f"{self.kind} {mask(self.kind, self.value)}"


class Consent(TenantModel):
    """One purpose a member agreed to or withdrew, with the very text they saw. Append-only."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    granted = models.BooleanField()
    text_version = models.CharField(max_length=40)
    text = models.TextField()
    channel = models.CharField(max_length=20)
    # What proves it later: the hash of the whole text, of the address it is about (keyed), the network
    # it came from (the last part of the address cut off), and where it was said.
    text_hash = models.CharField(max_length=64, blank=True)
    address_hash = models.CharField(max_length=64, blank=True)
    network = models.CharField(max_length=45, blank=True)
    source = models.CharField(max_length=60, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["member", "purpose", "-id"], name="consent_last"),
            models.Index(
                fields=["programme", "address_hash"],
                name="consent_of_address",
                condition=~models.Q(address_hash=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {'yes' if self.granted else 'no'}"


class Merge(TenantModel):
    """Two cards of one person made one. Keeps what is needed to take it back."""

    public_id = PublicIdField(prefix="mrg")
    survivor = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    loser = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="merges")
    # Where the merged card kept its balances before.
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="+")
    # Keys of what was re-pointed, and names of what was filled in on the survivor.
    identifiers = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    filled = models.JSONField(default=list)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    merged_by = models.CharField(max_length=200)
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.public_id)


class Note(TenantModel):
    """What staff wrote down about a member; members never see it."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notes")
    author = models.CharField(max_length=200)
    text = models.TextField(_("note"))
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text[:60]
