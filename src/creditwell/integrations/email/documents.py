"""The paper that goes with a message: made from the books each time it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any

from creditwell.integrations.email.models import Message
from creditwell.kernel.errors import NotFound
from creditwell.outbox.deliver import told


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF and the name it goes by."""

    name: str
    content: bytes


def paper_of(message: Message) -> Paper | None:
    """
    The document of a message as the books have it now; None for a message without one.

    :raises NotFound: if what it is about is gone
    """
    if not message.document or message.document_id is None:
        return None
    maker = MAKERS.get(message.document)
    if maker is None:
        raise NotFound
    name, content = maker(message)
    return Paper(name, content)


def _by_id(module: str, builder: str) -> Callable[[Message], tuple[str, bytes]]:
    def make(message: Message) -> tuple[str, bytes]:
        made: tuple[str, bytes] = _builder(module, builder)(
            message.practice_id, message.document_id
        )
        return made

    return make


def _over_days(module: str, builder: str) -> Callable[[Message], tuple[str, bytes]]:
    """`document_id` is whose statement it is: a payer, a family or a contact."""

    def make(message: Message) -> tuple[str, bytes]:
        assert message.event_id is not None, "a statement's days stand in its event"
        body = told(practice_id=message.practice_id, event_id=message.event_id).body
        made: tuple[str, bytes] = _builder(module, builder)(
            message.practice_id,
            message.document_id,
            date.fromisoformat(body["since"]),
            date.fromisoformat(body["until"]),
        )
        return made

    return make


def _builder(module: str, name: str) -> Callable[..., Any]:
    """Typesetting is heavy: it is loaded by those who make a document, when they do."""
    builders = import_module(f"creditwell.integrations.documents.{module}")
    builder: Callable[..., Any] = getattr(builders, name)
    return builder


MAKERS: dict[str, Callable[[Message], tuple[str, bytes]]] = {
    "receipt": _by_id("build_payments", "receipt_pdf"),
    "invoice": _by_id("build", "invoice_pdf"),
    "credit_note": _by_id("build", "credit_note_pdf"),
    "transfer_giver": _by_id("build_transfer", "giver_pdf"),
    "transfer_receiver": _by_id("build_transfer", "receiver_pdf"),
    "attendance": _by_id("build_attendance", "attendance_pdf"),
    "voucher": _by_id("build_voucher", "voucher_pdf"),
    "statement": _over_days("build_payments", "statement_pdf"),
    "family_statement": _over_days("build_shared", "family_statement_pdf"),
    "funder_statement": _over_days("build_shared", "funder_statement_pdf"),
}
