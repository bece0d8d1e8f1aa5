"""Messages and their words through the API."""

from __future__ import annotations

from creditwell.audit.models import Note
from creditwell.integrations.email.models import Message, MessageTemplate
from tests.factories import NOW


def test_messages_are_listed_by_kind_state_and_payer(cast, program):
    payer_id = cast.clinic.patient.payer_id
    for kind, status, to in (("receipt", "sent", payer_id), ("invoice", "failed", None)):
        Message.objects.create(
            practice=cast.clinic.practice,
            kind=kind,
            status=status,
            payer_id=to,
            to="a@mail.example",
            subject="Subject",
            text="Open {link} now",
            created_at=NOW,
        )
    assert len(program.get("/messages")[1]["data"]) == 2
    for asked in ({"kind": "receipt"}, {"status": "sent"}, {"payer_id": payer_id}):
        (row,) = program.get("/messages", **asked)[1]["data"]
        assert (row["kind"], row["payer_id"]) == ("receipt", payer_id)
    whole = program.get(f"/messages/{row['id']}")[1]
    assert whole["subject"] == "Subject"
    assert whole["text"].startswith("Open")


def test_words_are_changed_refused_and_given_back(cast, program):
    found = {row["kind"]: row for row in program.get("/message_templates")[1]["data"]}
    built_in = found["receipt"]
    assert not built_in["own"]
    words = {"kind": "receipt", "subject": "Thank you", "body": "Hello {name}, thank you."}
    status, changed = program.put("/message_templates", words)
    assert (status, changed["own"], changed["subject"]) == (200, True, "Thank you")
    before = Note.objects.count()
    status, refused = program.put("/message_templates", {**words, "body": "Hello {nobody}"})
    assert (status, refused["error"]["code"]) == (422, "unknown_gap")
    assert MessageTemplate.objects.get().body == words["body"]
    assert Note.objects.count() == before
    back = program.put("/message_templates", {"kind": "receipt"})[1]
    assert (back["own"], back["body"]) == (False, built_in["body"])
    assert program.put("/message_templates", {"kind": "nothing"})[0] == 404
