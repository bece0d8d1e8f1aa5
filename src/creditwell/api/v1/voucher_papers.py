"""A gift voucher on paper, and by email."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from creditwell.api.answers import Pdf
from creditwell.api.auth import Call
from creditwell.api.routes import Routes
from creditwell.api.shapes import In, QueryId
from creditwell.api.v1.vouchers import VoucherOut, today_of, voucher_out
from creditwell.integrations.documents import build_voucher
from creditwell.kernel.errors import Invalid
from creditwell.payments.queries_vouchers import voucher_line
from creditwell.usecases.email_voucher import EmailVoucher, email_voucher
from creditwell.usecases.redeem_voucher import VoucherDisabled

voucher_papers = Routes("Vouchers")


class VoucherMailIn(In):
    """Where it goes."""

    to: Annotated[str, Field(max_length=254)]


@voucher_papers.get("/vouchers/{voucher_id}/pdf", needs="vouchers.redeem")
def get_voucher_pdf(call: Call, voucher_id: QueryId) -> Pdf:
    """A gift voucher as PDF, to be given away: value, code and QR code, as things stand now."""
    return Pdf(*build_voucher.voucher_pdf(call.practice_id, voucher_id))


@voucher_papers.post(
    "/vouchers/{voucher_id}/email",
    needs="vouchers.sell",
    status=200,
    refuses=(Invalid, VoucherDisabled),
)
def send_voucher(call: Call, voucher_id: QueryId, body: VoucherMailIn) -> VoucherOut:
    """Send a gift voucher by email, with its PDF."""
    email_voucher(
        EmailVoucher(
            practice_id=call.practice_id,
            key=call.key,
            by=call.by,
            voucher_id=voucher_id,
            to=body.to,
        ),
        call.now,
    )
    return voucher_out(call, voucher_line(call.practice, voucher_id, today=today_of(call)))
