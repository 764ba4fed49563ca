"""Reads about statements: the months closed, their lines, and what stands on none yet."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Partner, Redemption, Statement
from loyalty.common.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Line:
    """A redemption on a statement; ``sign`` -1: taken back after its own month was closed."""

    redemption: Redemption
    sign: int

    @property
    def we_pay_minor(self) -> int:
        """What it adds to what we owe."""
        return self.sign * self.redemption.we_pay_minor

    @property
    def they_pay_minor(self) -> int:
        """What it adds to what they owe."""
        return self.sign * self.redemption.they_pay_minor


@dataclass(frozen=True, kw_only=True)
class Open:
    """What stands on no statement yet, in minor units."""

    redeemed: int
    we_owe_minor: int
    they_owe_minor: int


def statements(partner: Partner | None = None) -> QuerySet[Statement]:
    """Closed months, newest first."""
    rows: QuerySet[Statement] = Statement.objects.select_related("partner")
    if partner is not None:
        rows = rows.filter(partner=partner)
    return rows.order_by("-month", "-id")


def access_statement(statement: str) -> Statement:
    """A statement by public id. Raises ``NotFound``."""
    found = statements().filter(public_id=statement).first()
    if found is None:
        text = _("There is no such statement.")
        raise NotFound("statement_not_found", text, field="statement")
    return found


def lines_of(statement: Statement) -> list[Line]:
    """Every line of a statement, oldest first."""
    rows = Redemption.objects.select_related("offer", "claim")
    rows = rows.filter(Q(statement=statement) | Q(void_statement=statement)).order_by("id")
    return [
        Line(redemption=row, sign=1 if row.statement_id == statement.pk else -1) for row in rows
    ]


def open_of(partner: Partner) -> Open:
    """What was redeemed and is on no statement yet."""
    rows = Redemption.objects.filter(partner=partner, statement=None, voided_at=None)
    found = rows.aggregate(n=Count("pk"), ours=Sum("we_pay_minor"), theirs=Sum("they_pay_minor"))
    return Open(
        redeemed=found["n"],
        we_owe_minor=found["ours"] or 0,
        they_owe_minor=found["theirs"] or 0,
    )
