"""``import_members``: a member list of an older scheme, with points, stamps and join dates."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from loyalty.common.errors import DomainError
from loyalty.sales.imports.console import Bar, import_actor, print_report, write_report
from loyalty.sales.imports.members_run import import_members


class Command(BaseCommand):
    """Import members from CSV, TSV, XLSX, ODS, plain or gzipped."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--programme", required=True, metavar="SLUG")
        parser.add_argument("--merchant", default="", metavar="ID", help="in a coalition")
        parser.add_argument("--dry-run", action="store_true", help="foresee, write nothing")
        parser.add_argument("--report", type=Path, metavar="FILE.json")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = import_actor(options["programme"], options["merchant"])
        try:
            with Bar(self.stderr) as bar:
                run = import_members(
                    actor=actor,
                    path=options["file"],
                    dry_run=options["dry_run"],
                    progress=bar.show,
                )
        except (DomainError, OSError) as error:
            raise CommandError(str(getattr(error, "message", error))) from error
        if options["report"]:
            write_report(run, options["report"])
        print_report(run, self.stdout)
