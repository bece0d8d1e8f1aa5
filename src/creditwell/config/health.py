"""Two answers for those who watch: is this process alive, and can it do its work?"""

from __future__ import annotations

import structlog
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

log = structlog.get_logger("creditwell.health")

WORKER_SILENT_AFTER_SECONDS = 60
_migrated: set[bool] = set()


def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers. Asks nothing of the database."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, its tables are up to date and a worker gave a sign of life
    within the last minute; else 503 and which of them fails."""
    checks = {"database": False, "migrations": False, "worker": False}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        checks["database"] = True
        checks["migrations"] = _is_migrated()
        checks["worker"] = checks["migrations"] and worker_alive()
    except Error:
        log.warning("not ready", exc_info=True)
        connection.close()
    ready = all(checks.values())
    answer = {"status": "ok" if ready else "not ready", "checks": checks}
    return JsonResponse(answer, status=200 if ready else 503)


def worker_alive() -> bool:
    """Whether some worker has written its heartbeat lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => %s))",
            [WORKER_SILENT_AFTER_SECONDS],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _is_migrated() -> bool:
    """Whether every migration of this version is applied; asked until it is, then remembered."""
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.add(True)
    return True
