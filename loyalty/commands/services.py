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


def forget_noted(subjects: Iterable[str], *fields: str, command: str) -> None:
    """Empty texts that the commands of one name noted in the audit trail, such as a reason.

    Args:
        subjects: what the commands were about, by public id.
        fields: names of texts among what was noted. Within the transaction of the erasure.
        command: the name of the command, such as ``members.hold_member``.
    """
    rows = Command.objects.filter(subject__in=list(subjects), name=command)
    for row in rows.only("changes").iterator():
        told = [one for one in fields if row.changes.get(one)]
        if told:
            emptied = {**row.changes, **dict.fromkeys(told, "")}
            Command.objects.filter(pk=row.pk).update(changes=emptied)
