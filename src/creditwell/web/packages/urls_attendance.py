"""Pages of attendance receipts."""

from __future__ import annotations

from django.urls import path

from creditwell.web.packages import attendance

urlpatterns = [
    path("<int:pk>/receipt/", attendance.attendance_receipt, name="attendance_receipt"),
    path("<int:pk>/receipt/pdf/", attendance.attendance_receipt_pdf, name="attendance_receipt_pdf"),
    path(
        "<int:pk>/receipt/email/",
        attendance.attendance_receipt_email,
        name="attendance_receipt_email",
    ),
]
