"""Somebody of the staff ticks a task off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditwell.audit.note import note
from creditwell.kernel.usecase import usecase
from creditwell.tasks.operations import finish_task as tick_off
from creditwell.tenancy.access import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishTask:
    practice_id: int
    key: str
    by: Actor
    task_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFinished:
    task_id: int


@usecase(TaskFinished)
def finish_task(command: FinishTask, now: datetime) -> TaskFinished:
    """
    Tick it off; one that is done stays done by whoever did it. Nothing else changes: a refund
    that waits for approval waits on.

    :raises NotFound: if this practice has no such task
    """
    ticked = tick_off(
        practice_id=command.practice_id, task_id=command.task_id, by=command.by, at=now
    )
    if ticked:
        note(
            "finish_task",
            ("task", command.task_id),
            practice_id=command.practice_id,
            by=command.by,
            at=now,
        )
    return TaskFinished(task_id=command.task_id)
