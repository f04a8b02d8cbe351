"""What a drawing is made of: boxes, lines between them, and the rows they stand in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """A directed line between two boxes. Lines of another `style` never share a slot."""

    key: int
    start: int
    end: int
    style: str = ""
    label: str = ""


@dataclass(frozen=True)
class Measures:
    """How large things are drawn, in pixels at full size."""

    width: float = 168
    height: float = 58
    gap: float = 20
    between: float = 58
    per_row: int = 5


@dataclass(frozen=True)
class Box:
    """Where a node is drawn: its upper left corner and its size."""

    node: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Curve:
    """One stretch between two rows, upright at both ends."""

    x1: float
    y1: float
    x2: float
    y2: float

    def at(self, t: float) -> tuple[float, float]:
        """The point at `t` from 0 (upper end) to 1: a cubic Bézier curve whose handles stand at half height."""
        y_handle = (self.y1 + self.y2) / 2
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        return (a + b) * self.x1 + (c + d) * self.x2, a * self.y1 + (b + c) * y_handle + d * self.y2


@dataclass(frozen=True)
class Route:
    """A line as drawn: path data from its start, its arrow's tip, and where its label found room (else None)."""

    key: int
    path: str
    tip: str
    is_back: bool
    label: str
    curves: Sequence[Curve] = field(repr=False)
    label_at: tuple[float, float] | None = None


@dataclass(frozen=True)
class Layout:
    """A whole drawing. `loose_at` is the height at which boxes that no line joins begin, None without any."""

    width: float
    height: float
    boxes: Sequence[Box]
    routes: Sequence[Route]
    loose_at: float | None = None


@dataclass
class Grid:
    """The rows of a drawing in the making: items are boxes (their node) and slots (negative numbers)."""

    row: dict[int, int]
    rows: list[list[int]]
    chains: dict[int, list[int]] = field(default_factory=dict)  # line key → items from upper to lower box
    back: set[int] = field(default_factory=set)  # keys of lines that lead upwards
