"""How the suite runs: compiled translations, bounded property tests, a real Chromium."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from scripts import translations

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}

_common: dict[str, Any] = {
    "deadline": None,  # no verdict from a clock
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}
settings.register_profile(
    "ci", max_examples=30, stateful_step_count=20, derandomize=True, **_common
)
settings.register_profile("dev", max_examples=15, stateful_step_count=15, **_common)
settings.register_profile("thorough", max_examples=500, stateful_step_count=50, **_common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure() -> None:
    """Tests read the translations as people do, compiled."""
    translations.compile_stale()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium on this machine; CI must have one, elsewhere the test is skipped."""
    found = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, CHROMIUM_NAMES)), None
    )
    if found and Path(found).exists():
        return found
    reason = "no Chromium on this machine (apt install chromium, or set CHROMIUM=/path/to/it)"
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium: str) -> dict[str, Any]:
    """Pytest-playwright starts this browser; as root Chromium needs its sandbox off."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": chromium, "args": [*arguments, "--disable-dev-shm-usage"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A person in Vietnam before a laptop; tests that mean a phone say so."""
    return browser_context_args | {"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh"}
