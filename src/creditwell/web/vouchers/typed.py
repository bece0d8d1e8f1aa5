"""What somebody has typed into the form of a sale, as it came: nothing is read as an amount yet."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import QueryDict

from creditwell.web.patients.quick import as_id

MOST_ROWS = 20
EMAIL_TO = ("recipient", "buyer", "")
REWORK = ("add-voucher", "remove-voucher", "find-patient", "change-patient", "show")
"""Buttons that only show the form again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedVoucher:
    """A voucher of the form: `row` is its number there."""

    row: int
    value: str = ""
    name: str = ""
    email: str = ""
    message: str = ""

    @property
    def row_text(self) -> str:
        """For the names of its fields."""
        return str(self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedSale:
    """A filled-in form; who buys is a patient or, by their payer, a contact."""

    key: str
    patient_id: int | None = None
    payer_id: int | None = None
    patient_text: str = ""
    source_id: int = 0
    reference: str = ""
    received_on: str = ""
    location_id: int | None = None
    note: str = ""
    email_receipt: bool = False
    email_to: str = ""
    vouchers: tuple[TypedVoucher, ...] = (TypedVoucher(row=0),)
    fresh: str = ""  # id of the field that gets the focus


def is_rework(post: QueryDict) -> bool:
    """Whether a button was pressed that saves nothing."""
    return any(name in post for name in REWORK)


def read_sale(post: QueryDict) -> TypedSale:
    """Read the form, then do what the button asked for that sent it."""
    rows = [int(one) for one in post.getlist("row")[:MOST_ROWS] if _is_row(one)]
    email_to = post.get("email_to", "")
    typed = TypedSale(
        key=post.get("key", "")[:80],
        patient_id=as_id(post.get("patient", "")),
        payer_id=as_id(post.get("payer", "")),
        patient_text=post.get("patient-q", "")[:80],
        source_id=as_id(post.get("source", "")) or 0,
        reference=post.get("reference", "")[:80],
        received_on=post.get("received_on", "")[:20],
        location_id=as_id(post.get("location", "")),
        note=post.get("note", "")[:300],
        email_receipt="email" in post,
        email_to=email_to if email_to in EMAIL_TO else "",
        vouchers=tuple(
            TypedVoucher(
                row=row,
                value=post.get(f"value-{row}", "")[:40],
                name=post.get(f"name-{row}", "")[:120],
                email=post.get(f"email-{row}", "")[:254].strip(),
                message=post.get(f"message-{row}", "")[:400],
            )
            for row in dict.fromkeys(rows)
        )
        or (TypedVoucher(row=0),),
    )
    return _worked(typed, post)


def _is_row(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4


def _worked(typed: TypedSale, post: QueryDict) -> TypedSale:
    if "change-patient" in post:
        return replace(typed, patient_id=None, payer_id=None, fresh="patient")
    if "add-voucher" in post and len(typed.vouchers) < MOST_ROWS:
        row = max(one.row for one in typed.vouchers) + 1
        # The next one is often the same for somebody else.
        added = TypedVoucher(row=row, value=typed.vouchers[-1].value)
        return replace(typed, vouchers=(*typed.vouchers, added), fresh=f"name-{row}")
    if "remove-voucher" in post:
        left = tuple(one for one in typed.vouchers if str(one.row) != post["remove-voucher"])
        kept = left or (TypedVoucher(row=0),)
        return replace(typed, vouchers=kept, fresh=f"value-{kept[-1].row}")
    if "show" in post:
        return replace(typed, fresh=f"value-{typed.vouchers[0].row}")
    return typed
