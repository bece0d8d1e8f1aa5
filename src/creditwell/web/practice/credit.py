"""Settings of account credit: how long it lasts, and what becomes of it then."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from creditwell.kernel.errors import Refusal
from creditwell.money.money import Money
from creditwell.tenancy.access import PracticeFacts
from creditwell.tenancy.countries import CreditLaw, credit_law
from creditwell.tenancy.models import ExpiredCredit
from creditwell.usecases.set_credit_rules import (
    LONGEST_MONTHS,
    LONGEST_NOTICE,
    SetCreditRules,
    set_credit_rules,
)
from creditwell.web.components.fields import MoneyField
from creditwell.web.components.meanwhile import EditForm
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest


def _months(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=LONGEST_MONTHS,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )


class CreditForm(EditForm):
    """Months by kind, notice, where expired credit goes, the amount below which it is low."""

    credit_lasts_months = _months(_("Paid credit lasts"))
    voucher_lasts_months = _months(_("Gift vouchers last"))
    goodwill_lasts_months = _months(_("Goodwill lasts"))
    expiry_notice_days = forms.IntegerField(
        label=_("Tell the patient before"),
        min_value=0,
        max_value=LONGEST_NOTICE,
        widget=forms.TextInput({"inputmode": "numeric"}),
        help_text=_("0 tells nobody."),
    )
    expired_credit_into = forms.ChoiceField(
        label=_("Expired credit becomes"),
        choices=ExpiredCredit.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Ask your accountant: in some countries money that nobody claims goes to the state. "
            "Goodwill that expires was never paid, so it only undoes its own expense."
        ),
    )

    def __init__(self, *args: Any, practice: PracticeFacts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        low = practice.low_credit_minor
        self.fields["low_credit"] = MoneyField(
            practice.currency,
            label=_("Credit is low below"),
            required=False,
            help_text=_("The patient is told once when credit falls below it. Empty: never."),
            initial=None if low is None else Money(low, practice.currency),
        )
        self.fields["low_credit"].widget.attrs.setdefault("class", "in")
        self.guard()

    def rules(self) -> dict[str, Any]:
        """The rules as the use case takes them."""
        data = dict(self.cleaned_data)
        low = data.pop("low_credit")
        return {**data, "low_credit_minor": low.minor if low else None}

    def refuse(self, refusal: Refusal) -> None:
        if refusal.param == "low_credit_minor":
            self.add_error("low_credit", refusal.sentence)
        else:
            super().refuse(refusal)


@door("settings.edit")
def credit(request: PracticeRequest) -> HttpResponse:
    """How long credit lasts, by kind."""
    practice = request.practice
    names = CreditForm.base_fields
    initial = {name: getattr(practice, name) for name in names}
    form = CreditForm(request.POST or None, initial=initial, practice=practice)
    if request.method == "POST" and form.is_valid():
        command = SetCreditRules(practice_id=practice.id, by=request.member.actor, **form.rules())
        try:
            set_credit_rules(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, gettext("Settings saved."))
            return redirect("settings_credit")
    context = {"form": form, "law": law_sentence(credit_law(practice.country))}
    return render(request, "practice/credit.html", context, status=422 if form.is_bound else 200)


def law_sentence(law: CreditLaw) -> str:
    """What the law of the country asks, in words; "" where no minimum is known."""
    if not law.law:
        return ""
    if law.months is None:
        return gettext("Here credit that was paid for may not expire (%(law)s).") % {"law": law.law}
    return ngettext(
        "Here credit that was paid for lasts at least %(count)s month (%(law)s).",
        "Here credit that was paid for lasts at least %(count)s months (%(law)s).",
        law.months,
    ) % {"count": law.months, "law": law.law}
