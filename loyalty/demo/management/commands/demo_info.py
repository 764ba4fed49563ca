"""``demo_info``: addresses, log-ins and API keys of the demo, for people or (``--json``) scripts."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from loyalty.demo import accounts


class Command(BaseCommand):
    """Print what ``make demo`` made."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        info = accounts.read()
        if info is None:
            raise CommandError("There is no demo yet. Run: make demo")
        info.base_url = os.environ.get("DEMO_URL") or info.base_url
        if options["json"]:
            self.stdout.write(json.dumps(asdict(info), ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"\n  Address   {info.base_url}/")
        for login in info.logins:
            way = f"code to the mailbox {info.base_url}{info.mailbox}" if login.by_code else ""
            self.stdout.write(
                f"  {login.face:9} {info.base_url}{login.address:32} {login.email:32} "
                f"{way or login.password}"
            )
        for slug, key in info.api_keys.items():
            self.stdout.write(f"  API key   {info.base_url}/api/v1/docs/  {slug}: {key}")
        self.stdout.write(f"  Mailbox   {info.base_url}{info.mailbox}\n")
