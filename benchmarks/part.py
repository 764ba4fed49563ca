"""``python -m benchmarks.part NAME``: one part, on the empty database DATABASE_URL names."""

from __future__ import annotations

import importlib
import sys

import django
from django.core.management import call_command


def main() -> None:
    """Django first: a part imports models as any module does."""
    django.setup()
    call_command("migrate", verbosity=0)
    importlib.import_module(f"benchmarks.parts.{sys.argv[1]}").main()


if __name__ == "__main__":
    main()
