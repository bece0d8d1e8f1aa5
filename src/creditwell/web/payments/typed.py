"""
What somebody has typed into the payment form, as it came: nothing is read as an amount yet.

Beside each cell of the table stands what we wrote into it (`was-pay-7`). A cell that still says
that is ours and follows the plan; a cell that says something else was edited and is left alone.
That way the form needs no script to know who wrote what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from django.http import QueryDict

from creditwell.web.patients.quick import as_id

CONTACT = "payer-"
"""How a contact stands in the picker's answer, before the id of the payer behind it."""

MOST_SOURCES = 12
Pair = tuple[int, int]
"""An invoice and the payer whose credit is to pay it."""

SELL = "sell-package"
"""The button that goes to sell a package, and comes back."""

REDEEM = "redeem-voucher"
"""The button that goes to redeem a voucher, and comes back."""

REWORK = (
    "with-family",
    "add-source",
    "remove-source",
    "replan",
    "fill",
    "find-patient",
    "change-patient",
    "show",
    SELL,
    REDEEM,
)
"""Buttons that save nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedSource:
    """A row of the sources: `row` is its number on the form, `source_id` 0 the first on offer."""

    row: int
    source_id: int = 0
    reference: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """
    A filled-in form; cells by invoice id. `lent` is what somebody else's credit gives, `agreed` how
    owners agreed who are to be asked, by their payer's id; `family`: the family's invoices too.
    """

    key: str
    patient_id: int | None = None
    payer_id: int | None = None  # who pays is no patient but a contact
    patient_text: str = ""
    invoice_id: int | None = None
    location_id: int | None = None
    received_on: str = ""
    note: str = ""
    email: bool = False
    sources: tuple[TypedSource, ...] = (TypedSource(row=0),)
    pay: Mapping[int, str] = field(default_factory=dict)
    use_credit: Mapping[int, str] = field(default_factory=dict)
    was_pay: Mapping[int, str] = field(default_factory=dict)
    was_credit: Mapping[int, str] = field(default_factory=dict)
    lent: Mapping[Pair, str] = field(default_factory=dict)
    was_lent: Mapping[Pair, str] = field(default_factory=dict)
    agreed: Mapping[int, str] = field(default_factory=dict)
    family: bool = False
    order: str = ""
    replan: bool = False
    fresh: str = ""  # id of the field that gets the focus

    @property
    def pay_by_hand(self) -> bool:
        return not self.replan and _edited(self.pay, self.was_pay)

    @property
    def credit_by_hand(self) -> bool:
        return not self.replan and (
            _edited(self.use_credit, self.was_credit) or _edited(self.lent, self.was_lent)
        )


def _edited(cells: Mapping[Any, str], was: Mapping[Any, str]) -> bool:
    return any(text.strip() != was.get(pk, "") for pk, text in cells.items())


def new_key() -> str:
    """What makes a form one act, however often it is sent."""
    return str(uuid4())


def read_typed(post: QueryDict) -> Typed:
    """Read the form, then do what the button asked for that sent it."""
    rows = [row for text in post.getlist("row")[:MOST_SOURCES] if (row := _row(text)) is not None]
    typed = Typed(
        key=post.get("key", "")[:80],
        patient_id=as_id(post.get("patient", "")),
        payer_id=_payer(post),
        patient_text=post.get("patient-q", "")[:80],
        invoice_id=as_id(post.get("invoice", "")),
        location_id=as_id(post.get("location", "")),
        received_on=post.get("received_on", "")[:20],
        note=post.get("note", "")[:300],
        email="email" in post,
        sources=tuple(
            TypedSource(
                row=row,
                source_id=as_id(post.get(f"source-{row}", "")) or 0,
                reference=post.get(f"reference-{row}", "")[:80],
                amount=post.get(f"amount-{row}", "")[:40],
            )
            for row in dict.fromkeys(rows)
        )
        or (TypedSource(row=0),),
        pay=_cells(post, "pay-"),
        use_credit=_cells(post, "credit-"),
        was_pay=_cells(post, "was-pay-"),
        was_credit=_cells(post, "was-credit-"),
        lent=_pairs(post, "family-"),
        was_lent=_pairs(post, "was-family-"),
        agreed={pk: text.strip() for pk, text in _cells(post, "agreed-", 200).items()},
        family=post.get("with-family", "on" if "family" in post else "") == "on",
        order=post.get("order", "")[:10],
        replan="replan" in post or post.get("order", "") != post.get("was-order", ""),
    )
    return _worked(typed, post)


def is_rework(post: QueryDict) -> bool:
    """Whether a button was pressed that saves nothing."""
    return any(name in post for name in REWORK)


def _worked(typed: Typed, post: QueryDict) -> Typed:
    if "change-patient" in post:
        return replace(
            typed,
            patient_id=None,
            payer_id=None,
            invoice_id=None,
            pay={},
            use_credit={},
            was_pay={},
            was_credit={},
            lent={},
            was_lent={},
            agreed={},
            family=False,
            fresh="patient",
        )
    if "add-source" in post and len(typed.sources) < MOST_SOURCES:
        row = max(source.row for source in typed.sources) + 1
        added = TypedSource(row=row)
        return replace(typed, sources=(*typed.sources, added), fresh=f"amount-{row}")
    if "remove-source" in post:
        left = tuple(s for s in typed.sources if str(s.row) != post.get("remove-source"))
        kept = left or (TypedSource(row=0),)
        return replace(typed, sources=kept, fresh=f"amount-{kept[-1].row}")
    if "fill" in post:
        return _filled(typed, post.get("fill", ""))
    if "show" in post:
        return replace(typed, fresh=f"amount-{typed.sources[0].row}")
    return typed


def _filled(typed: Typed, target: str) -> Typed:
    """Clicking on what is owing is the same as typing "=" into the cell."""
    name, _dash, rest = target.partition("-")
    pk = as_id(rest)
    if name == "pay" and pk is not None:
        return replace(typed, pay={**typed.pay, pk: "="}, fresh=target)
    return typed


def _payer(post: QueryDict) -> int | None:
    """The payer who is no patient: as the form carries it, or as just picked."""
    picked = post.get("patient", "")
    if picked.startswith(CONTACT):
        return as_id(picked.removeprefix(CONTACT))
    return as_id(post.get("payer", ""))


def _row(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _cells(post: QueryDict, prefix: str, most: int = 40) -> dict[int, str]:
    found = {}
    for name in post:
        if name.startswith(prefix) and (pk := as_id(name[len(prefix) :])) is not None:
            found[pk] = post.get(name, "")[:most]
    return found


def _pairs(post: QueryDict, prefix: str) -> dict[Pair, str]:
    found = {}
    for name in post:
        if name.startswith(prefix):
            invoice, _dash, owner = name[len(prefix) :].partition("-")
            pair = (as_id(invoice), as_id(owner))
            if pair[0] is not None and pair[1] is not None:
                found[pair[0], pair[1]] = post.get(name, "")[:40]
    return found
