"""One appointment as its page and its pop-up show it: who, when, how it went, and the money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlencode

from django.urls import reverse

from creditwell.ledger.queries import standings_of
from creditwell.packages.queries_stakes import stakes_of
from creditwell.scheduling import queries
from creditwell.scheduling.models import CancelReason
from creditwell.scheduling.queries import AppointmentBrief
from creditwell.tenancy.access import Member
from creditwell.web.calendar.asked import day_url
from creditwell.web.calendar.attendees import (
    NOTHING_TYPED,
    AttendeeCard,
    Setting,
    Typed,
    attendee_card,
)
from creditwell.web.calendar.items import name_of, settled_by, state_of
from creditwell.web.calendar.keeping import KeepAsk


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    value: str
    word: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An appointment. `single` is its patient where only one comes."""

    id: int
    url: str
    name: str
    kind: str
    hue: str
    state: str
    practitioner: str
    location: str
    starts_at: datetime
    ends_at: datetime
    minutes: int
    day: date
    time: time
    day_url: str
    notes: str
    is_group: bool
    places: int
    places_taken: int
    attendees: tuple[AttendeeCard, ...]
    later_count: int
    again_url: str
    practitioners: tuple[Option, ...]
    reasons: tuple[Option, ...]
    cancelled: bool
    cancel_ask: KeepAsk | None
    ahead: bool  # on a day to come, so that how it went is not written down without being asked
    may_edit: bool
    may_pay: bool

    @property
    def single(self) -> AttendeeCard | None:
        return self.attendees[0] if self.attendees and not self.is_group else None

    @property
    def is_open(self) -> bool:
        """Whether it can still be moved and cancelled."""
        return self.state in ("booked", "arrived")

    @property
    def has_room(self) -> bool:
        return self.is_group and not self.cancelled and self.places_taken < self.places


def make_card(
    member: Member, appointment_id: int, now: datetime, typed: Typed = NOTHING_TYPED
) -> Card:
    """
    Read an appointment; at most a dozen queries, however many come.

    :raises NotFound: if this practice has no such appointment
    """
    practice_id, zone = member.practice_id, member.practice.zone
    one = queries.appointment_brief(practice_id=practice_id, appointment_id=appointment_id)
    setting = _setting(member, one, now, typed)
    standings = standings_of(
        practice_id=practice_id, holder_ids={who.payer_id for who in one.attendees}
    )
    local = one.starts_at.astimezone(zone)
    practitioners = queries.practitioners_of(practice_id=practice_id)
    return Card(
        id=one.id,
        url=reverse("appointment", args=[one.id]),
        name=name_of(one),
        kind="" if one.is_group else one.type_name,
        hue=one.hue,
        state=state_of(one),
        practitioner=one.practitioner_name,
        location=one.location_name,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        minutes=int((one.ends_at - one.starts_at).total_seconds() // 60),
        day=local.date(),
        time=local.time(),
        day_url=day_url(local.date(), one.id),
        notes=one.notes,
        is_group=one.is_group,
        places=one.max_attendees,
        places_taken=len(one.coming),
        attendees=tuple(
            attendee_card(setting, who, standings[who.payer_id]) for who in one.attendees
        ),
        later_count=_later(one, practice_id),
        again_url=_again_url(one),
        practitioners=tuple(
            Option(value=str(who.id), word=who.name, chosen=who.id == one.practitioner_id)
            for who in practitioners
        ),
        reasons=tuple(Option(value=value, word=str(word)) for value, word in CancelReason.choices),
        cancelled=one.cancelled,
        cancel_ask=setting.ask(one.attendees, "cancel", one.id),
        ahead=local.date() > member.practice.day_of(now),
        may_edit=member.may("appointments.edit"),
        may_pay=member.may("payments.take"),
    )


def _setting(member: Member, one: AppointmentBrief, now: datetime, typed: Typed) -> Setting:
    return Setting(
        member=member,
        one=one,
        settled=settled_by(member, [one], now),
        stakes=stakes_of(member.practice, [who.id for who in one.attendees]),
        now=now,
        typed=typed,
    )


def _later(one: AppointmentBrief, practice_id: int) -> int:
    """Booked visits of the series after this one."""
    if one.series_id is None:
        return 0
    found = queries.later_in_series(
        practice_id=practice_id, series_id=one.series_id, since=one.starts_at
    )
    return found if one.cancelled else max(found - 1, 0)


def _again_url(one: AppointmentBrief) -> str:
    return f"{reverse('appointment_new')}?{urlencode({'again': one.id})}"
