"""Gift vouchers. A code is money: reading them needs the scope that redeems them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from django.db.models import QuerySet
from ninja import Query
from pydantic import Field
from typing_extensions import TypedDict

from creditwell.api.auth import Call
from creditwell.api.pagination import Listed, Page, Row, page_of
from creditwell.api.routes import Routes
from creditwell.api.shapes import Day, Id, In, Minor, QueryId, Reason
from creditwell.api.v1.payers import NoPayer, PayerIn, payer_of
from creditwell.api.v1.payments import PartIn
from creditwell.kernel.errors import Invalid, NotFound
from creditwell.ledger.post import BooksClosed
from creditwell.payments.models import Voucher
from creditwell.payments.operations import NotAPerson
from creditwell.payments.queries_vouchers import VoucherLine, voucher_line, voucher_lines
from creditwell.payments.rules_voucher import WrongCode
from creditwell.payments.vouchers import NoSuchVoucher, TooManyGuesses, find_voucher
from creditwell.people.operations import MergedAway
from creditwell.people.rules import NotAnAddress
from creditwell.usecases.disable_voucher import DisableVoucher, disable_voucher
from creditwell.usecases.enable_voucher import EnableVoucher, NotDisabled, enable_voucher
from creditwell.usecases.redeem_voucher import (
    MoreThanLeft,
    NothingLeft,
    RedeemVoucher,
    VoucherDisabled,
    VoucherExpired,
    redeem_voucher,
)
from creditwell.usecases.refund_credit import ApprovalNeeded, OverRefunded, TooSmallForCash
from creditwell.usecases.refund_voucher import RefundVoucher, refund_voucher
from creditwell.usecases.sell_vouchers import NewVoucher, SellVouchers, sell_vouchers
from creditwell.usecases.take_payment import PartInput

vouchers = Routes("Vouchers")

NAMES = {"payer": "patient_id", "date": "received_on", "patient": "patient_id", "value": "vouchers"}
Line = Annotated[str, Field(max_length=120)]


class VoucherNew(In):
    """A voucher to sell: what it is worth, and what is printed on it."""

    value_minor: Minor
    recipient_name: Line = ""
    recipient_email: Annotated[str, Field(max_length=254)] = ""
    message: Annotated[str, Field(max_length=300)] = ""


class VoucherSaleIn(PayerIn):
    """Who buys, what is received, and the vouchers; `parts` add up to their values."""

    parts: Annotated[list[PartIn], Field(min_length=1, max_length=50)]
    vouchers: Annotated[list[VoucherNew], Field(min_length=1, max_length=50)]
    received_on: Day | None = Field(None, description="Today in the practice unless sent.")
    location_id: Id | None = None
    note: Annotated[str, Field(max_length=300)] = ""
    email_receipt: bool = False
    email_to: Literal["", "recipient", "buyer"] = Field(
        "", description="To whom each voucher goes by email with its PDF."
    )


class RedeemIn(In):
    """Whose credit it becomes; without an amount all that is left."""

    code: Annotated[str, Field(max_length=40)]
    patient_id: Id
    amount_minor: Minor | None = None


class DisableIn(In):
    """Why; it stays in the voucher's history."""

    reason: Reason


class VoucherRefundIn(In):
    """Why; it stands on the refund."""

    reason: Reason
    ask: bool = Field(
        False, description="Leave a request where a second person has to approve the sum."
    )


class VoucherFilters(Page):
    """Which vouchers."""

    payment_id: QueryId | None = Field(None, description="Sold by this payment.")


class VoucherOut(TypedDict):
    """A gift voucher. `state` is open, used, expired or disabled."""

    id: int
    code: str
    state: str
    value_minor: int
    left_minor: int
    currency: str
    sold_on: date
    expires_on: date | None
    payment_id: int
    buyer_payer_id: int
    recipient_name: str
    recipient_email: str
    message: str
    disabled_reason: str


class VouchersSold(TypedDict):
    """The payment, its receipt and its vouchers."""

    payment_id: int
    receipt_number: str
    total_minor: int
    currency: str
    vouchers: list[VoucherOut]


class VoucherRedeemed(TypedDict):
    """The transfer to the patient; `left_minor` remains on the voucher."""

    voucher_id: int
    transfer_id: int
    payer_id: int
    total_minor: int
    left_minor: int
    currency: str
    lot_ids: list[int]


class VoucherRefundMade(TypedDict):
    """The refund, or the request that waits for a second person; the other is null."""

    voucher_id: int
    refund_id: int | None
    refund_request_id: int | None
    total_minor: int
    currency: str


@vouchers.get("/vouchers", needs="vouchers.redeem")
def list_vouchers(call: Call, filters: Query[VoucherFilters]) -> Listed[VoucherOut]:
    """List gift vouchers."""
    rows: QuerySet[Voucher] = Voucher.objects.filter(practice_id=call.practice_id)
    if filters.payment_id is not None:
        rows = rows.filter(payment_id=filters.payment_id)
    return page_of(rows.values("id"), filters, lambda found: _shown(call, found))


@vouchers.get("/vouchers/{voucher_id}", needs="vouchers.redeem")
def get_voucher(call: Call, voucher_id: QueryId) -> VoucherOut:
    """Look a gift voucher up."""
    return voucher_out(call, voucher_line(call.practice, voucher_id, today=today_of(call)))


@vouchers.get(
    "/vouchers/by_code/{code}",
    needs="vouchers.redeem",
    refuses=(WrongCode, NoSuchVoucher, TooManyGuesses),
)
def get_voucher_by_code(call: Call, code: str) -> VoucherOut:
    """Look a gift voucher up by its code.

    In any case, with or without dashes. Whoever asks for codes that do not exist has to wait.
    """
    found = find_voucher(practice_id=call.practice_id, text=code, by=call.by, now=call.now)
    return voucher_out(call, voucher_line(call.practice, found.pk, today=today_of(call)))


@vouchers.post(
    "/vouchers",
    needs="vouchers.sell",
    refuses=(NoPayer, NotFound, Invalid, NotAnAddress, BooksClosed, MergedAway, NotAPerson),
    names=NAMES,
)
def create_vouchers(call: Call, body: VoucherSaleIn) -> VouchersSold:
    """Sell gift vouchers.

    One payment with a receipt, all of whose sum becomes the vouchers' money: never account credit
    of the buyer, and account credit cannot buy them. They expire by the practice's rule.
    """
    sold = sell_vouchers(
        SellVouchers(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            payer_id=payer_of(call, body),
            parts=tuple(
                PartInput(
                    source_id=part.payment_source_id,
                    amount_minor=part.amount_minor,
                    reference=part.reference,
                )
                for part in body.parts
            ),
            vouchers=tuple(NewVoucher(**one.model_dump()) for one in body.vouchers),
            received_on=body.received_on,
            location_id=body.location_id,
            note=body.note,
            email_receipt=body.email_receipt,
            email_to=body.email_to,
        ),
        call.now,
    )
    lines = voucher_lines(call.practice, today=today_of(call), payment_id=sold.payment_id)
    return {
        "payment_id": sold.payment_id,
        "receipt_number": call.practice.receipt_number(sold.number),
        "total_minor": sold.total_minor,
        "currency": call.currency,
        "vouchers": [voucher_out(call, line) for line in lines],
    }


@vouchers.post(
    "/redemptions",
    needs="vouchers.redeem",
    refuses=(
        NotFound,
        Invalid,
        WrongCode,
        NoSuchVoucher,
        TooManyGuesses,
        VoucherDisabled,
        VoucherExpired,
        NothingLeft,
        MoreThanLeft,
        BooksClosed,
        MergedAway,
    ),
    names={**NAMES, "amount": "amount_minor"},
)
def create_redemption(call: Call, body: RedeemIn) -> VoucherRedeemed:
    """Redeem a gift voucher.

    All of it, or a part, becomes account credit of a patient; expiry and the way back stay.
    """
    made = redeem_voucher(
        RedeemVoucher(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            code=body.code,
            patient_id=body.patient_id,
            amount_minor=body.amount_minor,
        ),
        call.now,
    )
    return {
        "voucher_id": made.voucher_id,
        "transfer_id": made.transfer_id,
        "payer_id": made.payer_id,
        "total_minor": made.total_minor,
        "left_minor": made.left_minor,
        "currency": call.currency,
        "lot_ids": made.lot_ids,
    }


@vouchers.post(
    "/vouchers/{voucher_id}/disable",
    needs="vouchers.disable",
    status=200,
    refuses=(Invalid, VoucherDisabled),
)
def withdraw_voucher(call: Call, voucher_id: QueryId, body: DisableIn) -> VoucherOut:
    """Disable a gift voucher that is lost or fraud; its money stays where it is."""
    disable_voucher(
        DisableVoucher(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            voucher_id=voucher_id,
            reason=body.reason,
        ),
        call.now,
    )
    return voucher_out(call, voucher_line(call.practice, voucher_id, today=today_of(call)))


@vouchers.post(
    "/vouchers/{voucher_id}/enable",
    needs="vouchers.disable",
    status=200,
    refuses=(NotDisabled, NothingLeft),
)
def allow_voucher(call: Call, voucher_id: QueryId) -> VoucherOut:
    """Let a disabled gift voucher be redeemed again."""
    enable_voucher(
        EnableVoucher(
            practice_id=call.practice_id, key=call.key, by=call.by, voucher_id=voucher_id
        ),
        call.now,
    )
    return voucher_out(call, voucher_line(call.practice, voucher_id, today=today_of(call)))


@vouchers.post(
    "/vouchers/{voucher_id}/refund",
    needs="payments.refund",
    refuses=(Invalid, NothingLeft, ApprovalNeeded, OverRefunded, TooSmallForCash, BooksClosed),
)
def create_voucher_refund(
    call: Call, voucher_id: QueryId, body: VoucherRefundIn
) -> VoucherRefundMade:
    """Refund a gift voucher.

    All that is left goes back by the source it was bought by, and the voucher is disabled.
    """
    made = refund_voucher(
        RefundVoucher(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            voucher_id=voucher_id,
            reason=body.reason,
            ask=body.ask,
        ),
        call.now,
    )
    return {
        "voucher_id": made.voucher_id,
        "refund_id": made.refund_id,
        "refund_request_id": made.request_id,
        "total_minor": made.total_minor,
        "currency": call.currency,
    }


def today_of(call: Call) -> date:
    return call.practice.day_of(call.now)


def _shown(call: Call, rows: list[Row]) -> list[VoucherOut]:
    ids = [row["id"] for row in rows]
    return [
        voucher_out(call, line)
        for line in voucher_lines(call.practice, today=today_of(call), ids=ids)
    ]


def voucher_out(call: Call, line: VoucherLine) -> VoucherOut:
    return {
        "id": line.id,
        "code": line.code,
        "state": line.state,
        "value_minor": line.value.minor,
        "left_minor": line.left.minor,
        "currency": call.currency,
        "sold_on": line.sold_on,
        "expires_on": line.expires_on,
        "payment_id": line.payment_id,
        "buyer_payer_id": line.buyer_payer_id,
        "recipient_name": line.recipient_name,
        "recipient_email": line.recipient_email,
        "message": line.message,
        "disabled_reason": line.disabled_reason,
    }
