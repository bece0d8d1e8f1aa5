"""Pages of transfers, gifts and expiring credit."""

from __future__ import annotations

from django.urls import path

from creditwell.web.moves import expiring, giving, transfer_form, transfers

urlpatterns = [
    path("transfers/", transfers.transfers, name="transfers"),
    path("transfers/new/", transfer_form.transfer_new, name="transfer_new"),
    path("transfers/sums/", transfer_form.transfer_sums, name="transfer_sums"),
    path("transfers/<int:pk>/", transfers.transfer, name="transfer"),
    path("transfers/<int:pk>/undo/", transfers.transfer_undo, name="transfer_undo"),
    path("transfers/<int:pk>/email/", transfers.transfer_email, name="transfer_email"),
    path("transfers/<int:pk>/giver/pdf/", transfers.giver_pdf, name="transfer_giver_pdf"),
    path("transfers/<int:pk>/receiver/pdf/", transfers.receiver_pdf, name="transfer_receiver_pdf"),
    path("credit/give/", giving.gift_new, name="gift_new"),
    path("credit/gifts/<int:pk>/", giving.gift, name="gift"),
    path("credit/gifts/<int:pk>/take-back/", giving.gift_take_back, name="gift_take_back"),
    path("credit/expiring/", expiring.expiring, name="expiring"),
    path("credit/lots/<int:pk>/extend/", expiring.lot_extend, name="lot_extend"),
]
