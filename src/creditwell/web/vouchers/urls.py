"""Pages of gift vouchers: the list, the sale, one voucher, redeeming."""

from __future__ import annotations

from django.urls import path

from creditwell.web.vouchers import acts, redeeming, selling, views

urlpatterns = [
    path("", views.vouchers, name="vouchers"),
    path("new/", selling.voucher_new, name="voucher_new"),
    path("sheet/", selling.voucher_sheet, name="voucher_sheet"),
    path("redeem/", redeeming.voucher_redeem, name="voucher_redeem"),
    path("<int:pk>/", views.voucher, name="voucher"),
    path("<int:pk>/disable/", acts.voucher_disable, name="voucher_disable"),
    path("<int:pk>/enable/", acts.voucher_enable, name="voucher_enable"),
    path("<int:pk>/refund/", acts.voucher_refund, name="voucher_refund"),
]
