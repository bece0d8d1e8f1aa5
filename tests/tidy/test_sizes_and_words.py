"""What we agreed on and a machine can check: sizes, words, and clean templates."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
MOST_ARGUMENTS = 6

# Written so that this file does not find itself.
BANNED = [
    r"\bTO" r"DO\b",
    r"\bFIX" r"ME\b",
    r"\bX" r"XX\b",
    r"coming" r" soon",
    r"lorem" r" ipsum",
    r"/work" r"/",
    r"/tmp/" r"(wt|venv|boot|brief)",
    r"\bpypi\b" r"\.org",
    r"registry\.npmjs" r"\.org",
    r"\bChat" r"GPT\b",
    r"\bClau" r"de\b",
]
TEXT = {".py", ".html", ".css", ".js", ".md", ".sql", ".toml", ".yaml", ".yml", ".txt", ".typ", ""}


def project_files() -> list[Path]:
    """Every file that belongs to the project, made ones and other people's left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [
        ROOT / name
        for name in listed
        if (ROOT / name).is_file() and "/vendor/" not in name and "seed/" not in name
    ]


def python_files() -> list[Path]:
    return [
        path
        for path in project_files()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in {"src", "tests", "tools"}
        and "migrations" not in path.parts
    ]


def long_functions(text: str) -> Iterator[str]:
    """Name what is too long; what a docstring explains does not count."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node):
                lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
            if lines >= LONGEST_FUNCTION:
                yield f"{node.name} has {lines} lines"


def crowded_functions(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            count = sum(1 for name in names if name.arg not in {"self", "cls"})
            if count > MOST_ARGUMENTS:
                yield f"{node.name} takes {count} arguments"


def dirty_template(text: str) -> Iterator[str]:
    """Name what the content security policy would block in a template."""
    if re.search(r"\sstyle\s*=", text):
        yield "style="
    if re.search(r"\son[a-z]+\s*=\s*[\"']", text):
        yield "an on…= handler"
    if re.search(r"<style[\s>]", text):
        yield "<style>"
    for tag in re.findall(r"<script\b[^>]*>", text):
        if "src=" not in tag and "application/json" not in tag:
            yield "an inline <script>"
    if re.search(r"javascript:", text):
        yield "javascript:"


def narrow_sums(text: str) -> Iterator[str]:
    """Name what Django would add in 32 bits; `kernel.rows.plus` adds in 64."""
    for found in re.finditer(r"F\(\"\w+_minor\"\)\s*[+-](?!\s*(models\.)?(F|Value)\()", text):
        yield text[found.start() : found.end() + 20]


def banned_words(text: str) -> Iterator[str]:
    for pattern in BANNED:
        if found := re.search(pattern, text):
            yield found.group()


def found_in(paths: list[Path], look: object) -> list[str]:
    assert callable(look)
    return [
        f"{path.relative_to(ROOT)}: {what}"
        for path in paths
        for what in look(path.read_text(encoding="utf-8"))
    ]


def test_no_file_is_too_long() -> None:
    lengths = {path: path.read_text().count("\n") for path in python_files()}
    assert {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    assert found_in(python_files(), long_functions) == []


def test_no_function_of_the_house_takes_too_much() -> None:
    ours = [path for path in python_files() if path.relative_to(ROOT).parts[0] == "src"]
    assert found_in(ours, crowded_functions) == []


def test_money_is_added_in_64_bits() -> None:
    ours = [path for path in python_files() if path.relative_to(ROOT).parts[0] == "src"]
    assert found_in(ours, narrow_sums) == []


def test_templates_have_nothing_inline() -> None:
    templates = [
        path
        for path in project_files()
        if path.suffix == ".html" and "templates" in path.parts and "email" not in path.parts
    ]
    assert templates
    assert found_in(templates, dirty_template) == []


def test_the_project_speaks_of_itself_alone() -> None:
    texts = [path for path in project_files() if path.suffix in TEXT and path != Path(__file__)]
    assert found_in(texts, banned_words) == []


def test_every_module_begins_with_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if path.relative_to(ROOT).parts[0] == "src"
        and path.stat().st_size
        and path.name not in {"apps.py"}
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_the_checks_find_bad_lines() -> None:
    body = "\n".join(f"    x{number} = {number}" for number in range(60))
    assert list(long_functions(f"def f():\n{body}\n")) == ["f has 61 lines"]
    assert list(crowded_functions("def f(a, b, c, d, e, f, g): ...")) == ["f takes 7 arguments"]
    assert list(dirty_template('<p style="x">')) == ["style="]
    assert list(dirty_template('<p onclick="x()">')) == ["an on…= handler"]
    assert list(dirty_template("<script>x()</script>")) == ["an inline <script>"]
    assert list(dirty_template('<script src="/a.js"></script><p class="style">')) == []
    assert list(narrow_sums('F("net_minor") + F("tax_minor") - F("x_minor") + minor'))
    assert list(narrow_sums('F("net_minor") + F("tax_minor")')) == []
    assert list(banned_words("# TO" + "DO: later")) == ["TO" + "DO"]
