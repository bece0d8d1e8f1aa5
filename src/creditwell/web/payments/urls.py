"""Pages of payments, receipts and refunds."""

from __future__ import annotations

from django.urls import path

from creditwell.web.payments import acts, payers, receipts, refund_requests, refunds, taking, views

urlpatterns = [
    path("", views.payments, name="payments"),
    path("export.csv", views.payments_csv, name="payments_csv"),
    path("new/", taking.payment_new, name="payment_new"),
    path("sheet/", taking.payment_sheet, name="payment_sheet"),
    path("payers/", payers.payer_search, name="payer_search"),
    path("refunds/new/", refunds.refund_new, name="refund_new"),
    path("refunds/sums/", refunds.refund_sums, name="refund_sums"),
    path("refunds/requests/<int:pk>/", refund_requests.refund_request, name="refund_request"),
    path(
        "refunds/requests/<int:pk>/approve/", refund_requests.refund_approve, name="refund_approve"
    ),
    path(
        "refunds/requests/<int:pk>/decline/", refund_requests.refund_decline, name="refund_decline"
    ),
    path(
        "refunds/requests/<int:pk>/withdraw/",
        refund_requests.refund_withdraw,
        name="refund_withdraw",
    ),
    path("refunds/<int:pk>/", refunds.refund, name="refund"),
    path("<int:pk>/", receipts.payment, name="payment"),
    path("<int:pk>/pdf/", receipts.receipt_pdf, name="receipt_pdf"),
    path("<int:pk>/edit/", taking.payment_edit, name="payment_edit"),
    path("<int:pk>/void/", acts.payment_void, name="payment_void"),
    path("<int:pk>/dishonour/", acts.payment_dishonour, name="payment_dishonour"),
    path("<int:pk>/apply/", receipts.payment_apply, name="payment_apply"),
    path("<int:pk>/email/", acts.receipt_email, name="receipt_email"),
    path("<int:pk>/take-back/<int:allocation>/", acts.payment_take_back, name="payment_take_back"),
]
