"""Settings of refunds: how much one person may give back alone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.tenancy.queries_limits import practice_limits
from creditwell.usecases.set_refund_limits import SetRefundLimits, set_refund_limits
from creditwell.web.components.fields import Form, MoneyField
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest


class RefundsForm(Form):
    """Two amounts; empty is no limit."""

    def __init__(
        self, *args: Any, currency: str, limits: tuple[int | None, int | None], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        words = (
            (
                "alone",
                _("Receptionists refund alone up to"),
                _("More than this waits for an owner or bookkeeper. Empty: no limit."),
            ),
            (
                "two",
                _("Two people for refunds above"),
                _("Whoever asks: somebody else has to approve. Empty: never."),
            ),
        )
        for (name, label, help_text), minor in zip(words, limits, strict=True):
            self.fields[name] = MoneyField(
                currency,
                label=label,
                required=False,
                help_text=help_text,
                initial=None if minor is None else Money(minor, currency),
            )
            self.fields[name].widget.attrs.setdefault("class", "in")

    def minor(self, name: str) -> int | None:
        amount = self.cleaned_data[name]
        return None if amount is None else amount.minor


@door("settings.edit")
def refunds(request: PracticeRequest) -> HttpResponse:
    """Up to which amounts money goes back without a second person."""
    practice = request.practice
    form = RefundsForm(
        request.POST or None, currency=practice.currency, limits=practice_limits(practice.id)
    )
    if request.method == "POST" and form.is_valid():
        command = SetRefundLimits(
            practice_id=practice.id,
            by=request.member.actor,
            receptionist_refunds_up_to_minor=form.minor("alone"),
            refunds_need_two_above_minor=form.minor("two"),
        )
        try:
            set_refund_limits(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, gettext("Settings saved."))
            return redirect("settings_refunds")
    status = 422 if form.is_bound else 200
    return render(request, "practice/refunds.html", {"form": form}, status=status)
