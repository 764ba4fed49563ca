#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import DatabaseError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty.settings")
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError:
        from loyalty.tenancy.databases import explain_empty_database

        told = explain_empty_database()
        if not told:
            raise
        sys.exit(told)
