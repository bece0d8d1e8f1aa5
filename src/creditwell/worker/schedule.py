"""What happens by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from procrastinate import JobContext, builtin_tasks
from procrastinate.contrib.django import app

from creditwell.outbox.deliver import undelivered
from creditwell.outbox.jobs import ask_for
from creditwell.worker.tasks import deliver

REQUESTS_KEPT = timedelta(days=30)
JOBS_KEPT_HOURS = 72
SWEPT_AFTER, SWEPT_UNTIL = timedelta(minutes=15), timedelta(days=3)


@app.periodic(cron="* * * * *")
@app.task(
    name="creditwell.revive", queue="clock", queueing_lock="creditwell.revive", pass_context=True
)
async def revive(context: JobContext, timestamp: int) -> None:
    """Give the jobs of a worker that died to the next one (it is silent for half a minute)."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


@app.periodic(cron="*/10 * * * *")
@app.task(name="creditwell.sweep", queue="clock", queueing_lock="creditwell.sweep")
def sweep(timestamp: int) -> None:
    """Tell events again that nobody could be told of, for three days."""
    sweep_events(timezone.now())


@app.periodic(cron="17 3 * * *")
@app.task(name="creditwell.tidy", queue="clock", queueing_lock="creditwell.tidy", pass_context=True)
async def tidy_jobs(context: JobContext, timestamp: int) -> None:
    """Forget jobs that are done; those that failed are kept ten times as long."""
    await builtin_tasks.remove_old_jobs(context, max_hours=JOBS_KEPT_HOURS)
    await builtin_tasks.remove_old_jobs(context, max_hours=JOBS_KEPT_HOURS * 10, remove_failed=True)


@app.periodic(cron="47 3 * * *")
@app.task(name="creditwell.forget", queue="clock", queueing_lock="creditwell.forget")
def forget(timestamp: int) -> None:
    """Forget answered requests after a month: nobody sends one again that late."""
    forget_requests(timezone.now())


def sweep_events(now: datetime) -> int:
    """Ask anew for the delivery of events without a living job; answers how many."""
    waiting = undelivered(since=now - SWEPT_UNTIL, until=now - SWEPT_AFTER)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args->>'event_id')::bigint FROM procrastinate_jobs"
            " WHERE task_name = %s AND status IN ('todo', 'doing')",
            [deliver.name],
        )
        living = {row[0] for row in cursor.fetchall()}
    lost = [pair for pair in waiting if pair[1] not in living]
    for practice_id, event_id in lost:
        with transaction.atomic():
            ask_for(
                deliver.name,
                queue="outbox",
                lock=f"practice:{practice_id}",
                practice_id=practice_id,
                event_id=event_id,
            )
    return len(lost)


def forget_requests(now: datetime, batch: int = 5000) -> int:
    """Delete requests older than `REQUESTS_KEPT`, a batch at a time; answers how many."""
    gone = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM kernel_request WHERE id IN ("
                "SELECT id FROM kernel_request WHERE created_at < %s LIMIT %s)",
                [now - REQUESTS_KEPT, batch],
            )
            deleted = int(cursor.rowcount)
        gone += deleted
        if deleted < batch:
            return gone
