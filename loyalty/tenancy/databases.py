"""Which database a command works on, told where it turns out to hold nothing."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection

from loyalty.tenancy.models import Programme


def explain_empty_database() -> str:
    """A sentence for the terminal where our tables are missing; empty where that is not the fault."""
    try:
        # What failed may have left a transaction behind that answers nothing any more.
        connection.close()
        tables = connection.introspection.table_names()
    except DatabaseError:
        return ""
    if Programme._meta.db_table in tables:
        return ""
    name = connection.settings_dict["NAME"]
    told = (
        f"The {connection.vendor} database {name} has no tables of Thân yet. "
        "Create them with: manage.py migrate. To work on another database, name it in DATABASE_URL."
    )
    demo = settings.VAR_DIR / "demo.sqlite3"
    if demo.exists() and str(demo) != str(name):
        told += f" The demo's: DATABASE_URL=sqlite:///{demo}"
    return told
