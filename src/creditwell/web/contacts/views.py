"""Contacts: who pays or refers without being treated."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditwell.kernel.errors import Refusal
from creditwell.people.models import Contact
from creditwell.people.queries import contact_facts
from creditwell.tenancy.access import access
from creditwell.usecases.archive_contact import ArchiveContact, archive_contact
from creditwell.usecases.create_contact import CreateContact, create_contact
from creditwell.usecases.update_contact import UpdateContact, update_contact
from creditwell.web.contacts.account_page import contact_page
from creditwell.web.contacts.forms import ContactForm
from creditwell.web.contacts.list_page import list_page
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest


@require_GET
@door("patients.view")
def contacts(request: PracticeRequest) -> HttpResponse:
    """All contacts, those of one kind, archived ones, or found by what was typed."""
    page = list_page(
        request.member,
        show=request.GET.get("show", ""),
        text=request.GET.get("q", "").strip()[:80],
        number=request.GET.get("page", ""),
    )
    template = "contacts/list.html#rows" if request.htmx else "contacts/list.html"
    return render(request, template, {"page": page})


@require_GET
@door("patients.view")
def contact(request: PracticeRequest, pk: int) -> HttpResponse:
    """Who it is, what we hold for them, and who may draw on it."""
    return render(
        request, "contacts/contact.html", {"page": contact_page(request.member, pk, timezone.now())}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@door("patients.edit")
def contact_new(request: PracticeRequest) -> HttpResponse:
    """Create a contact."""
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        command = CreateContact(
            practice_id=request.member.practice_id,
            by=request.member.actor,
            details=form.details(),
        )
        try:
            created = create_contact(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Contact created."))
            return redirect("contact", created.contact_id)
    status = 422 if form.is_bound else 200
    return render(request, "contacts/form.html", {"form": form, "contact": None}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@door("patients.edit")
def contact_edit(request: PracticeRequest, pk: int) -> HttpResponse:
    """Change what is known of a contact."""
    contact = contact_facts(practice_id=request.member.practice_id, contact_id=pk)
    form = ContactForm(request.POST or None, contact=contact)
    if request.method == "POST" and form.is_valid():
        command = UpdateContact(
            practice_id=request.member.practice_id,
            by=request.member.actor,
            contact_id=pk,
            details=form.details(),
        )
        try:
            update_contact(command, timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Contact saved."))
            return redirect("contact", pk)
    status = 422 if form.is_bound else 200
    return render(request, "contacts/form.html", {"form": form, "contact": contact}, status=status)


@require_POST
@door("patients.edit")
def contact_archive(request: PracticeRequest, pk: int) -> HttpResponse:
    """Put a contact away, or bring it back (`restore`)."""
    access(Contact, request.member, pk, "patients.edit")
    archived = "restore" not in request.POST
    command = ArchiveContact(
        practice_id=request.member.practice_id,
        by=request.member.actor,
        contact_id=pk,
        archived=archived,
    )
    archive_contact(command, timezone.now())
    messages.success(request, _("Contact archived.") if archived else _("Contact restored."))
    return redirect("contact", pk) if "from-page" in request.POST else redirect("contacts")
