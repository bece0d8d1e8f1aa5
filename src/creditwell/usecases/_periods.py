"""A period of a membership begins: its invoice, its package, what is left of the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date
from django.utils import translation
from django.utils.translation import gettext as _

from creditwell.invoicing.lines import LineInput
from creditwell.invoicing.operations import Content
from creditwell.invoicing.queries import open_invoices
from creditwell.packages.memberships import (
    Held,
    change_membership,
    period_before,
    product_that_renews,
    shares_go_on,
)
from creditwell.packages.models import Package, Product
from creditwell.packages.rolling import roll_over
from creditwell.packages.rules_periods import last_of_period, next_start
from creditwell.packages.selling import Period
from creditwell.payments import spending
from creditwell.tenancy.access import Actor, PracticeFacts, Written
from creditwell.usecases.apply_credit import ApplyCredit, apply_within
from creditwell.usecases.write_invoice import WriteInvoice, write_within


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A period that began; `owing_minor` is what credit did not pay."""

    number: int
    invoice_id: int
    package_id: int
    rolled_units: int
    owing_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """By whom a period begins, and whether its invoice is mailed and credit shall pay it."""

    by: Actor
    email: bool = False
    pay: bool = True


def begin_period(held: Held, wish: Wish, now: datetime) -> Begun:
    """
    Begin the next period of a membership that is held. Its invoice is of the period's first day,
    or of today where those books are closed; price and terms are the product's as they are now.

    :raises DoesNotRenew, ProductArchived: if the product is not to be had as a membership any more
    :raises BooksClosed: if today's books are closed
    """
    row, practice, written = held.row, held.practice, Written(wish.by, now)
    product = product_that_renews(practice_id=practice.id, product_id=row.product_id)
    before, period = period_before(row), _period(held, product)
    invoice = write_within(_invoice(held, product, period, wish, now), now, period=period)
    package_id = invoice.package_ids[0]
    rolled = 0
    if before is not None:
        after = Package.objects.select_for_update(of=("self",), no_key=True).get(
            practice_id=practice.id, pk=package_id
        )
        rolled = roll_over(practice, before, after, written=written)
        shares_go_on(practice, from_id=before.pk, to_id=package_id, written=written)
    change_membership(
        row,
        periods_count=period.number,
        renews_on=_next(row.renews_on, product, row.anchor_on),
    )
    if wish.pay:
        pay_whole(held, invoice.invoice_id, by=wish.by, now=now)
    still = open_invoices(practice_id=practice.id, ids=[invoice.invoice_id])
    return Begun(
        number=period.number,
        invoice_id=invoice.invoice_id,
        package_id=package_id,
        rolled_units=rolled,
        owing_minor=sum(one.owing_minor for one in still),
        total_minor=invoice.total_minor,
    )


def _period(held: Held, product: Product) -> Period:
    row = held.row
    assert product.renews_count is not None, product.pk
    return Period(
        membership_id=row.pk,
        number=row.periods_count + 1,
        starts_on=row.renews_on,
        ends_on=last_of_period(
            row.renews_on, product.renews_count, product.renews_unit, anchor_on=row.anchor_on
        ),
    )


def _next(starts_on: date, product: Product, anchor_on: date) -> date:
    assert product.renews_count is not None, product.pk
    return next_start(starts_on, product.renews_count, product.renews_unit, anchor_on=anchor_on)


def _invoice(
    held: Held, product: Product, period: Period, wish: Wish, now: datetime
) -> WriteInvoice:
    practice = held.practice
    closed, issued_on = practice.books_closed_on, period.starts_on
    if closed is not None and issued_on <= closed:
        issued_on = practice.day_of(now)
    return WriteInvoice(
        practice_id=practice.id,
        key="",
        by=wish.by,
        issue=True,
        email=wish.email,
        content=Content(
            patient_id=held.row.patient_id,
            lines=(LineInput(item_id=product.item_id),),
            issued_on=issued_on,
            notes=period_words(practice, period.starts_on, period.ends_on),
        ),
    )


def period_words(practice: PracticeFacts, starts_on: date, ends_on: date) -> str:
    """“For 1 March 2027 to 31 March 2027.”, as the practice writes it."""
    with translation.override(practice.locale.replace("_", "-").lower()):
        return _("For %(first)s to %(last)s.") % {
            "first": format_date(starts_on, "long", locale=practice.locale),
            "last": format_date(ends_on, "long", locale=practice.locale),
        }


def pay_whole(held: Held, invoice_id: int, *, by: Actor, now: datetime) -> bool:
    """
    Pay an invoice from account credit if there is enough for all of it: the payer's own, then what
    others let them use without being asked. Returns whether it did.
    """
    practice, payer_id = held.practice, held.row.payer_id
    invoices = open_invoices(practice_id=practice.id, ids=[invoice_id])
    if not invoices:
        return False
    means = spending.means_for(practice, payer_id, invoices, on=practice.day_of(now))
    own, lent = spending.planned(means, invoices, spending.Wishes())
    lent = {key: minor for key, minor in lent.items() if key[1] in held.owner_ids}
    if sum(own.values()) + sum(lent.values()) < sum(one.owing_minor for one in invoices):
        return False
    command = ApplyCredit(
        practice_id=practice.id,
        key="",
        by=by,
        payer_id=payer_id,
        use=tuple(own.items()),
        family_credit=tuple((*key, minor) for key, minor in lent.items()),
    )
    apply_within(command, now)
    return True
