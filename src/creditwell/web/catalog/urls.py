"""Pages of what is sold and how it is paid."""

from __future__ import annotations

from django.urls import path

from creditwell.web.catalog import items, views

urlpatterns = [
    path("items/", items.items, name="items"),
    path("items/new/", items.item_new, name="item_new"),
    path("items/<int:pk>/", items.item, name="item"),
    path("items/<int:pk>/archive/", items.item_archive, name="item_archive"),
    path("items/<int:pk>/restore/", items.item_restore, name="item_restore"),
    path("settings/taxes/", views.taxes, name="catalog_taxes"),
    path("settings/taxes/new/", views.tax_new, name="catalog_taxes_new"),
    path("settings/taxes/<int:pk>/", views.tax_edit, name="catalog_taxes_edit"),
    path("settings/taxes/<int:pk>/archive/", views.tax_archive, name="catalog_taxes_archive"),
    path("settings/taxes/<int:pk>/restore/", views.tax_restore, name="catalog_taxes_restore"),
    path("settings/sources/", views.sources, name="catalog_sources"),
    path("settings/sources/new/", views.source_new, name="catalog_sources_new"),
    path("settings/sources/<int:pk>/", views.source_edit, name="catalog_sources_edit"),
    path("settings/sources/<int:pk>/move/", views.source_move, name="catalog_sources_move"),
    path(
        "settings/sources/<int:pk>/archive/", views.source_archive, name="catalog_sources_archive"
    ),
    path(
        "settings/sources/<int:pk>/restore/", views.source_restore, name="catalog_sources_restore"
    ),
    path("settings/concessions/", views.concessions, name="catalog_concessions"),
    path("settings/concessions/new/", views.concession_new, name="catalog_concessions_new"),
    path("settings/concessions/<int:pk>/", views.concession_edit, name="catalog_concessions_edit"),
    path(
        "settings/concessions/<int:pk>/archive/",
        views.concession_archive,
        name="catalog_concessions_archive",
    ),
    path(
        "settings/concessions/<int:pk>/restore/",
        views.concession_restore,
        name="catalog_concessions_restore",
    ),
    path("settings/categories/", views.categories, name="catalog_categories"),
    path("settings/categories/new/", views.category_new, name="catalog_categories_new"),
    path("settings/categories/<int:pk>/", views.category_edit, name="catalog_categories_edit"),
    path(
        "settings/categories/<int:pk>/remove/",
        views.category_remove,
        name="catalog_categories_remove",
    ),
]
