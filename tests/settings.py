"""The product's settings for tests: the same code paths, cheap passwords, databases of this checkout's own."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

_root = Path(__file__).resolve().parent.parent
os.environ |= {
    "ENV_FILE": os.devnull,
    "GUARDED_VALUES": "1",
    "DJANGO_DEBUG": "false",
    "DJANGO_SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
    "BASE_URL": "http://localhost:8000",
    "CELERY_BROKER_URL": "memory://",
    "CACHE_URL": "locmemcache://tests",
    "EMAIL_URL": "memorymail://",
    "LANGUAGE_CODE": "en",
    "LOG_LEVEL": "CRITICAL",
    "STATIC_ROOT": str(_root / "var" / "test-static"),
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright's loop runs in the test's own thread
}

from loyalty.settings import *
from loyalty.settings import DATABASES, VAR_DIR

# Two checkouts on one machine, or two people on one server, must not share a test database.
_suffix = os.environ.get("THAN_TEST_DB") or (
    re.sub(r"\W+", "_", _root.name) + "_" + hashlib.sha256(str(_root).encode()).hexdigest()[:6]
)
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # A file, as in production: an in-memory database would hide every locking fault.
    _database["TEST"] = {"NAME": str(VAR_DIR / f"test_{_suffix}.sqlite3")}
    _database["OPTIONS"]["init_command"] = _database["OPTIONS"]["init_command"].replace(
        "synchronous=FULL", "synchronous=OFF"
    )
else:
    _database["TEST"] = {"NAME": f"test_than_{_suffix}"}
    _database["CONN_MAX_AGE"] = 0
    _database["OPTIONS"]["options"] = "-c synchronous_commit=off"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
