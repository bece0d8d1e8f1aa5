"""Documents of a small clinic, valid by default; a test changes what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from creditwell.integrations.documents.shapes import (
    Ageing,
    Allocation,
    Applied,
    AppliedRow,
    CreditLot,
    CreditNoteDocument,
    Entry,
    InvoiceDocument,
    Line,
    Paper,
    Party,
    Practice,
    Practitioner,
    ReceiptDocument,
    Sheet,
    Source,
    StatementDocument,
    StatementRow,
    TaxRow,
    Title,
)
from creditwell.integrations.documents.shapes_attendance import AttendanceDocument, Attended
from creditwell.integrations.documents.shapes_voucher import VoucherDocument
from creditwell.money.money import Money

SHEET = Sheet(locale="en_AU", currency="AUD")
PRACTICE = Practice(
    name="Harbour Lane Physiotherapy",
    address=("14 Harbour Lane", "Balmain NSW 2041"),
    phone="(02) 5550 0142",
    email="desk@harbourlane.example",
    tax_label="ABN",
    tax_number="51 824 753 556",
)
ILONA = Party(name="Ilona Szymańska", lines=("ilona.s@mail.example", "Date of birth 4 Mar 1987"))
INSURER = Party(
    name="Southern Cross Accident Fund",
    lines=("Claims, PO Box 118", "Parramatta NSW 2124", "Claim 77-2041-B"),
)
AMARA = Practitioner(name="Amara Okafor", provider_number="4412097J")
FOOTER = "Thank you for looking after yourself with us."


def aud(text: str) -> Money:
    return Money.parse(text, "AUD")


LINES = (
    Line(
        description="Extended consultation, 60 min",
        code="PH300",
        served_on=date(2026, 11, 24),
        unit_price=aud("152.00"),
        amount=aud("136.80"),
        discount=aud("15.20"),
    ),
    Line(
        description="Resistance band, medium",
        code="BAND-M",
        served_on=date(2026, 11, 24),
        quantity="2",
        unit_price=aud("18.50"),
        amount=aud("37.00"),
        tax="GST 10%",
    ),
    Line(
        description="Rigid tape 38 mm",
        code="TAPE-38",
        served_on=date(2026, 11, 24),
        unit_price=aud("14.95"),
        amount=aud("14.95"),
        tax="GST 10%",
    ),
)


def invoice(**changes: Any) -> InvoiceDocument:
    """An Australian tax invoice, prices with tax, part paid by EFTPOS and account credit."""
    document = InvoiceDocument(
        sheet=SHEET,
        practice=PRACTICE,
        title=Title.TAX_INVOICE,
        number="0006893",
        issued_on=date(2026, 11, 24),
        due_on=date(2026, 12, 8),
        bill_to=INSURER,
        patient=ILONA,
        practitioner=AMARA,
        lines=LINES,
        prices_include_tax=True,
        subtotal=aud("184.03"),
        taxes=(TaxRow(name="GST 10%", net=aud("47.23"), tax=aud("4.72")),),
        total=aud("188.75"),
        applied=(
            AppliedRow(
                kind=Applied.PAYMENT,
                amount=aud("40.00"),
                on=date(2026, 11, 24),
                reference="EFTPOS, receipt P-4410",
            ),
            AppliedRow(
                kind=Applied.ACCOUNT_CREDIT,
                amount=aud("60.00"),
                on=date(2026, 11, 24),
                reference="From receipt P-4322",
            ),
        ),
        owing=aud("88.75"),
        remaining_credit=aud("85.00"),
        notes=(
            "Please pay within 14 days. Bank transfer: BSB 000-000, account 1234 5678,"
            " reference 0006893.",
        ),
        footer=FOOTER,
    )
    return replace(document, **changes)


def plain_invoice(sheet: Sheet, amounts: tuple[int, ...], **changes: Any) -> InvoiceDocument:
    """An untaxed, unpaid invoice with one line per amount (minor units)."""
    money = [Money(amount, sheet.currency) for amount in amounts]
    total = Money.total(money, sheet.currency)
    lines = tuple(
        Line(
            description=f"Standard consultation, visit {n}",
            code="PH200",
            served_on=date(2026, 1, 5) + timedelta(days=n),
            unit_price=amount,
            amount=amount,
        )
        for n, amount in enumerate(money, 1)
    )
    base: dict[str, Any] = {
        "sheet": sheet,
        "title": Title.INVOICE,
        "lines": lines,
        "prices_include_tax": False,
        "subtotal": total,
        "taxes": (),
        "total": total,
        "applied": (),
        "owing": total,
        "remaining_credit": None,
    }
    return invoice(**{**base, **changes})


def american_invoice() -> InvoiceDocument:
    """US Letter, prices without tax, nothing paid yet."""
    sheet = Sheet(locale="en_US", currency="USD", paper=Paper.LETTER)

    def usd(text: str) -> Money:
        return Money.parse(text, "USD")

    lines = (
        Line(
            description="Evaluation, 45 min",
            code="97161",
            served_on=date(2026, 11, 2),
            unit_price=usd("1180.00"),
            amount=usd("1180.00"),
        ),
        Line(
            description="Foam roller",
            served_on=date(2026, 11, 2),
            unit_price=usd("32.00"),
            amount=usd("32.00"),
            tax="8.875%",
        ),
    )
    return InvoiceDocument(
        sheet=sheet,
        practice=Practice(
            name="Elm Street Physical Therapy",
            address=("212 Elm Street", "Brooklyn, NY 11201"),
            phone="(212) 555-0142",
        ),
        title=Title.INVOICE,
        number="INV-001204",
        issued_on=date(2026, 11, 2),
        bill_to=Party(name="Quang Nguyễn", lines=("88 Court Street", "Brooklyn, NY 11201")),
        practitioner=Practitioner(name="Dana Whitfield, PT"),
        lines=lines,
        prices_include_tax=False,
        subtotal=usd("1212.00"),
        taxes=(TaxRow(name="Sales tax 8.875%", net=usd("32.00"), tax=usd("2.84")),),
        total=usd("1214.84"),
        owing=usd("1214.84"),
        notes=("Please pay at the desk or by card over the telephone.",),
    )


def credit_note(**changes: Any) -> CreditNoteDocument:
    """The two products of `invoice` taken back; part of them had been paid."""
    document = CreditNoteDocument(
        sheet=SHEET,
        practice=PRACTICE,
        title=Title.ADJUSTMENT_NOTE,
        number="CN-0102",
        issued_on=date(2026, 11, 26),
        invoice_number="0006893",
        bill_to=INSURER,
        patient=ILONA,
        reason="Both products were brought back unused.",
        lines=invoice().lines[1:],
        prices_include_tax=True,
        subtotal=aud("47.23"),
        taxes=(TaxRow(name="GST 10%", net=aud("47.23"), tax=aud("4.72")),),
        total=aud("51.95"),
        off_invoice=aud("31.95"),
        to_credit=aud("20.00"),
        footer=FOOTER,
    )
    return replace(document, **changes)


def receipt(**changes: Any) -> ReceiptDocument:
    """Money from two sources, part of it not allocated, account credit used at the same time."""
    document = ReceiptDocument(
        sheet=SHEET,
        practice=PRACTICE,
        number="P-4322",
        received_on=date(2026, 10, 6),
        payer=Party(name="Ilona Szymańska"),
        sources=(
            Source(name="Health fund (HICAPS)", reference="Claim 20418", amount=aud("52.00")),
            Source(name="EFTPOS", amount=aud("1187.00")),
        ),
        total=aud("1239.00"),
        allocations=(
            Allocation(invoice_number="0006640", amount=aud("94.00")),
            Allocation(invoice_number="0006702", amount=aud("1000.00")),
        ),
        not_allocated=aud("145.00"),
        credit_used=(Allocation(invoice_number="0006588", amount=aud("20.00")),),
        credit_after=aud("165.00"),
        notes=("Account credit stays yours. Ask us any time to use it or to give it back.",),
        footer=FOOTER,
    )
    return replace(document, **changes)


def prepayment(**changes: Any) -> ReceiptDocument:
    """Money in advance: no invoice, all of it account credit."""
    base: dict[str, Any] = {
        "sources": (Source(name="EFTPOS", amount=aud("100.00")),),
        "total": aud("100.00"),
        "allocations": (),
        "not_allocated": aud("100.00"),
        "credit_used": (),
        "credit_after": aud("100.00"),
    }
    return receipt(**{**base, **changes})


def refunded_receipt() -> ReceiptDocument:
    """A prepayment of which some was given back later."""
    return prepayment(
        others=(Entry(text="Refunded 12 Nov 2026", amount=aud("30.00")),),
        not_allocated=aud("70.00"),
        credit_after=aud("70.00"),
    )


def statement(**changes: Any) -> StatementDocument:
    """Three months of one patient, in and out of credit."""
    events = (
        (date(2026, 9, 22), "Invoice 0006588", "Initial consultation, 45 min", "142.95", None),
        (date(2026, 9, 22), "Payment P-4281", "Credit card", None, "142.95"),
        (date(2026, 10, 6), "Invoice 0006640", "Standard consultation, 30 min", "94.00", None),
        (date(2026, 10, 6), "Payment P-4322", "Health fund (HICAPS), EFTPOS", None, "239.00"),
        (date(2026, 10, 20), "Invoice 0006702", "Standard consultation, 30 min", "168.90", None),
        (date(2026, 11, 17), "Invoice 0006851", "Standard consultation, 30 min", "94.00", None),
        (date(2026, 11, 17), "Payment P-4410", "EFTPOS", None, "40.00"),
        (date(2026, 11, 24), "Invoice 0006893", "Extended consultation, 60 min", "203.95", None),
    )
    balance, rows = aud("0.00"), []
    for on, text, detail, charged, paid in events:
        up = aud(charged) if charged else None
        down = aud(paid) if paid else None
        balance = balance + (up or aud("0")) - (down or aud("0"))
        rows.append(
            StatementRow(on=on, text=text, detail=detail, charged=up, paid=down, balance=balance)
        )
    document = StatementDocument(
        sheet=SHEET,
        practice=PRACTICE,
        patient=ILONA,
        from_on=date(2026, 9, 1),
        to_on=date(2026, 11, 30),
        opening=aud("0.00"),
        rows=tuple(rows),
        closing=aud("281.85"),
        owing=aud("426.85"),
        credit=aud("145.00"),
        lots=(
            CreditLot(text="Payment P-4322", on=date(2026, 10, 6), left=aud("120.00")),
            CreditLot(
                text="Goodwill",
                on=date(2026, 11, 3),
                left=aud("25.00"),
                expires_on=date(2027, 11, 3),
            ),
        ),
        ageing=Ageing(
            current=aud("203.95"),
            days_30=aud("54.00"),
            days_60=aud("168.90"),
            days_90=aud("0.00"),
        ),
        notes=("Please pay what is owing within 14 days, or ask us to use your account credit.",),
        footer=FOOTER,
    )
    return replace(document, **changes)


def voucher(**changes: Any) -> VoucherDocument:
    """A present of a hundred dollars."""
    document = VoucherDocument(
        sheet=SHEET,
        practice=PRACTICE,
        code="K7MF-2XQP-9RTW",
        value=aud("100.00"),
        left=aud("100.00"),
        sold_on=date(2026, 11, 24),
        expires_on=date(2029, 11, 24),
        recipient="Anna Bell",
        message="Happy birthday! Be good to that shoulder of yours. Love, Mum and Dad",
    )
    return replace(document, **changes)


def attendance(**changes: Any) -> AttendanceDocument:
    """The second of five massages."""
    document = AttendanceDocument(
        sheet=SHEET,
        practice=PRACTICE,
        patient=ILONA,
        practitioner=AMARA,
        profession="Physiotherapist",
        location="Balmain",
        served_on=date(2026, 11, 24),
        items=(
            Attended(name="Extended consultation, 60 min", code="PH300"),
            Attended(name="Exercise programme"),
        ),
        session="Session 2 of 5",
        package="Five extended consultations",
        value=aud("136.80"),
        tax=aud("12.44"),
        tax_name="GST 10%",
        invoice_number="1042",
        invoice_on=date(2026, 11, 3),
        paid_on=date(2026, 11, 5),
        owing=aud("0.00"),
    )
    return replace(document, **changes)
