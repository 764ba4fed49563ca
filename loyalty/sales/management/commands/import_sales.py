"""``import_sales``: a file of sales into a programme; exits 0 when every row is accounted for."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from loyalty.common.errors import DomainError
from loyalty.sales.imports.console import Bar, import_actor, print_report, write_report
from loyalty.sales.imports.mapping import load_preset, mapping_from_data, preset_names
from loyalty.sales.imports.reader import open_source
from loyalty.sales.imports.runs import remembered_mapping
from loyalty.sales.imports.sales_run import import_sales
from loyalty.sales.models import ImportRun
from loyalty.tenancy.scope import in_programme


class Command(BaseCommand):
    """Import sales from CSV, TSV, XLSX, ODS, plain or gzipped."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--programme", required=True, metavar="SLUG")
        parser.add_argument("--merchant", default="", metavar="ID", help="in a coalition")
        parser.add_argument("--preset", choices=preset_names(), help="how to read the file")
        parser.add_argument("--dry-run", action="store_true", help="foresee, write nothing")
        parser.add_argument("--report", type=Path, metavar="FILE.json")
        parser.add_argument(
            "--repeated-lines",
            choices=["duplicate", "second_scan"],
            help="a line that equals another of its receipt in every column",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = import_actor(options["programme"], options["merchant"])
        try:
            mapping = load_preset(options["preset"] or "generic")
            if not options["preset"]:
                header = open_source(options["file"]).header
                with in_programme(actor.programme):
                    known = remembered_mapping(ImportRun.Kind.SALES, header)
                mapping = mapping_from_data(known) if known else mapping
            if options["repeated_lines"]:
                mapping = mapping.with_options(repeated_lines=options["repeated_lines"])
            with Bar(self.stderr) as bar:
                run = import_sales(
                    actor=actor,
                    path=options["file"],
                    mapping=mapping,
                    preset=options["preset"] or "",
                    dry_run=options["dry_run"],
                    progress=bar.show,
                )
        except (DomainError, OSError) as error:
            raise CommandError(str(getattr(error, "message", error))) from error
        if options["report"]:
            write_report(run, options["report"])
        print_report(run, self.stdout)
