"""Pages of what a package is worth: refund, conversion, expiry, swap, upgrade."""

from __future__ import annotations

from django.urls import path

from creditwell.web.packages import expiring, give_back, swap, upgrade

urlpatterns = [
    path("packages/<int:pk>/refund/", give_back.package_refund, name="package_refund"),
    path("packages/<int:pk>/convert/", give_back.package_convert, name="package_convert"),
    path("packages/<int:pk>/grace/", expiring.package_grace, name="package_grace"),
    path("packages/expiring/", expiring.packages_expiring, name="packages_expiring"),
    path("packages/<int:pk>/swap/", swap.package_swap, name="package_swap"),
    path("packages/<int:pk>/upgrade/", upgrade.package_upgrade, name="package_upgrade"),
]
