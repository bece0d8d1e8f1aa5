"""From an appointment to its invoice, and on to its payment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from creditwell.invoicing.lines import LineInput, priced_lines, total_of
from creditwell.invoicing.operations import Content
from creditwell.invoicing.queries import InvoiceBrief, invoices_of_attendees
from creditwell.invoicing.rules import Amounts
from creditwell.kernel.errors import Refusal
from creditwell.ledger.queries import standing_of
from creditwell.money.money import Money
from creditwell.packages.queries import Place, place_of
from creditwell.people.queries import PatientFacts, patient_facts
from creditwell.scheduling.models import Attendee
from creditwell.scheduling.queries import AppointmentBrief, appointment_brief, items_of_types
from creditwell.tenancy.access import Member, access
from creditwell.usecases.write_invoice import VisitAlreadyInvoiced, WriteInvoice, write_invoice
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.invoices.acts import key_of
from creditwell.web.invoices.links import address_of, with_query
from creditwell.web.packages.marks import Mark, mark


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledLine:
    """One line that the visit will bill."""

    description: str
    quantity: str
    amount: Money
    price: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPage:
    """What an invoice for a visit will say, before it is made."""

    attendee_id: int
    patient: PatientFacts
    appointment: AppointmentBrief
    content: Content
    lines: tuple[BilledLine, ...]
    amounts: Amounts
    credit: Money
    tax_included: bool
    mark: Mark | None  # of the package that covers the visit: nothing is billed then


@require_http_methods(["GET", "HEAD", "POST"])
@door("invoices.issue")
def invoice_from_attendee(request: PracticeRequest, pk: int) -> HttpResponse:
    """
    Show what the visit bills, and make the invoice in one click.

    `next=payment` goes on to its payment; else to the invoice. A visit that has an invoice already
    leads to it.
    """
    member, now = request.member, timezone.now()
    access(Attendee, member, pk, "invoices.issue")
    to_payment = request.POST.get("next", request.GET.get("next", "")) == "payment"
    page, refusal = visit_page(member, pk, now), None
    if request.method == "POST" and page.lines:
        command = WriteInvoice(
            practice_id=member.practice_id,
            key=key_of(request),
            by=member.actor,
            content=page.content,
            issue=True,
        )
        try:
            written = write_invoice(command, now)
        except VisitAlreadyInvoiced:
            pass  # somebody else was faster: their invoice is shown
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, _("Invoice issued."))
            return _onward(page, written.invoice_id, to_payment=to_payment)
    there = None if refusal else invoice_of_visit(member, pk, now)
    if there is not None:
        return _onward(page, there.id, to_payment=to_payment and bool(there.owing_minor))
    context = {
        "page": page,
        "refusal": refusal,
        "key": key_of(request) or uuid4().hex,
        "to_payment": to_payment,
    }
    return render(request, "invoices/visit.html", context, status=409 if refusal else 200)


@require_safe
@door("payments.take")
def attendee_payment(request: PracticeRequest, pk: int) -> HttpResponse:
    """
    "Add payment" on a visit: by way of its invoice, as far as it still needs one.

    No invoice yet: the page that makes it, and then on. Something owing: straight to the payment
    of that invoice. A draft: to the draft. Settled: a payment that becomes account credit. Covered
    by a package: to the payment of the package, as far as that still asks for one.
    """
    member, now = request.member, timezone.now()
    visit = access(Attendee, member, pk, "payments.take")
    there = invoice_of_visit(member, pk, now)
    place = None if there else place_of(practice_id=member.practice_id, attendee_id=pk)
    if place is not None:
        return redirect(_to_pay_package(place))
    if there is None and member.may("invoices.issue"):
        return redirect(with_query(address_of("invoice_from_attendee", pk)) + "?next=payment")
    if there is not None and there.state == "draft" and member.may("invoices.edit"):
        return redirect("invoice_edit", there.id)
    invoice_id = there.id if there is not None and there.owing_minor else None
    pay = with_query(address_of("payment_new"), patient=visit.patient_id, invoice=invoice_id)
    return redirect(pay or address_of("invoices"))


def _to_pay_package(place: Place) -> str:
    invoice_id = place.invoice_id if place.owing_minor else None
    pay = with_query(address_of("payment_new"), patient=place.owner_id, invoice=invoice_id)
    return pay or address_of("invoices")


def invoice_of_visit(member: Member, attendee_id: int, now: datetime) -> InvoiceBrief | None:
    """The visit's invoice that is not void, if there is one."""
    found = invoices_of_attendees(
        practice_id=member.practice_id,
        attendee_ids=[attendee_id],
        today=member.practice.day_of(now),
    )
    return found.get(attendee_id)


def visit_page(member: Member, attendee_id: int, now: datetime) -> VisitPage:
    """
    What the visit bills, by its type's items and the patient's concession; nothing where a package
    covers it.

    :raises NotFound: if this practice has no such visit
    """
    practice = member.practice
    visit = access(Attendee, member, attendee_id, "invoices.issue")
    patient = patient_facts(practice_id=practice.id, patient_id=visit.patient_id)
    appointment = appointment_brief(practice_id=practice.id, appointment_id=visit.appointment_id)
    place = place_of(practice_id=practice.id, attendee_id=attendee_id)
    items = items_of_types(practice_id=practice.id, type_ids=[] if place else [appointment.type_id])
    lines = tuple(
        LineInput(
            item_id=item.item_id,
            quantity=item.quantity,
            discount_percent=item.discount_percent,
            service_on=practice.day_of(appointment.starts_at),
        )
        for item in items.get(appointment.type_id, [])
    )
    content = Content(
        patient_id=visit.patient_id,
        lines=lines,
        attendee_id=attendee_id,
        practitioner_id=appointment.practitioner_id,
        location_id=appointment.location_id,
    )
    page = VisitPage(
        attendee_id=attendee_id,
        patient=patient,
        appointment=appointment,
        content=content,
        lines=(),
        amounts=Amounts.zero(practice.currency),
        credit=practice.money(
            standing_of(practice_id=practice.id, holder_id=patient.payer_id).credit_minor
        ),
        tax_included=practice.prices_include_tax,
        mark=mark(member, place) if place else None,
    )
    return _priced(member, page) if lines else page


def _priced(member: Member, page: VisitPage) -> VisitPage:
    practice = member.practice
    rows = priced_lines(
        practice=practice,
        lines=page.content.lines,
        concession_id=page.patient.details.concession_id,
    )
    shown = "total_minor" if practice.prices_include_tax else "net_minor"
    lines = tuple(
        BilledLine(
            description=row["description"],
            quantity=f"{row['quantity'].normalize():f}",
            amount=practice.money(row[shown]),
            price=practice.money(row["unit_price_minor"]),
        )
        for row in rows
    )
    return replace(page, lines=lines, amounts=total_of(practice, rows))


def _onward(page: VisitPage, invoice_id: int, *, to_payment: bool) -> HttpResponse:
    pay = with_query(address_of("payment_new"), patient=page.patient.id, invoice=invoice_id)
    if to_payment and pay:
        return redirect(pay)
    return redirect("invoice", invoice_id)
