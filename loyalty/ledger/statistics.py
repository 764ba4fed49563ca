"""After much was written at once, PostgreSQL must learn how large its tables are by now.

Until then it plans as if they were nearly empty and reads them whole, so that an import would grow
slower with every receipt. Autovacuum does this too, but minutes later.
"""

from __future__ import annotations

from django.db import connection


def learn_sizes() -> None:
    """Refresh the planner's statistics; does nothing on SQLite, whose plans need none."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
