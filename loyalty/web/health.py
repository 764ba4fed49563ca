"""Is it alive, and may it be sent work? For load balancers, containers and the person on call.

``/healthz`` says only that the process answers. ``/readyz`` looks at what it depends on: the
database answers, its migrations are applied, and the relay keeps up with the outbox. Neither says
anything a stranger could use.
"""

from __future__ import annotations

from datetime import timedelta

import orjson
import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from loyalty.common.clock import now
from loyalty.outbox.relay import lag

log = structlog.get_logger(__name__)

# A relay this far behind is down, not busy.
LONGEST_LAG = timedelta(minutes=15)


@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """200 with every check good, 503 with what is not."""
    checks = {"database": "ok", "migrations": "ok", "relay": "ok"}
    seconds: int | None = None
    try:
        if not _is_migrated():
            checks["migrations"] = "missing"
        behind = lag(at=now())
        seconds = int(behind.total_seconds())
        if behind > LONGEST_LAG:
            checks["relay"] = "behind"
    except DatabaseError:
        log.exception("database_not_ready")
        checks = {"database": "down", "migrations": "unknown", "relay": "unknown"}
    is_ready = set(checks.values()) == {"ok"}
    body = {"ready": is_ready, "checks": checks, "relay_lag_seconds": seconds}
    return HttpResponse(
        orjson.dumps(body), status=200 if is_ready else 503, content_type="application/json"
    )


def _is_migrated() -> bool:
    """Migrations are only ever added, so a yes is remembered for the life of the process."""
    if not _MIGRATED:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _MIGRATED.append(True)
    return True


_MIGRATED: list[bool] = []
