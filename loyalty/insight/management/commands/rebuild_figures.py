"""``manage.py rebuild_figures``: sum the daily figures of all programmes, or one, anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from loyalty.insight import services
from loyalty.tenancy.models import Programme


class Command(BaseCommand):
    help = "Rebuild the daily sums that charts read, from the ledger and the sales."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--programme", metavar="SLUG", help="only this programme")

    def handle(self, *args: Any, **options: Any) -> None:
        programmes = Programme.objects.order_by("pk")
        if options["programme"]:
            programmes = programmes.filter(slug=options["programme"])
            if not programmes:
                raise CommandError(f"There is no programme “{options['programme']}”.")
        for programme in programmes:
            rows = services.rebuild(programme)
            self.stdout.write(f"{programme.slug}: {rows} rows")
