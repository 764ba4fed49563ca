"""Games as rules, and what a game leaves behind: seeds, plays, stock given, draws and their winners.

Plays, stock and seeds belong to a game's family (the id of its first version): an edit publishes a
successor, and takes nothing away. What is won, and a play itself, is a balance of the one ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from campaigns.games.rules.fairness import can_open
from campaigns.games.rules.game import GameTerms, read_prizes
from loyalty.common.public_ids import PublicIdField
from loyalty.engine.models import Restricted, Rule
from loyalty.engine.ports import reward_names
from loyalty.tenancy.scope import TenantModel

LONGEST = 8_000


class Game(Rule, Restricted):
    """A wheel, a scratch card or a draw: what can be won, how likely, and what a play costs."""

    room: ClassVar[str] = "games"

    class Way(models.TextChoices):
        SPIN = "spin", _("wheel")
        SCRATCH = "scratch", _("scratch card")
        DRAW = "draw", _("draw by lot")

    class Used(models.TextChoices):
        KEEP = "keep", _("it stays played")
        OWE = "owe", _("the next play earned makes up for it")

    examples: ClassVar[dict[str, Any]] = {
        "prizes": [
            {
                "code": "ten",
                "name_vi": "10 điểm",
                "kind": "points",
                "points": 10,
                "odds_ppm": 200_000,
            },
            {
                "code": "cake",
                "name_vi": "Một chiếc bánh",
                "name_en": "A pastry",
                "kind": "reward",
                "reward": "rwd_01jd3kq6w3v8n0c5r7t9y2b4e6",
                "odds_ppm": 10_000,
                "stock": 50,
                "instead": "ten",
            },
            {"code": "none", "name_vi": "Hẹn lần sau", "name_en": "Nothing", "odds_ppm": 790_000},
        ]
    }
    # Prizes have a page of their own, with a row each and their sum.
    elsewhere: ClassVar[frozenset[str]] = frozenset({"prizes"})
    names_inside: ClassVar[tuple[str, ...]] = ("prizes",)
    shown_for: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("draws_at", "claim_days", "redraws", "one_win"), "way=draw"),
        "daily_seed": "way=spin scratch",
    }

    way = models.CharField(_("kind of game"), max_length=7, choices=Way.choices, default=Way.SPIN)
    prizes = models.JSONField(_("prizes"), default=list, blank=True)
    free_per_day = models.PositiveSmallIntegerField(_("free plays a day"), default=0)
    points_cost = models.PositiveIntegerField(_("points for a play (0: not for points)"), default=0)
    tickets = models.PositiveSmallIntegerField(_("plays for each purchase"), default=0)
    used_policy = models.CharField(
        _("when the purchase of a played play comes back"),
        max_length=4,
        choices=Used.choices,
        default=Used.KEEP,
    )
    minimum_age = models.PositiveSmallIntegerField(
        _("youngest age (0: any; asks for the birthday)"),
        default=0,
        validators=[MaxValueValidator(99)],
    )
    registration = models.CharField(_("registration number"), max_length=120, blank=True)
    legal_vi = models.TextField(
        _("rules of taking part, in Vietnamese"), blank=True, max_length=LONGEST
    )
    legal_en = models.TextField(
        _("rules of taking part, in English"), blank=True, max_length=LONGEST
    )
    draws_at = models.DateTimeField(_("drawn at"), null=True, blank=True)
    claim_days = models.PositiveSmallIntegerField(_("days to claim a drawn prize"), default=14)
    redraws = models.PositiveSmallIntegerField(_("drawn again when nobody claims"), default=1)
    one_win = models.BooleanField(_("one prize a member in a draw"), default=True)
    daily_seed = models.BooleanField(_("show the seed each night"), default=False)

    class Meta:
        verbose_name = _("game")

    @property
    def family(self) -> str:
        """The public id of the first version."""
        row: Any = self
        while row.replaces is not None:
            row = row.replaces
        return str(row.public_id)

    @property
    def legal(self) -> str:
        """The rules of taking part, in the reader's language."""
        return self.legal_vi if (get_language() or "vi").startswith("vi") else self.legal_en

    def terms(self) -> GameTerms:
        raw = self.prizes if isinstance(self.prizes, list) else []
        wanted = [one.get("reward") for one in raw if isinstance(one, dict)]
        named = [one for one in wanted if isinstance(one, str) and one]
        prizes, faults = read_prizes(raw, known_rewards=reward_names(named) if named else {})
        is_luck_for_money = self.way == self.Way.DRAW or self.tickets > 0
        return GameTerms(
            **self.shared_terms(),
            family=self.family,
            way=str(self.way),
            prizes=prizes,
            faults=faults,
            restriction=self.restriction,
            tickets=self.tickets,
            free_per_day=self.free_per_day,
            points_cost=self.points_cost,
            used_policy=str(self.used_policy),
            legal=(self.legal_vi, self.legal_en),
            registration=self.registration,
            needs_registration=is_luck_for_money and self.programme.country == "VN",
            minimum_age=self.minimum_age,
            draws_at=self.draws_at if self.way == self.Way.DRAW else None,
            claim_days=self.claim_days,
            redraws=self.redraws,
            one_win=self.one_win,
            daily_seed=self.daily_seed,
        )


class Seed(TenantModel):
    """A secret, committed to before the first play by its hash, and shown when it is over.

    ``open``: plays are drawn by it. Closed: no new ones; shown some minutes later, when the last play
    that was on its way is done. ``sealed`` needs the server's secret key, ``shown`` none any more.
    """

    public_id = PublicIdField(prefix="sed")
    family = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    sealed = models.TextField()
    shown = models.TextField(blank=True, default="")
    commitment = models.CharField(max_length=64)
    entries = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    revealed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "family", "number"], name="seed_once"),
            models.UniqueConstraint(
                fields=["programme", "family"],
                condition=models.Q(closed_at__isnull=True),
                name="seed_one_open",
            ),
        ]

    @property
    def is_lost(self) -> bool:
        """Is it still hidden, and sealed with a key this server does not know?"""
        return not self.shown and not can_open(self.sealed)

    def __str__(self) -> str:
        return f"{self.family} #{self.number}"


class Play(TenantModel):
    """One play: its number, the outcome, and what was given. Of a draw: an entry, by its number."""

    class Paid(models.TextChoices):
        FREE = "free", _("free")
        TICKET = "ticket", _("with a purchase")
        POINTS = "points", _("with points")

    public_id = PublicIdField(prefix="ply")
    family = models.CharField(max_length=40)
    rule = models.CharField(max_length=40)
    member = models.ForeignKey(
        "members_profiles.Member", on_delete=models.PROTECT, related_name="+"
    )
    player = models.CharField(max_length=16)
    number = models.PositiveIntegerField()
    seed = models.ForeignKey(Seed, on_delete=models.PROTECT, related_name="plays")
    paid = models.CharField(_("paid"), max_length=6, choices=Paid.choices)
    entry = models.PositiveIntegerField(_("entry"), null=True)
    outcome_ppm = models.PositiveIntegerField(null=True)
    prize = models.CharField(_("prize"), max_length=20, blank=True)
    given = models.CharField(_("given"), max_length=20, blank=True)
    activity = models.CharField(max_length=40)
    played_at = models.DateTimeField(_("played"))

    class Meta:
        verbose_name = _("play")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "family", "member", "number"], name="play_once"
            ),
            models.UniqueConstraint(
                fields=["programme", "family", "entry"],
                condition=models.Q(entry__isnull=False),
                name="entry_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["programme", "family", "rule", "prize"], name="play_figures"),
            models.Index(fields=["member", "family", "played_at"], name="play_of_member"),
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.player} {self.number}"


class PrizeStock(TenantModel):
    """How many of a prize were given. Counted on by one conditional update, never past the stock."""

    family = models.CharField(max_length=40)
    code = models.CharField(max_length=20)
    given = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "family", "code"], name="stock_once")
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.code}: {self.given}"


class Draw(TenantModel):
    """A draw that took place: the list it was drawn from, and by which rule."""

    public_id = PublicIdField(prefix="drw")
    family = models.CharField(max_length=40)
    rule = models.CharField(max_length=40)
    seed = models.ForeignKey(Seed, on_delete=models.PROTECT, related_name="+")
    entries = models.PositiveIntegerField()
    listed = models.TextField()
    list_hash = models.CharField(max_length=64)
    drawn_by = models.CharField(max_length=200)
    drawn_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draw")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "family"], name="draw_once")
        ]

    def __str__(self) -> str:
        return f"{self.family}: {self.entries}"


class Win(TenantModel):
    """A drawn place: it waits to be claimed. ``turn`` 1 is the substitute of a place nobody claimed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be claimed")
        CLAIMED = "claimed", _("claimed")
        LAPSED = "lapsed", _("not claimed")

    public_id = PublicIdField(prefix="win")
    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="wins")
    play = models.ForeignKey(Play, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveIntegerField()
    turn = models.PositiveSmallIntegerField(default=0)
    prize = models.CharField(max_length=20)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.WAITING)
    claim_until = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("drawn prize")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draw", "place", "turn"], name="win_once"),
            models.UniqueConstraint(fields=["draw", "play"], name="win_one_an_entry"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["programme", "claim_until"],
                name="win_waiting",
                condition=models.Q(state="waiting"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.draw} #{self.place}"
