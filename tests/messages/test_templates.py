"""The practice's own words: what a gap may be, what is refused, and that changes are noted."""

from __future__ import annotations

import pytest

from creditwell.audit.models import Note
from creditwell.integrations.email.gaps import fill, names_in, not_gaps
from creditwell.integrations.email.kinds import KINDS, Kind, built_in
from creditwell.integrations.email.models import MessageTemplate
from creditwell.integrations.email.templates import (
    AlwaysSent,
    GapMissing,
    GapNotInSubject,
    SetMessageTemplate,
    UnknownGap,
    WordsMissing,
    WordsTooLong,
    check,
    set_message_template,
    templates_of,
    tidy,
)
from creditwell.kernel.errors import NotFound, Refusal
from creditwell.tenancy.access import Actor
from creditwell.tenancy.models import Practice
from tests.factories import NOW, make_member, make_practice
from tests.refusing import refuses


class TestGaps:
    def test_a_gap_is_filled_and_what_fills_it_is_left_alone(self) -> None:
        values = {"name": "{amount} {name}", "amount": "$5.00"}
        assert fill("Hello {name}, {amount}", values) == "Hello {amount} {name}, $5.00"

    def test_a_line_with_an_empty_gap_is_left_out(self) -> None:
        text = "Hello {name},\n\n{amount} is left.\n\nBye"
        assert fill(text, {"name": "Liam", "amount": ""}) == "Hello Liam,\n\nBye"

    def test_a_gap_is_one_line_whatever_fills_it(self) -> None:
        assert fill("{name}", {"name": "a\r\nBcc: b\u2028c"}) == "a Bcc: b c"

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("{name} and {amount}", []),
            ("{name.__class__}", ["{name.__class__}"]),
            ("{name[0]} {name!r} {name:>10} {0} {}", 5),
            ("{name", ["{name"]),
            ("name}", ["}"]),
            ("{ name }", ["{ name }"]),
            ("{{name}}", ["{{name}}"]),
            ("{patient} {patient} {Name}", ["{patient}", "{Name}"]),
            ("{% load x %} {{ 7 }}", 3),
        ],
    )
    def test_what_is_no_gap(self, text: str, found: list[str] | int) -> None:
        wrong = not_gaps(text, {"name", "amount"})
        assert wrong == found or len(wrong) == found


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_built_in_words_obey_the_rules(kind: Kind) -> None:
    for amounts in (True, False):
        check(kind, tidy(built_in(kind, amounts=amounts)))
    quiet = built_in(kind, amounts=False)
    always = {gap.name for gap in kind.gaps if gap.always}
    money = {gap.name for gap in kind.gaps if gap.amount}
    kept = fill(quiet.body, dict.fromkeys(kind.names - money, "x"))
    assert len(kept.splitlines()) >= 3, "sentences remain when amounts are kept out"
    assert names_in(str(kind.subject)) <= always - money


@pytest.fixture
def practice(db: None) -> Practice:
    return make_practice(name="Harbour Lane")


def command(practice: Practice, **fields: object) -> SetMessageTemplate:
    words = {"kind": "low_credit", "subject": "Low", "body": "Hello {name},\nlow."}
    by = Actor(user_id=make_member(practice=practice, role="owner", name="Alice Moore").pk)
    return SetMessageTemplate(practice_id=practice.pk, by=by, **{**words, **fields})  # type: ignore[arg-type]  # strings and a switch


@pytest.mark.parametrize(
    ("fields", "error", "said"),
    [
        ({"body": "{appointment} {name}"}, UnknownGap, "{appointment}"),
        ({"body": "Hello {name"}, UnknownGap, "{name"),
        ({"subject": "{practice.id}"}, UnknownGap, "{practice.id}"),
        ({"subject": "{credit_left} left"}, GapNotInSubject, "{credit_left}"),
        ({"subject": ""}, WordsMissing, "subject"),
        ({"body": " \n "}, WordsMissing, "text"),
        ({"subject": "x" * 201}, WordsTooLong, "200"),
        ({"body": "x" * 5001}, WordsTooLong, "5000"),
        ({"kind": "receipt", "is_enabled": False}, AlwaysSent, "asks for it"),
        ({"kind": "invitation"}, UnknownGap, "{name}"),
        ({"kind": "invitation", "body": "Come."}, GapMissing, "{link}"),
        ({"kind": "nonsense"}, NotFound, ""),
    ],
)
def test_refusals(
    practice: Practice, fields: dict[str, object], error: type[Refusal], said: str
) -> None:
    asked = command(practice, **fields)
    with refuses(error, MessageTemplate) as raised:
        set_message_template(asked, NOW)
    assert said in raised.value.sentence


def test_words_are_kept_noted_and_taken_back(practice: Practice) -> None:
    asked = command(practice, subject=" Low \n credit ", body="Hello {name},\r\nlow. \r\n")
    assert set_message_template(asked, NOW).changed
    assert not set_message_template(asked, NOW).changed
    template = templates_of(practice.pk)["low_credit"]
    assert template.own is not None
    assert (template.own.subject, template.own.body) == ("Low credit", "Hello {name},\nlow.")
    assert template.changed_by == "Alice Moore"
    (note,) = Note.objects.filter(action="set_message_template")
    assert note.details["subject"] == ["", "Low credit"]
    assert note.details["kind"] == "low_credit"

    built = built_in(KINDS["low_credit"], amounts=True)
    back = command(practice, subject=built.subject, body=built.body, is_enabled=False)
    assert set_message_template(back, NOW).changed
    template = templates_of(practice.pk)["low_credit"]
    assert template.own is None
    assert not template.is_enabled
    assert Note.objects.filter(action="set_message_template").count() == 2


def test_another_practice_keeps_its_words(practice: Practice) -> None:
    set_message_template(command(practice), NOW)
    assert templates_of(make_practice().pk) == {}
