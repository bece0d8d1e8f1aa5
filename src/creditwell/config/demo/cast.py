"""Whom the demo tells stories about: by their place among its patients, with name and age."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A patient whose name and age are given; everybody else's are left to chance."""

    first_name: str
    last_name: str
    age: int


ILONA = 0
# Patients who share a remainder by five see the same practitioner; low numbers come often.
LINH, OSCAR = 1, 6
POPPY, FOLA, DANIEL = 2, 7, 12
HARRIET, SAMUEL, PRIYA = 3, 8, 13
ANNA, BEN, CLEO, DORA = 5, 10, 15, 20

CAST = {
    ILONA: Part("Ilona", "Szymańska", 44),
    LINH: Part("Linh", "Tran", 34),
    OSCAR: Part("Oscar", "Walsh", 36),
    POPPY: Part("Poppy", "Adeyemi", 8),
    FOLA: Part("Folasade", "Adeyemi", 39),
    DANIEL: Part("Daniel", "Clarke", 42),
    HARRIET: Part("Harriet", "Doyle", 27),
    SAMUEL: Part("Samuel", "Ioane", 45),
    PRIYA: Part("Priya", "Raman", 31),
    ANNA: Part("Anna", "Berg", 38),
    BEN: Part("Ben", "Berg", 41),
    CLEO: Part("Cleo", "Berg", 9),
    DORA: Part("Dora", "Berg", 12),
}
SHARING = frozenset(CAST) - {ILONA}
"""Whose visits are paid with their own credit, then with what others let them use."""
