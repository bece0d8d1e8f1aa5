"""Make the static fonts that the PDF documents are set in.

Typst wants static TrueType files. Hanken Grotesk comes as a variable font in subsets (Latin,
further Latin, Vietnamese); set as three families one behind the other, a letter of a later subset
is found in its own font but taken apart from its neighbours, and whoever copies "Szymańska" out of
the PDF gets a letter twice. So the subsets are put together again: one file per weight.

Only whoever raises the version of the font runs this. It needs fonttools and brotli, which the
project itself does not depend on:

    npm pack @fontsource-variable/hanken-grotesk@5.3.0
    tar xzf fontsource-variable-hanken-grotesk-5.3.0.tgz
    python tools/make_fonts.py package src/creditwell/integrations/documents/fonts
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FAMILY = "Hanken Grotesk"
SUBSETS = ("latin", "latin-ext", "vietnamese")
WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold"}
# The two name tables that programs read: Windows (Unicode, US English) and Macintosh (Roman).
PLATFORMS = ((3, 1, 0x409), (1, 0, 0))
# Letters are composed before they are set; taking them apart again would only cost copied text.
DROPPED_FEATURES = frozenset(("ccmp",))


def static(source: Path, weight: int, target: Path) -> Path:
    """Write one weight of one subset as a static font."""
    font = TTFont(source, recalcTimestamp=False)
    font.flavor = None
    font = instancer.instantiateVariableFont(font, {"wght": weight})
    for record in font["GSUB"].table.FeatureList.FeatureRecord:
        if record.FeatureTag in DROPPED_FEATURES:
            record.Feature.LookupListIndex = []
            record.Feature.LookupCount = 0
    font.save(target)
    return target


def make(files: Path, weight: int, target: Path) -> Path:
    """Put the subsets of one weight together under our family name."""
    style = WEIGHTS[weight]
    with tempfile.TemporaryDirectory() as folder:
        parts = [
            static(
                files / f"hanken-grotesk-{subset}-wght-normal.woff2",
                weight,
                Path(folder) / f"{subset}.ttf",
            )
            for subset in SUBSETS
        ]
        font = Merger().merge([str(part) for part in parts])
    font["OS/2"].usWeightClass = weight
    full, plain = f"{FAMILY} {style}", FAMILY.replace(" ", "")
    legacy = FAMILY if weight == 400 else full
    names = {
        1: legacy,
        2: "Regular",
        3: full,
        4: full,
        6: f"{plain}-{style}",
        16: FAMILY,
        17: style,
    }
    for platform, encoding, language in PLATFORMS:
        for name_id, value in names.items():
            font["name"].setName(value, name_id, platform, encoding, language)
    path = target / f"{plain}-{style}.ttf"
    font.save(path)
    return path


def main() -> None:
    """Make every weight and copy the licence beside them."""
    package, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    for weight in WEIGHTS:
        print(make(package / "files", weight, target))
    shutil.copy(package / "LICENSE", target / "OFL.txt")


if __name__ == "__main__":
    main()
