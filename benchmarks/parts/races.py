"""Twenty redemptions at once against a balance for one: exactly one goes through."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection, connections

from benchmarks.figures import Figure, report
from benchmarks.shop import QUICK, call, give, open_shop
from loyalty.commands.actor import job_actor
from loyalty.common.errors import Refused
from loyalty.ledger.verification import verify
from loyalty.tenancy.models import Merchant, Programme
from loyalty.tenancy.scope import in_programme
from rewards.catalog.services import redeem_reward

AT_ONCE = 20
ROUNDS = 1 if QUICK else 5


def main() -> None:
    """Print the figure."""
    shop = open_shop("bench", members=ROUNDS)
    programme = Programme.objects.get(slug=shop.slug)
    with in_programme(programme):
        merchant = Merchant.objects.get()
    actor = job_actor(programme, "till", merchant_id=merchant.pk)
    winners = []
    for member in shop.members:
        give(shop.slug, member, times=1, amount=150)
        start = Barrier(AT_ONCE)

        def redeem(_number: int, member: str = member, start: Barrier = start) -> bool:
            try:
                start.wait()
                redeem_reward(call(actor), member=member, reward=shop.reward)
            except Refused:
                return False
            else:
                return True
            finally:
                connections.close_all()

        with ThreadPoolExecutor(AT_ONCE) as pool:
            winners.append(sum(pool.map(redeem, range(AT_ONCE))))
    with in_programme(programme):
        findings = len(verify().findings)
    wrong = sum(number != 1 for number in winners)
    report(
        Figure(
            name=f"{AT_ONCE} redemptions at once on {connection.display_name}: rounds not won by one",
            value=wrong + findings,
            at_most=0,
            note=f"winners per round: {winners}",
        )
    )
