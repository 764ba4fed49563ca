"""Rows whose counters others move while we hold them."""

from __future__ import annotations

from django.db.models import Model


def save_beside(row: Model, *counted: str) -> None:
    """Save a row, but not the columns that other people's commands count up and down meanwhile.

    The lock of a command is its member's: a vote for a text is cast under the voter's, while its author
    edits it under their own. A whole ``save()`` would write back the count as it was read.
    """
    if row.pk is None:
        row.save()
        return
    columns = [one.attname for one in row._meta.concrete_fields if not one.primary_key]
    row.save(update_fields=[one for one in columns if one not in counted])
