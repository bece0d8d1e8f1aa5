"""
Text with named gaps, `Hello {name},`: the whole of it. Pure.

A gap is a name in braces and nothing else: there is no way to reach into what fills it, no format,
no condition. A line with a gap that has nothing to say is left out, so that sentences stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_BRACES = re.compile(r"\{[^{}\n]*\}|\{\S*|\}")
_GAP = re.compile(r"\{([a-z_]+)\}")
_TOO_FAR_APART = re.compile(r"\n{3,}")


def names_in(text: str) -> set[str]:
    """The names of all gaps in a text."""
    return set(_GAP.findall(text))


def not_gaps(text: str, known: Collection[str]) -> list[str]:
    """What stands in braces and is none of the known gaps, as it is written; each once."""
    found = []
    for braces in _BRACES.findall(text):
        whole = _GAP.fullmatch(braces)
        if whole is None or whole[1] not in known:
            found.append(braces)
    return list(dict.fromkeys(found))


def fill(text: str, values: Mapping[str, str]) -> str:
    """
    The text with its gaps filled. A line in which a gap is empty (or unknown) is left out.

    What is filled in is never looked at again: braces in a name stay braces.
    """
    kept = [_line(line, values) for line in text.splitlines()]
    whole = "\n".join(line.rstrip() for line in kept if line is not None)
    return _TOO_FAR_APART.sub("\n\n", whole).strip()


def _line(line: str, values: Mapping[str, str]) -> str | None:
    if any(not values.get(name) for name in names_in(line)):
        return None
    return _GAP.sub(lambda gap: " ".join(values[gap[1]].splitlines()), line)
