"""What becomes of credit besides paying: transfers, gifts, expiry, vouchers, dishonour."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creditwell.credit.models import Lot
from creditwell.payments.models._payments import Payment, PaymentPart, Refund
from creditwell.people.models import Payer
from creditwell.tenancy.models import ExpiredCredit, PracticeRow, User


class Act(PracticeRow):
    """What every act below has: its entry, when and by whom."""

    entry = models.ForeignKey(
        "ledger.Entry", models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        abstract = True


class Transfer(Act):
    """
    Credit went from one payer to another: one act, no takings and no refund.

    Whose it was and whose it became stand on the lots of its parts. Selling and redeeming a
    voucher are transfers to and from the voucher.
    """

    number = models.PositiveBigIntegerField()
    transferred_on = models.DateField()
    total_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="payments_transfer_number"),
            models.CheckConstraint(
                condition=Q(total_minor__gt=0), name="payments_transfer_positive"
            ),
        ]
        indexes = [
            models.Index(
                fields=["practice", "-transferred_on", "-id"], name="payments_transfer_by_day"
            )
        ]


class TransferPart(PracticeRow):
    """What came off one lot, and the new lot that it became; `returned_minor` went back since."""

    transfer = models.ForeignKey(
        Transfer, models.PROTECT, db_constraint=False, related_name="parts"
    )
    from_lot = models.ForeignKey(Lot, models.PROTECT, db_constraint=False, related_name="+")
    to_lot = models.ForeignKey(Lot, models.PROTECT, db_constraint=False, related_name="+")
    amount_minor = models.BigIntegerField()
    returned_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "to_lot"], name="payments_transfer_part_lot"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, returned_minor__gte=0)
                & Q(returned_minor__lte=F("amount_minor")),
                name="payments_transfer_not_over_returned",
            ),
        ]


class TransferReturn(Act):
    """Part or all of a transfer went back onto the lot that it came from."""

    part = models.ForeignKey(
        TransferPart, models.PROTECT, db_constraint=False, related_name="returns"
    )
    amount_minor = models.BigIntegerField()
    returned_on = models.DateField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_transfer_return_positive"
            )
        ]


class Gift(Act):
    """Credit that no payment brought: goodwill, or a balance brought over from before."""

    lot = models.ForeignKey(Lot, models.PROTECT, db_constraint=False, related_name="+")
    reason = models.CharField(max_length=200)
    given_on = models.DateField()
    taken_back_on = models.DateField(null=True)
    taken_back_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "lot"], name="payments_gift_lot")
        ]


class LotExpiry(Act):
    """What was left of a lot on the day it ran out; `returned_minor` is what grace gave back."""

    lot = models.ForeignKey(Lot, models.PROTECT, db_constraint=False, related_name="+")
    into = models.CharField(max_length=10, choices=ExpiredCredit.choices)
    amount_minor = models.BigIntegerField()
    returned_minor = models.BigIntegerField(default=0)
    expired_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, returned_minor__gte=0)
                & Q(returned_minor__lte=F("amount_minor")),
                name="payments_expiry_not_over_returned",
            )
        ]


class LotExpiryReturn(Act):
    """Grace: expired credit is there again."""

    expiry = models.ForeignKey(
        LotExpiry, models.PROTECT, db_constraint=False, related_name="returns"
    )
    amount_minor = models.BigIntegerField()
    returned_on = models.DateField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_expiry_return_positive"
            )
        ]


class Voucher(PracticeRow):
    """
    A gift voucher. Its money is credit of its own payer, which belongs to whoever brings the code.

    Open while something is left of it; `disabled_at` when it was refunded or withdrawn.
    """

    payer = models.OneToOneField(Payer, models.PROTECT, db_constraint=False, related_name="voucher")
    code = models.CharField(max_length=20)
    payment = models.ForeignKey(
        Payment, models.PROTECT, db_constraint=False, related_name="vouchers"
    )
    value_minor = models.BigIntegerField()
    sold_on = models.DateField()
    recipient_name = models.CharField(max_length=120, blank=True)
    recipient_email = models.EmailField(blank=True)
    message = models.CharField(max_length=300, blank=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "code"], name="payments_voucher_code"),
            models.CheckConstraint(
                condition=Q(value_minor__gt=0), name="payments_voucher_positive"
            ),
        ]


class Dishonour(Act):
    """
    The bank took money back: a cheque bounced, a card payment was charged back.

    It comes off the payment's lot, after what the lot paid was taken back. What had been refunded
    before is lost: `loss_minor` of `amount_minor`.
    """

    part = models.ForeignKey(
        PaymentPart, models.PROTECT, db_constraint=False, related_name="dishonours"
    )
    amount_minor = models.BigIntegerField()
    loss_minor = models.BigIntegerField(default=0)
    dishonoured_on = models.DateField()
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, loss_minor__gte=0)
                & Q(loss_minor__lte=F("amount_minor")),
                name="payments_dishonour_positive",
            )
        ]


class RefundRequest(PracticeRow):
    """A refund that somebody else has to approve. `parts` is what RefundCredit asks for."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    parts = models.JSONField()
    total_minor = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    answer = models.CharField(max_length=200, blank=True)
    refund = models.ForeignKey(
        Refund, models.PROTECT, null=True, db_constraint=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total_minor__gt=0), name="payments_refund_request_positive"
            ),
            models.CheckConstraint(
                condition=Q(status="approved", refund__isnull=False)
                | (~Q(status="approved") & Q(refund__isnull=True)),
                name="payments_refund_request_answered",
            ),
        ]
        indexes = [
            models.Index(
                fields=["practice", "id"],
                condition=Q(status="waiting"),
                name="payments_requests_waiting",
            )
        ]
