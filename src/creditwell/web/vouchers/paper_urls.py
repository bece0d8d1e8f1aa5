"""Paper and mail of gift vouchers."""

from __future__ import annotations

from django.urls import path

from creditwell.web.vouchers import papers

urlpatterns = [
    path("<int:pk>/pdf/", papers.voucher_pdf, name="voucher_pdf"),
    path("<int:pk>/email/", papers.voucher_email, name="voucher_email"),
]
