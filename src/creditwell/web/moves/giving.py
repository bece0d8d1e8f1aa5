"""Give credit: goodwill or an opening balance; its page, and taking it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from creditwell.audit.queries import notes_about
from creditwell.catalog.queries import categories
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.payments.models import Gift
from creditwell.payments.queries_transfer import gift_facts
from creditwell.people.queries import PatientFacts, patient_facts
from creditwell.tenancy.access import PracticeFacts, access
from creditwell.usecases.give_credit import GiveCredit, give_credit
from creditwell.usecases.take_back_gift import TakeBackGift, take_back_gift
from creditwell.web.components.fields import DayField, Form, MoneyField
from creditwell.web.components.formats import money_text
from creditwell.web.door.guard import door
from creditwell.web.door.links import page_link
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.quick import as_id
from creditwell.web.payments.typed import new_key

USUAL, NEVER, ON = "usual", "never", "on"


class GiftForm(Form):
    """What kind, how much, why, and how long it lasts."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            ("goodwill", _("Goodwill: a present of the practice; it is never paid out")),
            ("opening", _("Opening balance: paid before you kept your books here; refundable")),
        ],
        widget=forms.RadioSelect,
        initial="goodwill",
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_(
            "It stays with the credit: “Cancelled by us on 3 May”, “Balance from Cliniko”."
        ),
    )
    on = DayField(label=_("Given on"))
    lasts = forms.ChoiceField(
        label=_("It expires"),
        choices=[
            (USUAL, _("As the practice’s settings say")),
            (NEVER, _("Never")),
            (ON, _("After this day:")),
        ],
        widget=forms.RadioSelect,
        initial=USUAL,
    )
    expires_on = DayField(label=_("Last day"), required=False)
    category = forms.ChoiceField(label=_("It pays for"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)

    def __init__(self, *args: Any, practice: PracticeFacts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = MoneyField(practice.currency, label=_("Amount"))
        self.fields["amount"].widget.attrs.setdefault("class", "in")
        rows = categories(practice.id)
        self.fields["category"].choices = [  # type: ignore[attr-defined]
            ("", _("Anything")),
            *((str(row.id), row.name) for row in rows),
        ]

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        if data.get("lasts") == ON and not data.get("expires_on"):
            self.add_error("expires_on", gettext("Enter the last day on which it can be used."))
        return data

    def refuse(self, refusal: Refusal) -> None:
        names = {"date": "on", "expires": "expires_on"}
        name = names.get(refusal.param, refusal.param)
        self.add_error(name if name in self.fields else None, refusal.sentence)


@door("credit.give")
def gift_new(request: PracticeRequest) -> HttpResponse:
    """Give a patient credit."""
    practice, now = request.practice, timezone.now()
    patient_id = as_id(request.GET.get("patient", ""))
    if patient_id is None:
        raise NotFound(gettext("Choose the patient first: credit is given on their page."))
    patient = patient_facts(practice_id=practice.id, patient_id=patient_id)
    initial = {"on": practice.day_of(now), "key": new_key()}
    form = GiftForm(request.POST or None, initial=initial, practice=practice)
    if request.method == "POST" and form.is_valid():
        try:
            given = give_credit(_command(request, patient, form.cleaned_data), now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            sentence = gettext("%(sum)s of credit given to %(name)s.")
            total = money_text(form.cleaned_data["amount"])
            messages.success(request, sentence % {"sum": total, "name": patient.name})
            return redirect("gift", given.gift_id)
    context = {
        "form": form,
        "patient": patient,
        "patient_url": page_link("patient", patient.id),
        "lasts": _lasts(practice),
    }
    return render(request, "moves/gift_new.html", context, status=422 if form.is_bound else 200)


def _command(request: PracticeRequest, patient: PatientFacts, data: dict[str, Any]) -> GiveCredit:
    return GiveCredit(
        practice_id=request.practice.id,
        key=data["key"],
        by=request.member.actor,
        payer_id=patient.payer_id,
        kind=data["kind"],
        amount_minor=data["amount"].minor,
        reason=data["reason"],
        on=data["on"],
        expires_on=data["expires_on"] if data["lasts"] == ON else None,
        never_expires=data["lasts"] == NEVER,
        category_id=int(data["category"]) if data["category"] else None,
    )


def _lasts(practice: PracticeFacts) -> str:
    """What the settings say, for both kinds."""

    def months(count: int | None) -> str:
        if count is None:
            return gettext("does not expire")
        return ngettext("lasts %(count)s month", "lasts %(count)s months", count) % {"count": count}

    return gettext("By your settings goodwill %(goodwill)s, and an opening balance %(paid)s.") % {
        "goodwill": months(practice.goodwill_lasts_months),
        "paid": months(practice.credit_lasts_months),
    }


@require_GET
@door("payments.view")
def gift(request: PracticeRequest, pk: int) -> HttpResponse:
    """The page of given credit."""
    return _show(request, pk)


@require_POST
@door("credit.give")
def gift_take_back(request: PracticeRequest, pk: int) -> HttpResponse:
    """Take it back while nothing of it is used."""
    member = request.member
    access(Gift, member, pk, "credit.give")
    try:
        take_back_gift(
            TakeBackGift(
                practice_id=member.practice_id,
                key=request.POST.get("key", "")[:80],
                by=member.actor,
                gift_id=pk,
                reason=request.POST.get("reason", "")[:200],
            ),
            timezone.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(request, pk, refused=refusal.sentence)
    messages.success(request, gettext("Taken back."))
    return redirect("gift", pk)


def _show(request: PracticeRequest, pk: int, *, refused: str = "") -> HttpResponse:
    facts = gift_facts(request.practice, pk)
    may = request.member.may("credit.give") and facts.taken_back_on is None
    patient = facts.to.patient_id
    back = [
        note
        for note in notes_about(practice_id=request.practice.id, subjects=[("gift", pk)])
        if note.action == "take_back_gift"
    ]
    context = {
        "gift": facts,
        "back": back[0] if back else None,
        "whole": facts.left == facts.total,
        "patient_url": page_link("patient", patient) if patient else "",
        "explain_url": page_link("credit_explain", patient) if patient else "",
        "take_back_url": page_link("gift_take_back", pk) if may else "",
        "extend_url": page_link("lot_extend", facts.lot_id)
        if facts.expires_on and request.member.may("credit.extend")
        else "",
        "refused": refused,
        "key": new_key(),
    }
    return render(request, "moves/gift.html", context, status=422 if refused else 200)
