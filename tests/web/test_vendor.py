"""What is shipped from elsewhere is what was brought in, with its licence, and names no host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tools import slots, vendor


def test_nothing_was_changed_since_it_was_brought_in():
    assert vendor.faults() == []
    assert vendor.main(["--check"]) == 0


def test_a_changed_missing_or_unknown_file_is_found(tmp_path, monkeypatch, capsys):
    here = tmp_path / "vendor"
    for file in vendor.VENDOR.rglob("*"):
        if file.is_file():
            copy = here / file.relative_to(vendor.VENDOR)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    monkeypatch.setattr(vendor, "VENDOR", here)
    (here / "htmx.min.js").write_text("alert(1)")
    (here / "icons.svg").unlink()
    (here / "extra.js").write_text("")
    assert vendor.main(["--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "icons.svg is missing",
        "extra.js is not in the lock file",
        "htmx.min.js was changed",
    ]


def test_the_lock_file_names_no_host():
    text = vendor.LOCK.read_text()
    assert "://" not in text
    assert "resolved" not in text
    for facts in json.loads(text).values():
        assert set(facts) == {"from", "integrity", "licence", "sha256"}


def test_every_package_has_its_licence_in_the_notices():
    notices = vendor.NOTICES.read_text()
    for facts in json.loads(vendor.LOCK.read_text()).values():
        name, _, version = facts["from"].rpartition("@")
        assert f"## {name} {version} ({facts['licence']})" in notices


@pytest.mark.parametrize("file", sorted(vendor.VENDOR.rglob("*.js")), ids=lambda p: p.name)
def test_no_source_map_is_asked_for(file: Path):
    assert "sourceMappingURL" not in file.read_text()


def test_the_calendar_classes_are_up_to_date():
    assert slots.TARGET.read_text() == slots.css()
