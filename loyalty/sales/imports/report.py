"""The report of a run as plain data: counts that add up to the rows read, rows per outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loyalty.sales.imports.outcomes import REASONS, Outcome, unpack_rows
from loyalty.sales.models import ImportRun


def report_data(run: ImportRun) -> dict[str, Any]:
    """JSON for scripts. ``rows`` lists the row numbers of every outcome as a spreadsheet shows
    them (the header is row 1); ``reasons`` splits the same counts further.
    """
    counts = outcome_counts(run.counts)
    rows: dict[str, list[int]] = {str(outcome): [] for outcome in Outcome}
    by_reason: dict[str, dict[str, list[int]]] = {}
    for reason, packed in run.rows.items():
        outcome = str(REASONS[reason][0])
        numbers = unpack_rows(packed)
        rows[outcome] += numbers
        by_reason.setdefault(outcome, {})[reason] = numbers
    reasons: dict[str, dict[str, int]] = {}
    for reason, count in run.counts.items():
        reasons.setdefault(str(REASONS[reason][0]), {})[reason] = count
    return {
        "import": run.public_id,
        "kind": run.kind,
        "file": run.file_name,
        "sha256": run.digest,
        "preset": run.preset,
        "dry_run": run.is_dry_run,
        "state": run.state,
        "rows_read": run.rows_read,
        "counts": counts,
        "accounted": sum(counts.values()),
        "reasons": reasons,
        "rows": {outcome: sorted(numbers) for outcome, numbers in rows.items()},
        "rows_by_reason": {
            outcome: parts
            for outcome, parts in by_reason.items()
            if outcome in (Outcome.REFUSED, Outcome.UNMATCHED, Outcome.CANCELLED_MATCHED)
        },
        "details": run.details,
        "totals": run.totals,
    }


def outcome_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """All outcomes with their counts, zeros included."""
    found = {str(outcome): 0 for outcome in Outcome}
    for reason, count in counts.items():
        found[str(REASONS[reason][0])] += count
    return found
