"""Golden pictures: what a document looked like when somebody last looked at it and agreed."""

from __future__ import annotations

import os
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops

GOLDEN = Path(__file__).parent / "golden"
SCALE = 1.0  # 72 pixels an inch: small files, and a point is a pixel
# Two builds of the rasteriser may smooth an edge differently; a moved word changes far more.
CHANNEL_TOLERANCE = 28
PIXELS_ALLOWED = 0.0001


def picture(pdf: bytes, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[page].render(scale=SCALE).to_pil().convert("RGB")
    finally:
        document.close()


def share_changed(ours: Image.Image, golden: Image.Image) -> float:
    """The share of pixels that differ by more than smoothing does; all, if the sizes differ."""
    if ours.size != golden.size:
        return 1.0
    red, green, blue = ImageChops.difference(ours, golden).split()
    histogram = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    return sum(histogram[CHANNEL_TOLERANCE:]) / (ours.width * ours.height)


def assert_looks_like(pdf: bytes, name: str, tmp_path: Path, page: int = 0) -> None:
    """Compare with golden/NAME.png. GOLDEN_UPDATE=1 writes it anew: look at it, then commit."""
    path, ours = GOLDEN / f"{name}.png", picture(pdf, page)
    if os.environ.get("GOLDEN_UPDATE") == "1":
        GOLDEN.mkdir(exist_ok=True)
        ours.quantize(256, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)
    with Image.open(path) as golden:
        changed = share_changed(ours, golden.convert("RGB"))
    if changed > PIXELS_ALLOWED:
        ours.save(tmp_path / f"{name}.png")
    assert changed <= PIXELS_ALLOWED, f"{name}: {changed:.2%} changed, see {tmp_path}"
