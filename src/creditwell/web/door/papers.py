"""Documents on their way out."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def pdf_answer(name: str, content: bytes) -> HttpResponse:
    """A PDF that the browser shows, and saves under its name (whatever characters that has)."""
    answer = HttpResponse(content, content_type="application/pdf")
    place = content_disposition_header(as_attachment=False, filename=name)
    answer.headers["Content-Disposition"] = place or "inline"
    return answer
