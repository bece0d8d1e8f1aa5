"""A form that is about a patient, as payment and booking are, with nothing else in it."""

from __future__ import annotations

from django.http import HttpResponse
from django.template import engines
from django.urls import include, path
from django.utils import timezone

from creditwell.people.models import Patient
from creditwell.tenancy.access import access
from creditwell.web.door.guard import door
from creditwell.web.door.requests import PracticeRequest
from creditwell.web.patients.quick import QuickPatientForm, chosen_patient

PAGE = """{% extends "base.html" %}{% block title %}Host{% endblock %}{% block main %}
<div class="page narrow"><h1>Host</h1>{% if about %}<p id="about">{{ about }}</p>{% endif %}
<form method="post" class="stack" novalidate>{% csrf_token %}
<input type="hidden" name="key" value="host">
<c-patient-picker create="{% url 'patient_new' %}" />
<c-patient-quick :form="quick" picker="patient" />
<label for="amount">Amount</label><input class="in" id="amount" name="amount">
<button class="btn primary">Save</button></form></div>{% endblock %}"""


@door("payments.take")
def host(request: PracticeRequest) -> HttpResponse:
    """Say whom the form was about."""
    quick = QuickPatientForm(request.POST or None)
    about = ""
    if request.method == "POST":
        pk = chosen_patient(request, quick, key=request.POST.get("key", ""), now=timezone.now())
        if pk is not None:
            patient = access(Patient, request.member, pk, "patients.view")
            about = f"About {patient.first_name} {patient.last_name}, {patient.phone}"
    from django_cotton.compiler_regex import CottonCompiler

    template = engines["django"].from_string(CottonCompiler().process(PAGE))
    html = template.render({"quick": quick, "about": about}, request)
    return HttpResponse(html, status=200 if about or not quick.is_bound else 422)


urlpatterns = [
    path("host/", host, name="host"),
    path("", include("creditwell.config.urls")),
]
