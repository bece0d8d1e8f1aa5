"""Read and lay out the calendar: columns with appointments, time off and hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditwell.scheduling import queries
from creditwell.scheduling.queries import (
    AppointmentBrief,
    BlockBrief,
    DayFrame,
    HoursBrief,
    LocationBrief,
    PractitionerBrief,
)
from creditwell.scheduling.rules import Stretch, at_work, midnight
from creditwell.tenancy.access import Member
from creditwell.web.calendar import grid
from creditwell.web.calendar.asked import ALL, Asked
from creditwell.web.calendar.items import Item, make_item, settled_by
from creditwell.web.calendar.shapes import (
    Board,
    Choice,
    Column,
    MatrixCell,
    MatrixRow,
    Off,
)
from creditwell.web.components import formats


def make_board(member: Member, asked: Asked, now: datetime) -> Board:
    """Read and lay out what is asked for; at most nine queries, whatever the clinic's size."""
    return _Maker(member, asked, now).board()


class _Maker:
    """Holds what was read while a board is put together."""

    def __init__(self, member: Member, asked: Asked, now: datetime) -> None:
        self.member, self.practice, self.now = member, member.practice, now
        practice_id = member.practice_id
        self.frame: DayFrame = queries.day_frame(practice_id=practice_id)
        self.everybody = queries.practitioners_of(practice_id=practice_id, archived=True)
        self.locations = queries.locations_of(practice_id=practice_id)
        self.hours = queries.hours_of(practice_id=practice_id)
        self.asked = self._with_practitioner(asked)
        self.days = self._days()
        since = midnight(self.days[0], self.practice.zone)
        until = midnight(self.days[-1] + timedelta(days=1), self.practice.zone)
        who = self.asked.practitioner_id or None
        self.appointments = queries.appointments_between(
            practice_id=practice_id,
            since=since,
            until=until,
            practitioner_id=who,
            location_id=self.asked.location_id,
        )
        self.blocks: Sequence[BlockBrief] = (
            ()
            if self.is_list
            else queries.blocks_between(
                practice_id=practice_id, since=since, until=until, practitioner_id=who
            )
        )
        self.settled = settled_by(member, self.appointments, now)

    @property
    def is_list(self) -> bool:
        return self.asked.view == "list"

    @property
    def is_week(self) -> bool:
        return self.asked.view == "week"

    def _with_practitioner(self, asked: Asked) -> Asked:
        """A week is one practitioner's: one's own, the only one, or all when nobody is meant."""
        if asked.view != "week" or asked.practitioner_id is not None:
            return asked
        active = [one for one in self.everybody if not one.archived]
        own = [one for one in active if one.user_id == self.member.user_id and one.user_id]
        chosen = own or (active if len(active) == 1 else [])
        return Asked(
            view=asked.view,
            day=asked.day,
            today=asked.today,
            location_id=asked.location_id,
            practitioner_id=chosen[0].id if chosen else ALL,
            show_id=asked.show_id,
        )

    def _days(self) -> list[date]:
        if not self.is_week:
            return [self.asked.day]
        return grid.week_of(self.asked.day, self.frame.week_starts_on)

    def board(self) -> Board:
        columns, matrix, shown = self._layout()
        title, strong = self._title()
        step = 7 if self.is_week else 1
        asked = self.asked
        now_minute = grid.clock_minutes(self.now, asked.today, self.practice.zone)
        inside = asked.today in self.days and shown.opens <= now_minute < shown.closes
        return Board(
            asked=asked,
            title=title,
            title_strong=strong,
            summary=self._summary(),
            previous_url=asked.step(-step),
            next_url=asked.step(step),
            today_url=asked.at(day=asked.today),
            previous_word=_("Previous week") if self.is_week else _("Previous day"),
            next_word=_("Next week") if self.is_week else _("Next day"),
            views=self._views(),
            locations=self._location_choices(),
            practitioners=self._practitioner_choices(),
            hours=tuple((hour_text(at), row) for at, row in shown.labels),
            hour_count=shown.hours,
            opens=shown.opens,
            now_row=shown.row(now_minute) if inside else 0,
            now_minute=now_minute if inside else 0,
            columns=columns,
            days=tuple(
                (day, day == asked.today, asked.at(day=day, view="day", practitioner_id=None))
                for day in self.days
            ),
            matrix=matrix,
            items=tuple(self._items_by_time()) if self.is_list else (),
            new_url=self._book_url(asked.practitioner_id or None, asked.day),
            may_edit=self.member.may("appointments.edit"),
        )

    # ---------- what the grid consists of ----------

    def _layout(self) -> tuple[tuple[Column, ...], tuple[MatrixRow, ...], grid.Window]:
        shown = grid.window(self.frame.opens_at, self.frame.closes_at, self._spans())
        if self.is_list:
            return (), (), shown
        if self.is_week and self.asked.practitioner_id == ALL:
            self.days = self._busy_days()
            return (), tuple(self._matrix_row(one, shown) for one in self._present()), shown
        if self.is_week:
            person = [one for one in self.everybody if one.id == self.asked.practitioner_id]
            self.days = self._busy_days()
            pairs = [(one, day) for one in person for day in self.days]
        else:
            pairs = [(one, self.asked.day) for one in self._present()]
        return tuple(self._column(one, day, shown) for one, day in pairs), (), shown

    def _spans(self) -> Iterable[tuple[int, int]]:
        for one in self.appointments:
            for day in self._days_of(one):
                yield grid.span_of(Stretch(one.starts_at, one.ends_at), day, self.practice.zone)

    def _days_of(self, one: AppointmentBrief) -> list[date]:
        """The days shown that an appointment is on; nearly always one."""
        first, last = (self.practice.day_of(m) for m in (one.starts_at, one.ends_at))
        ends_at_midnight = one.ends_at == midnight(last, self.practice.zone)
        return [
            day
            for day in self.days
            if first <= day <= last and not (day == last and ends_at_midnight)
        ]

    def _present(self) -> list[PractitionerBrief]:
        """Who works in the days shown, or has appointments in them; else everybody."""
        booked = {one.practitioner_id for one in self.appointments}
        here = [one for one in self.everybody if one.id in booked or self._works(one)]
        return here or [one for one in self.everybody if not one.archived]

    def _works(self, one: PractitionerBrief) -> bool:
        if one.archived:
            return False
        hours = self._hours_by_practitioner.get(one.id)
        if not hours:
            return True
        weekdays = {day.weekday() for day in self.days}
        return any(
            each.weekday in weekdays and self.asked.location_id in (None, each.location_id)
            for each in hours
        )

    @cached_property
    def _hours_by_practitioner(self) -> dict[int, list[HoursBrief]]:
        found: dict[int, list[HoursBrief]] = defaultdict(list)
        for one in self.hours:
            found[one.practitioner_id].append(one)
        return dict(found)

    def _busy_days(self) -> list[date]:
        """Days of the week without the weekend that nobody works on."""
        booked = {day for _who, day in self._booked}
        who = {one.id for one in self._present()}
        if self.asked.practitioner_id:
            who = {self.asked.practitioner_id}
        hours = [one for one in self.hours if one.practitioner_id in who]
        weekdays = {one.weekday for one in hours} or set(range(7))
        return [day for day in self.days if day.weekday() in weekdays or day in booked] or self.days

    def _column(self, who: PractitionerBrief, day: date, shown: grid.Window) -> Column:
        mine = self._booked.get((who.id, day), [])
        title, subtitle = self._heading(who, day, sum(1 for one in mine if not one.cancelled))
        return Column(
            key=f"{who.id}-{day:%Y%m%d}",
            practitioner_id=who.id,
            day=day,
            title=title,
            subtitle=subtitle,
            hue=who.hue,
            initials=who.name,
            is_today=day == self.asked.today,
            book_url=self._book_url(who.id, day),
            items=tuple(self._placed(mine, day, shown)),
            off=tuple(self._off(who, day, shown)),
            url=self.asked.at(
                view="day" if self.is_week else "week",
                day=day,
                practitioner_id=None if self.is_week else who.id,
            ),
        )

    def _heading(self, who: PractitionerBrief, day: date, count: int) -> tuple[str, str]:
        booked = ngettext("%(count)s booked", "%(count)s booked", count) % {"count": count}
        if self.is_week:
            return formats.day_short_text(day), booked
        return who.name, f"{booked} · {who.profession}" if who.profession else booked

    @cached_property
    def _booked(self) -> dict[tuple[int, date], list[AppointmentBrief]]:
        """Appointments by practitioner and day."""
        found: dict[tuple[int, date], list[AppointmentBrief]] = defaultdict(list)
        for one in self.appointments:
            for day in self._days_of(one):
                found[one.practitioner_id, day].append(one)
        return dict(found)

    def _placed(
        self, appointments: Sequence[AppointmentBrief], day: date, shown: grid.Window
    ) -> Iterable[Item]:
        zone = self.practice.zone
        spans = [
            grid.span_of(Stretch(one.starts_at, one.ends_at), day, zone) for one in appointments
        ]
        for one, span, lane in zip(appointments, spans, grid.lanes(spans), strict=True):
            yield make_item(self.practice, one, grid.place(shown, span, lane), self.settled)

    def _off(self, who: PractitionerBrief, day: date, shown: grid.Window) -> Iterable[Off]:
        zone = self.practice.zone
        hours = self._hours_by_practitioner.get(who.id)
        if hours:
            here = [
                one.weekly for one in hours if self.asked.location_id in (None, one.location_id)
            ]
            working = [grid.span_of(part, day, zone) for part in at_work(day, here, zone)]
            for gap in grid.gaps(shown, working):
                yield Off(place=grid.place(shown, gap))
        for block in self.blocks:
            if block.practitioner_id != who.id:
                continue
            start, end = (
                grid.clock_minutes(moment, day, zone) for moment in (block.starts_at, block.ends_at)
            )
            start, end = max(start, shown.opens), min(end, shown.closes)
            if start < end:
                reason = block.reason or _("Time off")
                yield Off(place=grid.place(shown, (start, end)), reason=reason)

    def _matrix_row(self, who: PractitionerBrief, shown: grid.Window) -> MatrixRow:
        return MatrixRow(
            id=who.id,
            name=who.name,
            profession=who.profession,
            hue=who.hue,
            url=self.asked.at(practitioner_id=who.id),
            cells=tuple(
                MatrixCell(
                    day=day,
                    book_url=self._book_url(who.id, day),
                    items=tuple(self._placed(self._booked.get((who.id, day), []), day, shown)),
                )
                for day in self.days
            ),
        )

    def _items_by_time(self) -> Iterable[Item]:
        nowhere = grid.Place(1, 1)
        for one in self.appointments:
            yield make_item(self.practice, one, nowhere, self.settled)

    # ---------- words and links around it ----------

    def _title(self) -> tuple[str, str]:
        if not self.is_week:
            return formats.weekday_text(self.asked.day), self._day_month(self.asked.day)
        days = grid.week_of(self.asked.day, self.frame.week_starts_on)
        return _("Week of"), self._day_month(days[0])

    def _day_month(self, day: date) -> str:
        return formats.day_month_text(day, year=day.year != self.asked.today.year)

    def _summary(self) -> str:
        """12 booked · 1 cancelled · $640.45 to collect."""
        live = sum(1 for one in self.appointments if not one.cancelled)
        cancelled = len(self.appointments) - live
        owing = sum(invoice.owing_minor for invoice in self.settled.invoices.values())
        parts = [ngettext("%(count)s booked", "%(count)s booked", live) % {"count": live}]
        if cancelled:
            parts.append(_("%(count)s cancelled") % {"count": cancelled})
        if owing:
            sum_text = formats.money_text(self.practice.money(owing))
            parts.append(_("%(sum)s to collect") % {"sum": sum_text})
        return " · ".join(parts)

    def _views(self) -> tuple[Choice, ...]:
        words = {"day": _("Day"), "week": _("Week"), "list": _("List")}
        return tuple(
            Choice(
                word=word,
                url=self.asked.at(view=view, practitioner_id=None),
                here=view == self.asked.view,
            )
            for view, word in words.items()
        )

    def _location_choices(self) -> tuple[Choice, ...]:
        if len(self.locations) < 2:
            return ()
        every: list[LocationBrief | None] = [None, *self.locations]
        return tuple(
            Choice(
                word=one.name if one else _("All locations"),
                url=self.asked.at(location_id=one.id if one else None),
                here=self.asked.location_id == (one.id if one else None),
            )
            for one in every
        )

    def _practitioner_choices(self) -> tuple[Choice, ...]:
        if not self.is_week:
            return ()
        active = [one for one in self.everybody if not one.archived]
        choices = [
            Choice(
                word=one.name,
                url=self.asked.at(practitioner_id=one.id),
                here=self.asked.practitioner_id == one.id,
            )
            for one in active
        ]
        everybody = Choice(
            word=_("Everybody"),
            url=self.asked.at(practitioner_id=ALL),
            here=self.asked.practitioner_id == ALL,
        )
        return (everybody, *choices) if len(active) > 1 else ()

    def _book_url(self, practitioner_id: int | None, day: date) -> str:
        asked = {
            "d": day.isoformat(),
            "practitioner": practitioner_id,
            "location": self.asked.location_id,
        }
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{reverse('appointment_new')}?{query}"


def hour_text(at: object) -> str:
    """9 am; the full time where hours are written in another way."""
    return formats.clock_text(at).replace(":00 ", " ")  # type: ignore[arg-type]
