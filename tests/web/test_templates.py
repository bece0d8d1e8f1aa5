"""Templates: components exist and are called by their own words; nothing is inline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path("src/creditwell/web/templates")
COTTON = ROOT / "cotton"
TEMPLATES = sorted(ROOT.rglob("*.html"))

COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", re.S)
TAG = re.compile(r"<c-([a-z-]+)((?:\{\{.*?\}\}|\{%.*?%\}|\"[^\"]*\"|'[^']*'|[^<>\"'])*?)/?>", re.S)
ATTRIBUTE = re.compile(
    r"(?<![\w{%-])(:?[a-zA-Z][\w:.-]*)(?=\s*=|\s|$)(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'))?"
)
HTML_ATTRIBUTES = {
    "id", "name", "value", "disabled", "form", "formnovalidate", "autofocus", "hidden", "title",
    "role", "tabindex", "rel", "target", "download", "novalidate", "placeholder", "popovertarget",
    "required",
}  # fmt: skip
BUILT_IN = {"vars", "slot", "component"}


def read(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


def words_of(component: str) -> set[str]:
    """The attributes and slots that a component knows."""
    text = (COTTON / f"{component.replace('-', '_')}.html").read_text()
    found = re.search(r"<c-vars(.*?)/>", text, re.S)
    if found is None:
        return set()
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", found.group(1))
    return {word.lstrip(":").rstrip("=") for word in bare.split()}


def faults(text: str) -> list[str]:
    """Sentences about wrong uses of components in a template."""
    found = []
    for name, written in TAG.findall(text):
        if name in BUILT_IN:
            continue
        if not (COTTON / f"{name.replace('-', '_')}.html").exists():
            found.append(f"<c-{name}> does not exist")
            continue
        known = words_of(name)
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", written)
        for word in ATTRIBUTE.findall(bare):
            plain = word.lstrip(":")
            if plain in known or plain in HTML_ATTRIBUTES:
                continue
            if not plain.startswith(("data-", "aria-", "hx-")):
                found.append(f"<c-{name}> does not know {plain}")
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_components_are_called_by_their_own_words(path):
    assert faults(read(path)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_is_inline(path):
    text = read(path)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    assert "hx-on" not in text
    assert not re.search(r"hx-(vals|headers)[^=]*=\s*[\"']\s*js:", text)
    assert not re.search(r"hx-trigger=\"[^\"]*\[", text)
    assert "|safe" not in text
    assert 'type="number"' not in text or "money" not in text


@pytest.mark.parametrize("path", sorted(COTTON.glob("*.html")), ids=lambda p: p.stem)
def test_a_component_says_what_it_takes(path):
    text = path.read_text()
    assert text.startswith(("<c-vars", '<span class="tot"')), "attributes stand in the first line"


def test_the_lint_finds_what_is_wrong():
    assert faults('<c-nosuch title="x" />') == ["<c-nosuch> does not exist"]
    assert faults('<c-card titel="x">y</c-card>') == ["<c-card> does not know titel"]
    assert (
        faults('<c-card title="x" data-a="b" hx-get="/x" {% if y %}hidden{% endif %}>y</c-card>')
        == []
    )


def test_every_icon_is_in_the_sprite():
    sprite = Path("src/creditwell/web/static/vendor/icons.svg").read_text()
    have = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    asked = {
        name
        for path in TEMPLATES
        for pattern in (r"\{% icon \"([\w-]+)\"", r"\sicon=\"([\w-]+)\"")
        for name in re.findall(pattern, read(path))
    }
    assert asked - have == set()
