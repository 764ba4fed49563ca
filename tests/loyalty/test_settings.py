"""The settings are safe with nothing set, and refuse to serve the public unsafely. Each case is a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.tree import ROOT

KEY = "k3y-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2
PUBLIC = {"ALLOWED_HOSTS": "shop.example", "DJANGO_SECRET_KEY": KEY}
SHOW = """
import json
from loyalty import settings as s
print(json.dumps({k: v for k, v in vars(s).items() if k.isupper()}, default=str))
"""


def _start(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    given = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "VAR_DIR": str(folder)} | env
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )


def _settings(folder: Path, **env: str) -> dict[str, Any]:
    result = _start(folder, **env)
    assert result.returncode == 0, result.stderr
    settings: dict[str, Any] = json.loads(result.stdout)
    return settings


def test_with_nothing_set_it_serves_this_machine_alone(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    assert settings["DEBUG"] is False
    assert set(settings["ALLOWED_HOSTS"]) == {"localhost", "127.0.0.1", "[::1]"}
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "than.sqlite3")
    assert settings["CELERY_BROKER_URL"] == "filesystem://"
    assert settings["AUTH_USER_MODEL"] == "loyalty_tenancy.User"


def test_the_key_made_for_this_machine_stays_and_is_private(tmp_path: Path) -> None:
    first = _settings(tmp_path)["SECRET_KEY"]
    assert len(first) >= 50
    assert _settings(tmp_path)["SECRET_KEY"] == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"ALLOWED_HOSTS": "shop.example"}, "DJANGO_SECRET_KEY"),
        (PUBLIC | {"DJANGO_SECRET_KEY": "short"}, "DJANGO_SECRET_KEY"),
        (PUBLIC | {"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        (PUBLIC | {"BASE_URL": "http://shop.example"}, "https://"),
        ({"DATABASE_URL": "mysql://u@h/d"}, "sqlite:// or postgres://"),
    ],
)
def test_it_refuses_what_is_unsafe_and_names_the_variable(
    tmp_path: Path, env: dict[str, str], said: str
) -> None:
    result = _start(tmp_path, **env)
    assert result.returncode != 0
    assert said in result.stderr.splitlines()[-1] + result.stderr


def test_a_public_host_gets_https_and_secure_cookies(tmp_path: Path) -> None:
    settings = _settings(tmp_path, **PUBLIC)
    assert settings["BASE_URL"] == "https://shop.example"
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert "Manifest" in settings["STORAGES"]["staticfiles"]["BACKEND"]


def test_debugging_is_for_this_machine_alone(tmp_path: Path) -> None:
    refused = _start(tmp_path, **PUBLIC, DJANGO_DEBUG="true", BEHIND_PROXY="true", DEMO="true")
    assert refused.returncode != 0
    assert "DJANGO_DEBUG" in refused.stderr
    assert _settings(tmp_path, DJANGO_DEBUG="true")["DEBUG"] is True


def test_no_inline_script_is_ever_allowed(tmp_path: Path) -> None:
    for env in ({}, PUBLIC, {"DJANGO_DEBUG": "true"}):
        policy = _settings(tmp_path, **env)["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
        assert not [
            source for sources in policy.values() for source in sources if "unsafe-inline" in source
        ]


def test_postgres_by_one_variable(tmp_path: Path) -> None:
    url = "postgres://ana:secret@%2Fvar%2Frun%2Fpostgresql/shop"
    database = _settings(tmp_path, DATABASE_URL=url)["DATABASES"]["default"]
    assert database["HOST"] == "/var/run/postgresql"
    assert database["CONN_HEALTH_CHECKS"] is True
    pooled = _settings(tmp_path, DATABASE_URL=url, DATABASE_POOL="true")["DATABASES"]["default"]
    assert pooled["OPTIONS"]["pool"] is True


def test_a_proxy_is_believed_only_when_we_are_told_there_is_one(tmp_path: Path) -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in _settings(tmp_path)
    assert "SECURE_PROXY_SSL_HEADER" in _settings(tmp_path, BEHIND_PROXY="true")


def _run(folder: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    given = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "VAR_DIR": str(folder)} | env
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=given, capture_output=True, text=True, check=False
    )


def test_a_public_start_without_collected_files_says_what_to_run(tmp_path: Path) -> None:
    started = _run(tmp_path, "-c", "import loyalty.wsgi", **PUBLIC, STATIC_ROOT=str(tmp_path))
    assert started.returncode != 0
    assert "manage.py collectstatic" in started.stderr.splitlines()[-1]
    assert _run(tmp_path, "-c", "import loyalty.wsgi").returncode == 0


def test_a_command_on_an_empty_database_names_it_and_the_demos(tmp_path: Path) -> None:
    (tmp_path / "demo.sqlite3").touch()
    asked = _run(tmp_path, "manage.py", "verify_ledger")
    assert asked.returncode == 1
    assert "Traceback" not in asked.stderr
    assert str(tmp_path / "than.sqlite3") in asked.stderr
    assert f"DATABASE_URL=sqlite:///{tmp_path / 'demo.sqlite3'}" in asked.stderr
