"""``verify_ledger``: prints what was checked, and exits 1 with each finding where anything is off."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from loyalty.ledger.verification import verify
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme


class Command(BaseCommand):
    """Recompute balances, lots, debts and hash chains of one or all programmes."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--programme", metavar="SLUG", help="only this programme")

    def handle(self, *args: Any, **options: Any) -> None:
        programmes = Programme.objects.order_by("slug")
        if options["programme"]:
            programmes = programmes.filter(slug=options["programme"])
            if not programmes:
                raise CommandError(f"There is no programme “{options['programme']}”.")
        off = 0
        for programme in programmes:
            with in_programme(programme):
                report = verify()
            self.stdout.write(
                f"{programme.slug}: {report.transactions} transactions, {report.entries} entries, "
                f"{report.lots} lots, {report.accounts} accounts, {report.chains} chains checked"
            )
            for finding in report.findings:
                self.stdout.write(self.style.ERROR(f"  {finding}"))
            off += len(report.findings)
        if off:
            raise CommandError(f"{off} findings.", returncode=1)
        self.stdout.write(self.style.SUCCESS("Nothing is off."))
