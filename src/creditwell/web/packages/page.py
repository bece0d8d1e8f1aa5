"""The page of one package: where it stands, its sessions, who may use it, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creditwell.kernel.errors import NotFound
from creditwell.money.money import Money
from creditwell.packages.models import ActKind
from creditwell.packages.owing import OwingInvoice, owing_invoices
from creditwell.packages.queries import PackageStanding, packages_by_id
from creditwell.packages.queries_page import (
    SessionLine,
    ShareLine,
    act_lines,
    session_lines,
    share_lines,
    terms_line,
)
from creditwell.tenancy.access import Member
from creditwell.web.components.formats import day_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import link_to, page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.packages.actions import Offered, actions_for
from creditwell.web.packages.history import HistoryLine, history_lines
from creditwell.web.packages.standings import (
    StandingCard,
    figure,
    standing_card,
    units_text,
)
from creditwell.web.packages.terms import TermsText, terms_texts

LATEST = 40
"""So many acts are shown at first; all of them when asked for."""

VISIT_STATES = {"completed": "done"}
"""Where a state of a visit is called otherwise on screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """
    A session with its visit, or all free (expired, refunded) ones of a part in one row. Addresses
    are "" where there is none, or no right to follow.
    """

    ordinal: str
    part: str
    on: date | None
    starts_at: datetime | None
    url: str
    practitioner: str
    patient: str
    theirs: bool  # somebody else's visit
    state: str
    units: str
    bonus: str
    kept: str
    value: Money
    visit_state: str
    return_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow:
    """Somebody who may use the package."""

    id: int
    name: str
    url: str
    text: str
    given_at: datetime
    given_by: str
    stop_url: str
    booked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedSince:
    """Another invoice of the package that is not paid: of a swap, or of an upgrade."""

    number: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePage:
    """Everything that the page shows; an address that may not be followed is ""."""

    card: StandingCard
    standing: PackageStanding
    owner_url: str
    used: str
    booked: str
    free: str
    total: str
    paused: str
    invoice_number: str
    invoice_url: str
    charged_since: tuple[ChargedSince, ...]
    pay_url: str
    origin_url: str
    origin_owner: str
    membership_url: str
    transfers_url: str
    sessions: tuple[SessionRow, ...]
    shares: tuple[ShareRow, ...]
    may_share: bool
    may_use: bool
    terms: tuple[TermsText, ...]
    history: tuple[HistoryLine, ...]
    more_history: bool
    primary: Offered | None
    actions: tuple[Offered, ...]


@require_safe
@door("packages.view")
def package(request: PracticeRequest, pk: int) -> HttpResponse:
    """One package; `?history=all` shows all that ever happened to it."""
    whole = request.GET.get("history") == "all"
    page = package_page(request.member, pk, timezone.now(), whole=whole)
    return render(request, "packages/package.html", {"page": page})


def package_page(member: Member, pk: int, now: datetime, *, whole: bool = False) -> PackagePage:
    """
    Read the page; eight queries, however large the package.

    :raises NotFound: if this practice has no such package
    """
    practice = member.practice
    standing = standing_of_package(member, pk, now)
    measure = standing.measure
    limit = 10_000 if whole else LATEST + 1
    acts = act_lines(practice_id=practice.id, package_id=pk, limit=limit)
    shares = share_lines(practice_id=practice.id, package_id=pk)
    terms = terms_line(practice_id=practice.id, package_id=pk)
    offered = actions_for(member, standing)
    primary = offered[0] if offered and offered[0].page == "package_use" else None
    owing = owing_invoices(practice_id=practice.id, package_id=pk) if standing.owing_minor else []
    return PackagePage(
        card=standing_card(member, standing),
        standing=standing,
        owner_url=page_link("patient", standing.patient_id),
        used=figure(standing.used, measure, practice),
        booked=figure(standing.booked, measure, practice),
        free=figure(standing.free, measure, practice),
        total=units_text(standing.total, measure, practice),
        paused=_paused(standing),
        invoice_number=practice.invoice_number(standing.invoice_number),
        invoice_url=page_link("invoice", standing.invoice_id)
        if member.may("invoices.view")
        else "",
        charged_since=_charged_since(member, standing, owing),
        pay_url=_pay_url(member, standing, owing),
        origin_url=page_link("package", terms.origin_id) if terms.origin_id else "",
        origin_owner=terms.origin_owner,
        membership_url=page_link("membership", standing.membership_id)
        if standing.membership_id
        else "",
        transfers_url=page_link("package_transfers", pk)
        if any(act.kind in (ActKind.SENT, ActKind.RECEIVED) for act in acts)
        else "",
        sessions=tuple(
            _session(member, standing, line)
            for line in session_lines(practice_id=practice.id, package_id=pk)
        ),
        shares=tuple(_share(member, standing, line) for line in shares),
        may_share=terms.sharing != "nobody",
        may_use=member.may("packages.use"),
        terms=terms_texts(terms, practice),
        history=history_lines(member, standing, acts if whole else acts[:LATEST]),
        more_history=not whole and len(acts) > LATEST,
        primary=primary,
        actions=offered[1:] if primary else offered,
    )


def _charged_since(
    member: Member, standing: PackageStanding, owing: Sequence[OwingInvoice]
) -> tuple[ChargedSince, ...]:
    if not member.may("invoices.view"):
        return ()
    return tuple(
        ChargedSince(
            number=member.practice.invoice_number(one.number), url=page_link("invoice", one.id)
        )
        for one in owing
        if one.id != standing.invoice_id
    )


def _pay_url(member: Member, standing: PackageStanding, owing: Sequence[OwingInvoice]) -> str:
    """Where the oldest invoice that is owing is paid."""
    if not owing or not member.may("payments.take"):
        return ""
    pay = link_to("payment_new")
    return f"{pay}?patient={standing.patient_id}&invoice={owing[0].id}" if pay else ""


def standing_of_package(member: Member, pk: int, now: datetime) -> PackageStanding:
    """
    Where one package stands; two queries.

    :raises NotFound: if this practice has no such package
    """
    today = member.practice.day_of(now)
    found = packages_by_id(practice_id=member.practice_id, package_ids=[pk], today=today).get(pk)
    if found is None:
        raise NotFound(_("There is no such package in this practice."))
    return found


def _paused(standing: PackageStanding) -> str:
    """The pause that is, or will be, in words."""
    if standing.paused_on is None:
        return ""
    start, end = day_text(standing.paused_on), standing.resumes_on
    if end is None:
        return _("Paused from %(start)s until somebody resumes it.") % {"start": start}
    if end <= standing.today:
        return ""
    return _("Paused from %(start)s; it can be used again on %(end)s.") % {
        "start": start,
        "end": day_text(end),
    }


def _session(member: Member, standing: PackageStanding, line: SessionLine) -> SessionRow:
    practice, measure = member.practice, standing.measure
    may_use = member.may("packages.use")
    by_hand = line.attendee_id is None and line.status == "used"
    may_return = may_use and (by_hand or line.status == "booked")
    return SessionRow(
        ordinal=_ordinal(member, standing, line),
        part=line.part_name,
        on=line.used_on,
        starts_at=line.starts_at,
        url=page_link("appointment", line.appointment_id)
        if line.appointment_id and member.may("calendar.view")
        else "",
        practitioner=line.practitioner,
        patient=line.patient,
        theirs=line.patient_id not in (None, standing.patient_id),
        state=line.status,
        units=units_text(line.units, measure, practice),
        bonus=_bonus(member, standing, line),
        kept=_("%(percent)s%% kept") % {"percent": line.kept_percent}
        if line.status == "forfeited" and line.kept_percent < 100
        else "",
        value=practice.money(line.value_minor + line.tax_minor),
        visit_state=VISIT_STATES.get(line.visit_state, line.visit_state),
        return_url=page_link("session_return", line.id or 0) if may_return else "",
    )


def _bonus(member: Member, standing: PackageStanding, line: SessionLine) -> str:
    """That nothing was paid for it, or for how much of it; "" if all of it was paid for."""
    if line.bonus_units == line.units:
        return _("bonus")
    if not line.bonus_units:
        return ""
    some = figure(line.bonus_units, standing.measure, member.practice)
    return _("of which %(some)s bonus") % {"some": some}


def _ordinal(member: Member, standing: PackageStanding, line: SessionLine) -> str:
    """2 of 5, or 90 of 120 where minutes or money are counted; "" for what no visit has."""
    if line.ordinal is None:
        return ""
    total = next(part.total for part in standing.parts if part.part_id == line.part_id)
    return _("%(nth)s of %(total)s") % {
        "nth": figure(line.ordinal, standing.measure, member.practice),
        "total": figure(total, standing.measure, member.practice),
    }


def _share(member: Member, standing: PackageStanding, line: ShareLine) -> ShareRow:
    practice, measure = member.practice, standing.measure
    # Sessions and minutes are named once, behind the limit; an amount always has its currency.
    said = units_text if measure == "money" else figure
    used = said(line.used_units, measure, practice)
    if line.most_units is None:
        text = _("As much as there is; %(used)s used or booked") % {"used": used}
    else:
        text = _("%(used)s of up to %(most)s used or booked") % {
            "used": used,
            "most": units_text(line.most_units, measure, practice),
        }
    return ShareRow(
        id=line.id,
        name=line.name,
        url=page_link("patient", line.patient_id),
        text=text,
        given_at=line.given_at,
        given_by=line.given_by,
        stop_url=page_link("package_share_stop", standing.id, line.id)
        if member.may("packages.share")
        else "",
        booked=line.booked_units,
    )
