"""Times of the pages that the front desk lives in."""

from __future__ import annotations

import re
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from bench_parts.cycle import Prepared
from bench_parts.measure import line

TIMES = 30


def run(base: str, prepared: Prepared) -> None:
    """Sign in as the demo's owner and open each page some times."""
    from creditwell.config.demo import EMAIL, PASSWORD

    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{base}/sign-in/").read().decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, "the sign-in page has a form"
    form = {"csrfmiddlewaretoken": found[1], "login": EMAIL, "password": PASSWORD}
    sign_in = urllib.request.Request(  # noqa: S310
        f"{base}/sign-in/",
        data=urllib.parse.urlencode(form).encode(),
        headers={"Referer": f"{base}/sign-in/"},
    )
    browser.open(sign_in).read()
    patient_id = prepared.patient_ids[0]
    from django.urls import reverse

    for name, path in (
        ("Calendar, today", reverse("calendar")),
        ("Calendar, week", reverse("calendar") + "?view=week"),
        ("Patients", reverse("patients")),
        ("Patient", reverse("patient", args=[patient_id])),
        ("Payment form", f"{reverse('payment_new')}?patient={patient_id}"),
        ("Payments", reverse("payments")),
        ("Invoices", reverse("invoices")),
    ):
        took, size = [], 0
        for n in range(TIMES + 3):
            before = time.perf_counter()
            with browser.open(base + path) as answer:
                size = len(answer.read())
                assert answer.url.startswith(base + path.split("?")[0]), "signed in"
            if n >= 3:
                took.append(time.perf_counter() - before)
        print(line(name, "", took) + f"{size / 1024:7.0f}", flush=True)
