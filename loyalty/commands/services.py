"""What is taken out of the audit trail again: words of a person who is forgotten."""

from __future__ import annotations

from collections.abc import Iterable

from loyalty.commands.models import Command


def forget_answers(subjects: Iterable[str], *fields: str) -> None:
    """Empty texts in the kept answers of commands, so that only what was done stays, and when.

    Args:
        subjects: what the commands were about, by public id.
        fields: names of texts in their answers, such as an address. Within the transaction of the erasure.
    """
    rows = Command.objects.filter(subject__in=list(subjects), result__isnull=False)
    for row in rows.only("result").iterator():
        answer = row.result
        told = [one for one in fields if isinstance(answer, dict) and answer.get(one)]
        if told:
            emptied = {**answer, **dict.fromkeys(told, "")}
            Command.objects.filter(pk=row.pk).update(result=emptied)
