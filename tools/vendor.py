"""
Bring the pinned front-end files of vendor.toml into the package, with their licences.

Run without arguments by a maintainer who raises a version (needs npm); `--check` needs nothing and
fails when a shipped file is not the one that was brought in.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
VENDOR = REPOSITORY / "src/creditwell/web/static/vendor"
WANTED = REPOSITORY / "tools/vendor.toml"
LOCK = REPOSITORY / "tools/vendor.lock.json"
NOTICES = REPOSITORY / "THIRD_PARTY_NOTICES.md"

# A missing source map stops the hashing of static files, and nobody debugs these files here.
SOURCE_MAP = re.compile(rb"(?m)^\s*(//|/\*)# sourceMappingURL=.*$")
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
    ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{paths}</symbol>'
)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(archive: tarfile.TarFile, path: str) -> bytes:
    """One file of an npm package."""
    member = archive.extractfile(f"package/{path}")
    assert member is not None, path
    return member.read()


def sprite(archive: tarfile.TarFile, source: str, names: list[str]) -> bytes:
    """Many icons in one file, each drawn with `<use href="icons.svg#name">`."""
    symbols = []
    for name in sorted(set(names)):
        text = read(archive, f"{source}/{name}.svg").decode()
        paths = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$", "", text)
        symbols.append(SYMBOL.format(name=name, paths=re.sub(r"\s+", " ", paths).strip()))
    return '<svg xmlns="http://www.w3.org/2000/svg">\n{}\n</svg>\n'.format(
        "\n".join(symbols)
    ).encode()


def contents(archive: tarfile.TarFile, package: dict[str, Any]) -> dict[str, bytes]:
    """What one package puts into the vendor folder: target -> content."""
    found = {to: read(archive, path) for path, to in package.get("files", {}).items()}
    if drawing := package.get("sprite"):
        found[drawing["to"]] = sprite(archive, drawing["from"], drawing["names"].split())
    return {
        to: SOURCE_MAP.sub(b"", content) if to.endswith((".js", ".css")) else content
        for to, content in found.items()
    }


def licence_text(archive: tarfile.TarFile) -> str:
    names = (m.name for m in archive.getmembers())
    path = next((n for n in names if re.fullmatch(r"package/LICEN[CS]E(\.\w+)?", n)), None)
    return read(archive, path.removeprefix("package/")).decode().strip() if path else ""


def update() -> None:
    """Fetch everything anew, then write the lock file and the notices."""
    lock: dict[str, dict[str, str]] = {}
    notices = ["# Third-party files shipped in this package\n"]
    for package in tomllib.loads(WANTED.read_text())["package"]:
        pinned = f"{package['name']}@{package['version']}"
        with tempfile.TemporaryDirectory() as folder:
            command = ["npm", "pack", pinned, "--json", "--pack-destination", folder]
            answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            facts = answer[0] if isinstance(answer, list) else next(iter(answer.values()))
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
                heading = f"## {package['name']} {package['version']} ({package['licence']})"
                notices.append(f"{heading}\n\n```text\n{licence_text(archive)}\n```\n")
                for to, content in contents(archive, package).items():
                    target = VENDOR / to
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
                    lock[to] = {
                        "from": pinned,
                        "integrity": facts["integrity"],
                        "licence": package["licence"],
                        "sha256": sha256(content),
                    }
    LOCK.write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n")
    NOTICES.write_text("\n".join(notices))


def faults() -> list[str]:
    """Sentences about files that are changed, missing or not in the lock file."""
    lock: dict[str, dict[str, str]] = json.loads(LOCK.read_text())
    present = {str(f.relative_to(VENDOR)): f for f in VENDOR.rglob("*") if f.is_file()}
    wanted = {
        f"{package['name']}@{package['version']}"
        for package in tomllib.loads(WANTED.read_text())["package"]
    }
    return [
        *(f"{name} is missing" for name in sorted(lock.keys() - present.keys())),
        *(f"{name} is not in the lock file" for name in sorted(present.keys() - lock.keys())),
        *(
            f"{name} was changed"
            for name in sorted(lock.keys() & present.keys())
            if sha256(present[name].read_bytes()) != lock[name]["sha256"]
        ),
        *(
            f"{name} comes from {facts['from']}, which vendor.toml does not ask for"
            for name, facts in sorted(lock.items())
            if facts["from"] not in wanted
        ),
    ]


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        update()
    found = faults()
    for sentence in found:
        print(sentence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
