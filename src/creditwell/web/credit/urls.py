"""Pages of account credit, under the address of the patient."""

from __future__ import annotations

from django.urls import path

from creditwell.web.credit import views

urlpatterns = [
    path("<int:pk>/credit/", views.credit_explain, name="credit_explain"),
    path("<int:pk>/statement/", views.statement, name="statement"),
    path("<int:pk>/statement/pdf/", views.statement_pdf, name="statement_pdf"),
    path("<int:pk>/statement/email/", views.statement_email, name="statement_email"),
]
