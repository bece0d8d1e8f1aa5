"""The attendance receipt of a visit that a package covered: to look at, as paper, and by mail."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from creditwell.integrations.documents import build_attendance
from creditwell.integrations.documents.figures import Figures
from creditwell.integrations.documents.words_attendance import notes, paid_lines
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.packages.queries_attendance import attendance
from creditwell.usecases.email_attendance import EmailAttendance, email_attendance
from creditwell.web.components.locale import current
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.papers import pdf_answer
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.invoices.acts import EmailForm
from creditwell.web.packages.marks import mark


@require_safe
@door("packages.view")
def attendance_receipt(request: PracticeRequest, pk: int) -> HttpResponse:
    """What the receipt says. :raises NotAttended: if the visit used no session"""
    member = request.member
    facts = attendance(request.practice, pk)
    document = build_attendance.attendance_document(facts)
    figures = Figures(current())
    context = {
        "document": document,
        "mark": mark(member, facts.place),
        "paid_lines": paid_lines(document, figures),
        "notes": notes(document, figures),
        "pk": pk,
        "appointment_url": page_link("appointment", facts.appointment_id),
        "patient_url": page_link("patient", facts.place.patient_id),
        "invoice_url": page_link("invoice", facts.place.invoice_id)
        if member.may("invoices.view")
        else "",
        "may_send": member.may("packages.use"),
    }
    return render(request, "packages/attendance.html", context)


@require_safe
@door("packages.view")
def attendance_receipt_pdf(request: PracticeRequest, pk: int) -> HttpResponse:
    """The receipt as PDF. :raises NotAttended: if the visit used no session"""
    return pdf_answer(*build_attendance.attendance_pdf(request.practice.id, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@door("packages.use")
def attendance_receipt_email(request: PracticeRequest, pk: int) -> HttpResponse:
    """Ask where to, and have the receipt sent with its PDF."""
    facts = attendance(request.practice, pk)
    form = EmailForm(request.POST or None, initial={"to": facts.patient_email})
    if request.method == "POST" and form.is_valid():
        command = EmailAttendance(
            practice_id=request.practice.id,
            key=request.POST.get("key", "")[:80],
            by=request.member.actor,
            attendee_id=pk,
            to=form.cleaned_data["to"],
        )
        try:
            asked = email_attendance(command, timezone.now())
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("On its way to %(to)s.") % {"to": asked.to})
            return redirect("attendance_receipt", pk)
    context = {"form": form, "facts": facts, "key": uuid4().hex, "pk": pk}
    status = 422 if form.is_bound else 200
    return render(request, "packages/attendance_email.html", context, status=status)
