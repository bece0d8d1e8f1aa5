"""Everything is killed while payments come in; every acknowledged payment is there, once."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import psycopg
import pytest

SETUP = """
from django.utils import timezone
from creditwell.tenancy.access import Actor
from creditwell.tenancy.models import User
from creditwell.tenancy.permissions import SCOPES
from creditwell.tenancy.tokens import api_token
from creditwell.catalog.models import PaymentSource
from creditwell.people.rules import PatientDetails
from creditwell.usecases.create_api_key import CreateApiKey, create_api_key
from creditwell.usecases.create_patient import CreatePatient, create_patient
from creditwell.usecases.create_practice import CreatePractice, create_practice
import json
now = timezone.now()
user = User.objects.create_user("owner@clinic.example", None, name="Owner")
by = Actor(user_id=user.pk)
made = create_practice(CreatePractice(owner_id=user.pk, name="Clinic", country="AU",
    location_name="Here", practitioner_name="Somebody"), now)
token = api_token(practice_id=made.practice_id, user_id=user.pk, key="test")
create_api_key(CreateApiKey(practice_id=made.practice_id, by=by, name="Test",
    scopes=tuple(SCOPES), token=token), now)
patients = [create_patient(CreatePatient(practice_id=made.practice_id, by=by, key="",
    details=PatientDetails(first_name=f"Pat{n}"), somebody_else=True), now) for n in range(4)]
source = PaymentSource.objects.filter(practice_id=made.practice_id)[0]
print(json.dumps([token.text, source.pk, [one.patient_id for one in patients]]))
"""


class Installation:
    """A Creditwell of its own, that can be killed."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.environ = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "CREDITWELL_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "creditwell.config.settings",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "CREDITWELL_API_PER_MINUTE": "0",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "creditwell", "serve", "--port", str(self.port)],
            env=self.environ,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            with suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            time.sleep(0.2)
        pytest.fail("The server is not ready after two minutes.")

    def ask(
        self, method: str, path: str, token: str = "", body: object = None, key: str = ""
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def database_url(self) -> str:
        code = "from creditwell.config.database import database\nwith database() as url: print(url)"
        return self.run("-c", code).stdout.strip().splitlines()[-1]

    def kill(self) -> None:
        """SIGKILL to the database's processes and to everything that we started, at once."""
        assert self.process is not None
        with psycopg.connect(self.database_url()) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None
        postmaster = int(Path(row[0], "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGKILL)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    found = Installation(folder)
    try:
        yield found
    finally:
        found.stop()


class Desk:
    """Clients who take payments until everything is killed, and remember what they were told."""

    def __init__(self, ours: Installation, token: str, source_id: int) -> None:
        self.ours, self.token, self.source_id = ours, token, source_id
        self.acknowledged: list[tuple[str, int]] = []
        self.unsure: list[tuple[str, int]] = []
        self.killed = Event()

    def pay(self, key: str, patient_id: int) -> int:
        part = {"payment_source_id": self.source_id, "amount_minor": 1000, "reference": key}
        body = {"patient_id": patient_id, "parts": [part], "allocate": []}
        return self.ours.ask("POST", "/api/v1/payments", self.token, body, key)[0]

    def keep_paying(self, patient_id: int) -> None:
        while not self.killed.is_set():
            asked = (str(uuid.uuid4()), patient_id)
            self.unsure.append(asked)
            with suppress(OSError, http.client.HTTPException):
                if self.pay(*asked) == 201:
                    self.unsure.remove(asked)
                    self.acknowledged.append(asked)

    def work_until_killed(self, patient_ids: list[int]) -> None:
        with ThreadPoolExecutor(len(patient_ids)) as pool:
            clients = [pool.submit(self.keep_paying, patient_id) for patient_id in patient_ids]
            end = time.monotonic() + 60
            while len(self.acknowledged) <= 60 and time.monotonic() < end:
                time.sleep(0.05)
            self.ours.kill()
            self.killed.set()
            for client in clients:
                client.result()


def test_every_acknowledged_payment_is_there_once(tmp_path: Path) -> None:
    with installation(tmp_path / "data") as ours:
        ours.start()
        made = subprocess.run(
            [sys.executable, "-c", "import django; django.setup()\n" + SETUP],
            env={**ours.environ, "DATABASE_URL": ours.database_url()},
            capture_output=True,
            text=True,
            check=True,
        )
        token, source_id, patient_ids = json.loads(made.stdout.splitlines()[-1])
        desk = Desk(ours, token, source_id)
        desk.work_until_killed(patient_ids)
        assert len(desk.acknowledged) > 60, "there was load"

        ours.start()
        for asked in [*desk.unsure, *desk.acknowledged[-10:]]:
            assert desk.pay(*asked) == 201, "who got no answer asks again with the same key"
        with psycopg.connect(ours.database_url()) as connection:
            found = connection.execute("SELECT reference FROM payments_paymentpart").fetchall()
        references = sorted(reference for (reference,) in found)
        assert references == sorted(key for key, _patient in [*desk.acknowledged, *desk.unsure])
        checked = ours.run("-m", "creditwell", "check-books")
        assert checked.returncode == 0, checked.stdout
