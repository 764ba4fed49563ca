"""What can be had: rewards with their published terms, vouchers, and pools of outside codes.

A reward keeps its id for ever; what it promises stands in :class:`RewardTerms`, rows that never
change once published. A voucher points at the terms it was issued under: a later edit of the reward
changes no promise that was made.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import now
from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy.models import Merchant
from loyalty.tenancy.scope import TenantModel


class RewardKind(models.TextChoices):
    """What a reward is; the first three lower a bill, the others are handed over."""

    FREE_PRODUCT = "free_product", _("Free product")
    AMOUNT_OFF = "amount_off", _("Amount off the bill")
    PERCENT_OFF = "percent_off", _("Percent off the bill")
    GIFT = "gift", _("Gift")
    EVENT_TICKET = "event_ticket", _("Event ticket")
    EXTERNAL_CODE = "external_code", _("Code of a partner")


class Reward(TenantModel):
    """Something members can get. ``terms`` is what is promised now, ``draft`` what may come."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LIVE = "live", _("Live")
        ENDED = "ended", _("Ended")

    public_id = PublicIdField(prefix="rwd")
    state = models.CharField(_("state"), max_length=5, choices=State.choices, default=State.DRAFT)
    terms = models.ForeignKey(
        "RewardTerms", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    draft = models.ForeignKey(
        "RewardTerms", on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    # How many can still be had; null is as many as are asked for.
    stock_left = models.BigIntegerField(_("left in stock"), null=True, blank=True)
    image = models.ImageField(_("picture"), upload_to="rewards/%Y/", blank=True)
    position = models.IntegerField(_("place in the list"), default=0)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(stock_left__isnull=True) | models.Q(stock_left__gte=0),
                name="reward_stock_positive",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="live") | models.Q(terms__isnull=False),
                name="reward_live_has_terms",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "state", "position", "id"], name="reward_list"),
        ]

    def __str__(self) -> str:
        shown = self.terms or self.draft
        return str(shown) if shown else str(self.public_id)


class RewardTerms(TenantModel):
    """One edition of a reward's terms; immutable from the moment it is published."""

    class Validity(models.TextChoices):
        UNLIMITED = "unlimited", _("without end")
        DAYS = "days", _("a number of days")
        DATE = "date", _("until a day")

    reward = models.ForeignKey(Reward, on_delete=models.CASCADE, related_name="editions")
    edition = models.PositiveIntegerField(default=1)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    description_vi = models.TextField(_("description in Vietnamese"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    kind = models.CharField(_("kind"), max_length=13, choices=RewardKind.choices)
    # Amount off; or the most a free product or a percentage takes off (0: no such limit).
    value_minor = models.BigIntegerField(_("amount"), default=0)
    value_bp = models.PositiveIntegerField(_("percent (basis points)"), default=0)
    skus = models.JSONField(_("products"), default=list, blank=True)
    categories = models.JSONField(_("categories"), default=list, blank=True)
    minimum_minor = models.BigIntegerField(_("minimum bill"), default=0)
    # [{"asset": "points", "amount": 100}, …]: any one of them pays; none: only rules give it.
    costs = models.JSONField(_("costs"), default=list, blank=True)
    per_member = models.PositiveIntegerField(_("at most per member"), null=True, blank=True)
    # Conditions that must hold for whoever buys it; none: everybody may.
    audience = models.JSONField(_("for whom"), default=list, blank=True)
    validity = models.CharField(
        _("voucher valid"), max_length=9, choices=Validity.choices, default=Validity.DAYS
    )
    valid_days = models.PositiveIntegerField(_("days"), null=True, blank=True, default=30)
    valid_until_on = models.DateField(_("last day"), null=True, blank=True)
    published_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reward", "edition"], name="reward_edition_once"),
            models.CheckConstraint(
                condition=models.Q(value_minor__gte=0, value_bp__lte=10_000, minimum_minor__gte=0),
                name="reward_terms_values",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language, or in the one there is."""
        return self._in_language(self.name_vi, self.name_en)

    @property
    def description(self) -> str:
        """The description in the active language, or in the one there is."""
        return self._in_language(self.description_vi, self.description_en)

    def _in_language(self, vietnamese: str, english: str) -> str:
        first, second = (
            (english, vietnamese)
            if (get_language() or "vi").startswith("en")
            else (vietnamese, english)
        )
        return first or second


class Voucher(TenantModel):
    """One promise to one member, with a code nobody can guess; used exactly once."""

    class State(models.TextChoices):
        RESERVED = "reserved", _("Reserved")
        ISSUED = "issued", _("Ready to use")
        USED = "used", _("Used")
        VOID = "void", _("Void")
        EXPIRED = "expired", _("Expired")

    public_id = PublicIdField(prefix="vou")
    code = models.CharField(_("code"), max_length=16)
    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="vouchers")
    terms = models.ForeignKey(RewardTerms, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="vouchers"
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    # What the member paid for it; empty where a rule gave it.
    cost_asset = models.CharField(max_length=60, blank=True)
    cost_amount = models.BigIntegerField(default=0)
    cost_entry = models.ForeignKey(
        "loyalty_ledger.Entry", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Who gave it where nobody paid: the rule or card, and why.
    source = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    details = models.JSONField(default=dict)
    issued_at = models.DateTimeField()
    reserved_until = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    # Public id of the purchase (or command) that used it, and who was at the till.
    used_cause = models.CharField(max_length=40, blank=True)
    used_by = models.CharField(max_length=200, blank=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    void_reason = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "code"], name="voucher_code_once"),
            models.CheckConstraint(
                condition=models.Q(state="used", used_at__isnull=False)
                | (~models.Q(state="used") & models.Q(used_at__isnull=True)),
                name="voucher_used_has_instant",
            ),
            models.CheckConstraint(
                condition=models.Q(cost_amount__gte=0), name="voucher_cost_positive"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["member", "state", "-id"], name="voucher_of_member"),
            models.Index(fields=["programme", "-id"], name="voucher_newest"),
            models.Index(fields=["reward", "member", "state"], name="voucher_of_reward"),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state="issued", expires_at__isnull=False),
                name="voucher_expiring",
            ),
            models.Index(
                fields=["reserved_until"],
                condition=models.Q(state="reserved"),
                name="voucher_reserved",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class ExternalCode(TenantModel):
    """A code of a partner, waiting in a pool or handed out with one voucher."""

    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="external_codes")
    code = models.CharField(max_length=200)
    voucher = models.OneToOneField(
        Voucher, on_delete=models.PROTECT, null=True, related_name="external_code"
    )
    imported_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reward", "code"], name="external_code_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["reward", "id"],
                condition=models.Q(voucher__isnull=True),
                name="external_code_free",
            )
        ]

    def __str__(self) -> str:
        return f"…{self.code[-4:]}"
