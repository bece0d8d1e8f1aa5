"""Pages of packages on offer, and of their sale."""

from __future__ import annotations

from django.urls import path

from creditwell.web.packages import products, selling, visit

urlpatterns = [
    path("packages/products/", products.package_products, name="package_products"),
    path("packages/products/new/", products.package_product_new, name="package_product_new"),
    path("packages/products/<int:pk>/", products.package_product, name="package_product"),
    path(
        "packages/products/<int:pk>/edit/",
        products.package_product_edit,
        name="package_product_edit",
    ),
    path(
        "packages/products/<int:pk>/archive/",
        products.package_product_archive,
        name="package_product_archive",
    ),
    path(
        "packages/products/<int:pk>/restore/",
        products.package_product_restore,
        name="package_product_restore",
    ),
    path("patients/<int:pk>/packages/sell/", selling.package_sell, name="package_sell"),
    path(
        "appointments/attendees/<int:pk>/sell-package/",
        visit.visit_sell_package,
        name="visit_sell_package",
    ),
]
