"""Pages of what was written to whom."""

from __future__ import annotations

from django.urls import path

from creditwell.web.messages import views, words

urlpatterns = [
    path("", views.message_list, name="messages"),
    path("words/", words.words_list, name="message_words"),
    path("words/<slug:kind>/", words.words_edit, name="message_words_edit"),
    path("<int:pk>/", views.message, name="message"),
    path("<int:pk>/document/", views.message_document, name="message_document"),
    path("<int:pk>/again/", views.message_again, name="message_again"),
]
