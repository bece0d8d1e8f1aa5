"""Pages of tasks."""

from __future__ import annotations

from django.urls import path

from creditwell.web.tasks import views

urlpatterns = [
    path("", views.tasks, name="tasks"),
    path("<int:pk>/done/", views.task_done, name="task_done"),
]
