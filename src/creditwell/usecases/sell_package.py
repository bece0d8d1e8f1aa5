"""A package is sold: invoiced, paid from account credit if wished, and used for a visit at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from creditwell.audit.note import note
from creditwell.invoicing.lines import LineInput
from creditwell.invoicing.models import Invoice
from creditwell.invoicing.operations import Content
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.kernel.usecase import usecase
from creditwell.packages.booking import Choice, VisitHasSession, session_of, wanted_by
from creditwell.packages.holding import hold_for_patient
from creditwell.packages.models import Product
from creditwell.packages.queries_offers import offers_for
from creditwell.scheduling.models import Attendee
from creditwell.scheduling.operations import lock_attendee
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases import _sessions
from creditwell.usecases.apply_credit import ApplyCredit, apply_within
from creditwell.usecases.write_invoice import InvoiceWritten, WriteInvoice, write_within


class NotOnOffer(Refusal):
    """The product was put away."""

    code = "package_not_on_offer"

    def __init__(self) -> None:
        super().__init__(
            _("This package is not on offer any more. Choose another one, or restore it first."),
            param="product",
        )


class VisitOver(Refusal):
    """Nobody came, or will."""

    code = "visit_over"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This visit was cancelled, or nobody came, so it uses no session. Sell the package "
                "without it."
            ),
            param="attendee",
        )


class NotForThisVisit(Refusal):
    """The package has nothing in it for such a visit."""

    code = "package_not_for_visit"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This package has no session for this visit. Choose another package, or sell it "
                "without the visit."
            ),
            param="product",
        )


class PaidFirst(Refusal):
    """The sessions of the package can be used only when its invoice is paid."""

    code = "package_paid_first"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This package can be used only when its invoice is paid. Pay it from account "
                "credit, or sell it now, take the payment, and then use it for the visit."
            ),
            param="product",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SellPackage:
    """
    `attendee_id`: the visit that uses a session at once. `credit_minor`: what of the price the
    patient's own account credit pays. Dates, discount and "bill to" as of any invoice; practitioner
    and location are the visit's unless they are named.
    """

    practice_id: int
    key: str
    by: Actor
    patient_id: int
    product_id: int
    attendee_id: int | None = None
    credit_minor: int = 0
    discount_percent: Decimal = Decimal(0)
    discount_minor: int = 0
    bill_to_id: int | None = None
    bill_to_patient: bool = False
    practitioner_id: int | None = None
    location_id: int | None = None
    issued_on: date | None = None  # None: today
    due_on: date | None = None  # None: by the practice's terms
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSold:
    """`covered`: a visit has a session of it."""

    invoice_id: int
    number: int | None
    package_id: int
    total_minor: int
    owing_minor: int
    covered: bool = False


VISITED = (Attendee.Status.ARRIVED, Attendee.Status.COMPLETED)


@usecase(PackageSold)
def sell_package(command: SellPackage, now: datetime) -> PackageSold:
    """
    Invoice a package; pay it and use it in the same act, if so wished. All of it, or nothing.

    :raises NotFound: if patient, product, visit or contact are not of this practice, or the visit
        is somebody else's
    :raises NotOnOffer, SoldAsMembership: of a product that was archived, or renews by itself
    :raises VisitOver, VisitBilled, VisitHasSession, NotForThisVisit, PaidFirst: if the visit cannot
        use it
    :raises DoesNotAddUp: if there is less credit, or less to pay
    :raises MergedAway, DiscountTooLarge, BooksClosed, Invalid: as for any invoice
    """
    practice = hold_for_patient(practice_id=command.practice_id, patient_id=command.patient_id)
    product = _product(command)
    visit = _visit(practice, command)
    sold = write_within(_invoice(command, product, visit), now)
    package_id = sold.package_ids[0]
    if command.credit_minor:
        _pay(command, sold, now)
    if visit is not None:
        _cover(command, practice, visit, package_id, now)
    return PackageSold(
        invoice_id=sold.invoice_id,
        number=sold.number,
        package_id=package_id,
        total_minor=sold.total_minor,
        owing_minor=sold.total_minor - command.credit_minor,
        covered=visit is not None,
    )


def _product(command: SellPackage) -> Product:
    product = (
        Product.objects.select_related("item")
        .filter(practice_id=command.practice_id, pk=command.product_id)
        .first()
    )
    if product is None:
        raise NotFound(_("There is no such package in this practice."), param="product")
    if product.item.archived_at is not None:
        raise NotOnOffer
    return product


def _visit(practice: PracticeFacts, command: SellPackage) -> Attendee | None:
    """The visit that is to use it, held; refused if no session can be for it."""
    if command.attendee_id is None:
        return None
    visit = lock_attendee(practice_id=command.practice_id, attendee_id=command.attendee_id)
    if visit.patient_id != command.patient_id:
        raise NotFound(_("There is no such visit of this patient."), param="attendee")
    if visit.status not in (Attendee.Status.BOOKED, *VISITED):
        raise VisitOver
    _sessions.refuse_billed(practice, visit)
    if session_of(practice_id=command.practice_id, attendee_id=visit.pk) is not None:
        raise VisitHasSession
    return visit


def _invoice(command: SellPackage, product: Product, visit: Attendee | None) -> WriteInvoice:
    at = visit.appointment if visit else None
    line = LineInput(
        item_id=product.item_id,
        discount_percent=command.discount_percent,
        discount_minor=command.discount_minor,
    )
    content = Content(
        patient_id=command.patient_id,
        lines=(line,),
        practitioner_id=command.practitioner_id or (at.practitioner_id if at else None),
        location_id=command.location_id or (at.location_id if at else None),
        bill_to_id=command.bill_to_id,
        bill_to_patient=command.bill_to_patient,
        notes=command.notes,
        issued_on=command.issued_on,
        due_on=command.due_on,
    )
    return WriteInvoice(
        practice_id=command.practice_id, key="", by=command.by, content=content, issue=True
    )


def _pay(command: SellPackage, sold: InvoiceWritten, now: datetime) -> None:
    payer_id = Invoice.objects.values_list("payer_id", flat=True).get(
        practice_id=command.practice_id, pk=sold.invoice_id
    )
    apply_within(
        ApplyCredit(
            practice_id=command.practice_id,
            key="",
            by=command.by,
            payer_id=payer_id,
            use=((sold.invoice_id, command.credit_minor),),
            from_invoice_id=sold.invoice_id,
        ),
        now,
    )


def _cover(
    command: SellPackage, practice: PracticeFacts, visit: Attendee, package_id: int, now: datetime
) -> None:
    """Book a session for the visit; if it took place (or takes place now), use it."""
    offers = offers_for(practice, wanted_by(practice, visit))
    if any(offer.package_id == package_id for offer in offers.unpaid):
        raise PaidFirst
    if all(offer.package_id != package_id for offer in offers.usable):
        raise NotForThisVisit
    written = Written(command.by, now)
    _sessions.book(practice, visit, Choice(package_id=package_id), written=written)
    if visit.status in VISITED:
        _sessions.came(practice, visit, by=command.by, now=now)
    note(
        "use_package",
        ("appointment", visit.appointment_id),
        practice_id=command.practice_id,
        by=command.by,
        at=now,
        details={"package_id": package_id, "patient_id": visit.patient_id},
    )
