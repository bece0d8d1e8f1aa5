"""Charts as SVG made on the server: bars for each month beside each other, and a line over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 8, 12, 28
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """
    A rectangle of one of two series (1 or 2), with what is read when pointed at. Places are written
    out here, for a page would write them with the decimal comma of its language.
    """

    series: int
    x: str
    y: str
    width: str
    height: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A word at an axis, with its grid line's place."""

    at: str
    word: str
    now: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing in units of its own, WIDTH by HEIGHT."""

    bars: tuple[Bar, ...]
    points: tuple[tuple[str, str], ...]
    months: tuple[Tick, ...]
    amounts: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM

    @property
    def line(self) -> str:
        """The points as a polyline has them."""
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def right(self) -> int:
        return self.width - RIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One month: two bars and a point, as whole numbers, with words for each."""

    word: str
    first: int
    second: int
    point: int
    first_title: str
    second_title: str


def draw(columns: Sequence[Column], scale_words: Sequence[tuple[int, str]]) -> Chart:
    """
    Draw the columns; `scale_words` are the amounts at the axis, from `scale_of`, with their words.
    """
    top = max(amount for amount, _word in scale_words) or 1
    room = (WIDTH - LEFT - RIGHT) / max(1, len(columns))
    bar = min(24.0, room * 0.32)
    bars: list[Bar] = []
    points: list[tuple[str, str]] = []
    months: list[Tick] = []
    for n, column in enumerate(columns):
        middle = LEFT + room * (n + 0.5)
        for series, amount, title, x in (
            (1, column.first, column.first_title, middle - bar - 1),
            (2, column.second, column.second_title, middle + 1),
        ):
            height = _height(max(0, amount), top)
            y = HEIGHT - BOTTOM - height
            bars.append(
                Bar(
                    series=series,
                    x=_place(x),
                    y=_place(y),
                    width=_place(bar),
                    height=_place(height),
                    title=title,
                )
            )
        level = HEIGHT - BOTTOM - _height(max(0, column.point), top)
        points.append((_place(middle), _place(level)))
        months.append(Tick(at=_place(middle), word=column.word, now=n == len(columns) - 1))
    return Chart(
        bars=tuple(bars),
        points=tuple(points),
        months=tuple(months),
        amounts=tuple(
            Tick(at=_place(HEIGHT - BOTTOM - _height(amount, top)), word=word)
            for amount, word in scale_words
        ),
    )


def scale_of(largest: int, *, lines: int = 4) -> list[int]:
    """
    Round amounts from nothing up to at least the largest, at most `lines` steps apart.
    """
    power, wanted = 1, max(1, largest)
    while True:
        for step in STEPS:
            size = step * power
            count = -(-wanted // size)
            if count <= lines:
                return [size * n for n in range(count + 1)]
        power *= 10


def _place(number: float) -> str:
    return f"{number:.1f}"


def _height(amount: int, top: int) -> float:
    return (HEIGHT - TOP - BOTTOM) * amount / top
