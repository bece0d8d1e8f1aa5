"""A gift voucher from the database, to be given as a present."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import override, to_language

from creditwell.integrations.documents.build_payments import head_of, sheet_of
from creditwell.integrations.documents.render import render_voucher
from creditwell.integrations.documents.shapes import Mark
from creditwell.integrations.documents.shapes_voucher import VoucherDocument
from creditwell.payments.queries_vouchers import VoucherLine, voucher_line
from creditwell.tenancy.access import PracticeFacts, practice_facts


def voucher_pdf(practice_id: int, voucher_id: int) -> tuple[str, bytes]:
    """
    Name of the file, and the voucher as PDF, as things stand now; the code is in it, never in the
    name. A disabled voucher is marked as void.

    :raises NotFound: if this practice has no such voucher
    """
    practice = practice_facts(practice_id)
    # Its last day stands on it, so whether that day has passed changes nothing on the paper.
    line = voucher_line(practice, voucher_id, today=date.min)
    document = voucher_document(practice, line)
    with override(to_language(document.sheet.locale)):
        name = _("Gift voucher %(end)s") % {"end": line.code[-4:]}
    return f"{name}.pdf", render_voucher(document)


def voucher_document(practice: PracticeFacts, line: VoucherLine) -> VoucherDocument:
    """The shape of a voucher. Who bought it is left out: it is a present."""
    return VoucherDocument(
        sheet=sheet_of(practice, Mark.VOID if line.state == "disabled" else Mark.NONE),
        practice=head_of(practice, line.location_id),
        code=line.code,
        value=line.value,
        left=line.left,
        sold_on=line.sold_on,
        expires_on=line.expires_on,
        recipient=line.recipient_name,
        message=line.message,
    )
