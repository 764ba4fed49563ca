"""Periodic work: what a tasks.py schedules exists, runs by itself, and does not lean on a message arriving."""

from __future__ import annotations

import pytest

from loyalty.celery import app
from loyalty.web.discovery import modules_named
from tests.contracts.tree import product_sources

ENTRIES = [
    (module.__name__, name, entry)
    for module in modules_named("tasks")
    for name, entry in getattr(module, "schedule", {}).items()
]


@pytest.mark.parametrize(("module", "name", "entry"), ENTRIES, ids=[name for _, name, _ in ENTRIES])
def test_what_is_scheduled_is_a_task(module: str, name: str, entry: dict) -> None:
    app.loader.import_default_modules()
    assert entry["task"] in app.tasks, f"{module}: {name} names no task"
    assert entry["schedule"]


def test_names_of_schedules_are_unique() -> None:
    names = [name for _module, name, _entry in ENTRIES]
    assert len(names) == len(set(names))


def test_no_timer_lives_in_the_broker() -> None:
    """A countdown or eta is lost with the broker: due work is a row with a due time."""
    assert not [
        f"{source.name}:{line}"
        for source in product_sources()
        for line, called in source.calls
        if called == ".apply_async" and ("countdown=" in source.text or "eta=" in source.text)
    ]
