"""What the staff still has to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Done, QueryId
from creditwell.tasks.models import Task
from creditwell.usecases.finish_task import FinishTask, finish_task

tasks = Routes("Tasks")


class TaskFilters(Page):
    """Which tasks."""

    done: bool = Field(False, description="Those that are done, instead of those that are open.")


class TaskOut(TypedDict):
    """
    A task: `kind` is `dishonour` or `refund_request`, about the record that `subject_type` and
    `subject_id` name. `body` holds ids and amounts.
    """

    id: int
    kind: str
    subject_type: str
    subject_id: int
    body: dict[str, Any]
    created_at: datetime
    done_at: datetime | None
    done_by_id: int | None


COLUMNS = tuple(TaskOut.__annotations__)


@tasks.get("/tasks", needs="tasks.view")
def list_tasks(call: Call, filters: Query[TaskFilters]) -> Listed[TaskOut]:
    """List what is to do, or what was done."""
    rows = Task.objects.filter(practice_id=call.practice_id, done_at__isnull=not filters.done)
    return page_of(
        rows.values(*COLUMNS), filters, lambda found: [cast(TaskOut, dict(row)) for row in found]
    )


@tasks.post("/tasks/{task_id}/done", needs="tasks.finish", status=200)
def tick_off_task(call: Call, task_id: QueryId) -> Done:
    """Tick a task off. A refund that waits for approval waits on."""
    command = FinishTask(practice_id=call.practice_id, key=call.key, by=call.by, task_id=task_id)
    return {"id": finish_task(command, call.now).task_id}
