"""The letter that an attendance receipt goes with. What was treated stands in the PDF alone."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from creditwell.integrations.email.kinds._shape import FROM, HELLO, NAME, PRACTICE, Gap, Kind

CLAIM = _("You can hand it in where you claim for your visits.")

ATTENDANCE = Kind(
    name="attendance",
    word=_("Attendance receipt"),
    when=_("When somebody sends the receipt of a visit that a package covered."),
    gaps=(
        NAME,
        PRACTICE,
        Gap("day", _("The day of the visit")),
        Gap("session", _("Which session of how many it was: 2 of 5"), always=False),
        Gap("amount", _("What of the package the visit used"), amount=True),
        Gap("left", _("What is left of the package: sessions, minutes or an amount"), always=False),
    ),
    subject=_("Attendance receipt from {practice}"),
    body=(
        HELLO,
        _("The receipt for your visit on {day} is attached."),
        _("It was session {session} of your package."),
        _("Still free: {left}."),
        CLAIM,
        FROM,
    ),
)
