"""Tables of payments, and of everything else that becomes of credit."""

from creditwell.payments.models._credit import (
    Dishonour,
    Gift,
    LotExpiry,
    LotExpiryReturn,
    RefundRequest,
    Transfer,
    TransferPart,
    TransferReturn,
    Voucher,
)
from creditwell.payments.models._payments import (
    Allocation,
    AllocationReturn,
    Payment,
    PaymentPart,
    Refund,
    RefundPart,
)

__all__ = [
    "Allocation",
    "AllocationReturn",
    "Dishonour",
    "Gift",
    "LotExpiry",
    "LotExpiryReturn",
    "Payment",
    "PaymentPart",
    "Refund",
    "RefundPart",
    "RefundRequest",
    "Transfer",
    "TransferPart",
    "TransferReturn",
    "Voucher",
]
