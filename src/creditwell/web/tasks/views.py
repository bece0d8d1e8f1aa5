"""The list of what is to do, and ticking it off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from creditwell.invoicing.queries import invoice_numbers
from creditwell.people.queries import payer_names
from creditwell.tasks.models import Task
from creditwell.tasks.queries import TaskLine, open_task_count, tasks_of
from creditwell.tenancy.access import access
from creditwell.usecases.finish_task import FinishTask, finish_task
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.payments.typed import new_key

WORDS: dict[str, str | Promise] = {
    "dishonour": gettext_lazy("The bank took a payment back"),
    "refund_request": gettext_lazy("A refund waits for approval"),
    "membership_owing": gettext_lazy("A membership renewed and is not paid"),
    "membership_stopped": gettext_lazy("A membership cannot renew"),
}
PAGES = {"payment": "payment", "refund_request": "refund_request", "membership": "membership"}


@dataclass(frozen=True, slots=True)
class InvoiceLink:
    """An invoice that is owing again."""

    number: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A task in words; `decide_url` where it is approved or declined."""

    task: TaskLine
    word: str | Promise
    who: str
    amount: object
    url: str
    invoices: tuple[InvoiceLink, ...]
    approve_url: str
    key: str


@require_GET
@door("tasks.view")
def tasks(request: PracticeRequest) -> HttpResponse:
    """Open tasks, oldest first; or those that are done. Four queries."""
    practice_id = request.practice.id
    done = request.GET.get("show") == "done"
    found = tasks_of(practice_id=practice_id, done=done)
    count = len(found) if not done else open_task_count(practice_id=practice_id)
    context = {"rows": _rows(request, found), "done": done, "open": not done, "count": count}
    return render(request, "tasks/list.html", context)


@require_POST
@door("tasks.finish")
def task_done(request: PracticeRequest, pk: int) -> HttpResponse:
    """Tick a task off."""
    access(Task, request.member, pk, "tasks.finish")
    finish_task(
        FinishTask(
            practice_id=request.practice.id,
            key=request.POST.get("key", "")[:80],
            by=request.member.actor,
            task_id=pk,
        ),
        timezone.now(),
    )
    messages.success(request, _("Done."))
    return redirect("tasks")


def _rows(request: PracticeRequest, found: Sequence[TaskLine]) -> list[Row]:
    practice = request.practice
    invoice_ids = {pk for task in found for pk in _invoices(task)}
    numbers = invoice_numbers(practice_id=practice.id, invoice_ids=invoice_ids)
    payers = {int(task.body.get("payer_id", 0)) for task in found}
    names = payer_names(practice_id=practice.id, payer_ids=payers)
    may = request.member.may("refunds.approve")
    rows = []
    for task in found:
        minor = task.body.get("amount_minor") or task.body.get("total_minor")
        page = PAGES.get(task.subject_type, "")
        rows.append(
            Row(
                task=task,
                word=WORDS.get(task.kind, task.kind.replace("_", " ").capitalize()),
                who=names.get(int(task.body.get("payer_id", 0)), ""),
                amount=None if minor is None else practice.money(int(minor)),
                url=page_link(page, task.subject_id) if page else "",
                invoices=tuple(
                    InvoiceLink(practice.invoice_number(numbers[pk]), page_link("invoice", pk))
                    for pk in _invoices(task)
                    if pk in numbers
                ),
                approve_url=page_link("refund_request", task.subject_id)
                if may and task.kind == "refund_request"
                else "",
                key=new_key(),
            )
        )
    return rows


def _invoices(task: TaskLine) -> list[int]:
    return [int(pk) for pk in str(task.body.get("invoice_ids", "")).split(",") if pk]
