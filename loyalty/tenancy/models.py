"""Who there is: programmes (the tenant), their merchants, locations, staff and API keys.

A single shop's programme has one merchant; a coalition has several. A user is a log-in and sits
above programmes: the same person may be staff of one shop and hold cards of many.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import now
from loyalty.common.public_ids import PublicIdField
from loyalty.tenancy import roles
from loyalty.tenancy.scope import TenantModel


class UserManager(BaseUserManager["User"]):
    """Makes log-ins; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A log-in; without a password it can only enter by a one-time code."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A log-in that may do everything in the staff admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A log-in. What it may do in a programme is said by :class:`Staff` and by members."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=5, default="vi")
    is_staff = models.BooleanField(_("staff of the platform"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email


class Programme(models.Model):
    """A loyalty programme: the tenant. Holds the policies where systems differ (DESIGN §8)."""

    class RefundPolicy(models.TextChoices):
        DEBT = "debt", _("Keep a visible debt that the next points fill")
        WRITE_OFF = "write_off", _("Take what is left and write the rest off")

    class Stacking(models.TextChoices):
        BEST = "best", _("The best multiplier counts")
        SUM = "sum", _("Multipliers add up")
        PRODUCT = "product", _("Multipliers multiply")

    class SpentPoints(models.TextChoices):
        PROPORTIONAL = "proportional", _("Give back in proportion to the refund")
        NONE = "none", _("Give nothing back")

    class PartialRefunds(models.TextChoices):
        SHARE = "share", _("They fall in proportion, rounded down")
        RECOUNT = "recount", _("What stays is counted anew")

    class CardPolicy(models.TextChoices):
        JOINING = "joining", _("To everyone who joins")
        FREQUENCY = "frequency", _("To those who come often")
        BY_HAND = "by_hand", _("By hand")

    public_id = PublicIdField(prefix="prg")
    slug = models.SlugField(_("short name in links"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3, default="VND")
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Ho_Chi_Minh")
    language = models.CharField(_("language"), max_length=5, default="vi")
    country = models.CharField(_("country"), max_length=2, default="VN")
    theme = models.CharField(_("colours"), max_length=24, default="forest")
    domain = models.CharField(_("own domain"), max_length=253, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)

    refund_policy = models.CharField(
        _("when refunded points are already spent"),
        max_length=12,
        choices=RefundPolicy.choices,
        default=RefundPolicy.DEBT,
    )
    spent_points_policy = models.CharField(
        _("points a refunded purchase was paid with"),
        max_length=12,
        choices=SpentPoints.choices,
        default=SpentPoints.PROPORTIONAL,
    )
    partial_refund_policy = models.CharField(
        _("points when a part of a sale comes back"),
        max_length=8,
        choices=PartialRefunds.choices,
        default=PartialRefunds.SHARE,
    )
    multiplier_stacking = models.CharField(
        _("several multipliers at once"),
        max_length=8,
        choices=Stacking.choices,
        default=Stacking.BEST,
    )
    earn_on_tax = models.BooleanField(_("points on tax too"), default=True)
    adjust_limit = models.BigIntegerField(_("adjustments above this need approval"), default=1000)
    is_open = models.BooleanField(_("people may join"), default=True)

    minimum_age = models.PositiveSmallIntegerField(_("youngest age to join"), default=16)
    card_policy = models.CharField(
        _("numbered cards are issued"),
        max_length=12,
        choices=CardPolicy.choices,
        default=CardPolicy.JOINING,
    )
    card_after_visits = models.PositiveSmallIntegerField(_("after this many visits"), default=3)
    card_within_days = models.PositiveSmallIntegerField(_("within this many days"), default=90)

    # Set when a second merchant comes in; from then on each merchant's staff see their own business.
    has_several_merchants = models.BooleanField(default=False, editable=False)

    # Grows with every change of a rule; keys the caches of live rules.
    rules_version = models.PositiveBigIntegerField(default=1, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["domain"],
                condition=~models.Q(domain=""),
                name="programme_domain_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(adjust_limit__gte=0),
                name="programme_adjust_limit_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Merchant(TenantModel):
    """A business in a programme; a single shop's programme has exactly one."""

    public_id = PublicIdField(prefix="mrc")
    name = models.CharField(_("name"), max_length=200)
    is_active = models.BooleanField(_("active"), default=True)

    def __str__(self) -> str:
        return self.name


class Location(TenantModel):
    """A branch, kiosk or web shop where sales happen."""

    public_id = PublicIdField(prefix="loc")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="locations")
    name = models.CharField(_("name"), max_length=200)
    code = models.CharField(_("code"), max_length=40, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    def __str__(self) -> str:
        return self.name


class Staff(TenantModel):
    """A user's role in a programme, at one merchant of it."""

    ROLE_CHOICES: ClassVar = [
        (roles.OWNER, _("Owner")),
        (roles.MANAGER, _("Manager")),
        (roles.CASHIER, _("Cashier")),
        (roles.ANALYST, _("Analyst (reads only)")),
        (roles.REDEEMER, _("Redemptions only")),
    ]

    public_id = PublicIdField(prefix="stf")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_roles")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="staff")
    location = models.ForeignKey(
        Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    role = models.CharField(_("role"), max_length=12, choices=ROLE_CHOICES)
    for_all_merchants = models.BooleanField(_("works for the whole programme"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "user"], name="staff_once_per_programme")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @property
    def confined_to(self) -> int | None:
        """The merchant whose business alone this person sees; ``None``: of all."""
        return _confined_to(self)


class ApiKey(TenantModel):
    """A key of one merchant's system. Only its hash is kept; it is shown once."""

    public_id = PublicIdField(prefix="key")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(_("name"), max_length=100)
    hint = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    for_all_merchants = models.BooleanField(_("for the whole programme"), default=False)
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @property
    def confined_to(self) -> int | None:
        """The merchant whose business alone this key reads; ``None``: of all."""
        return _confined_to(self)


def _confined_to(row: Staff | ApiKey) -> int | None:
    if row.for_all_merchants or not row.programme.has_several_merchants:
        return None
    return int(row.merchant_id)
