"""A layered drawing of a net: each job one column right of its last predecessor, few crossings. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 4
COLUMN, ROW, BOX_WIDTH, BOX_HEIGHT, MARGIN = 250, 74, 200, 54, 10


@dataclass(frozen=True)
class Box:
    """Where a job is drawn, its upper left corner."""

    id: int
    x: int
    y: int


@dataclass(frozen=True)
class Line:
    """A predecessor's line to its successor: a path for SVG."""

    source: int
    target: int
    path: str


@dataclass(frozen=True)
class Drawing:
    """Boxes and lines with the size they need."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def draw(nodes: Sequence[int], edges: Iterable[tuple[int, int]]) -> Drawing:
    """Place the nodes (in their order where nothing else decides) and draw (predecessor, successor) as curves.

    Layers by longest path; a line over several layers keeps a place of its own in each; order within a layer by the mean place
    of the neighbours (Sugiyama, Tagawa and Toda 1981). Raises ValueError for a cycle: the planner refuses those beforehand.
    """
    known = set(nodes)
    inner = sorted({(before, after) for before, after in edges if before in known and after in known})
    layers = _layers(nodes, inner)
    chains, links = _split_long(inner, layers)
    columns: dict[int, list[int]] = {}
    for node in [*nodes, *(place for chain in chains.values() for place in chain[1:-1])]:
        columns.setdefault(layers[node], []).append(node)
    _untangle(columns, links)
    tallest = max((len(column) for column in columns.values()), default=0)
    corners = {
        node: Box(node, MARGIN + layer * COLUMN, MARGIN + row * ROW + (tallest - len(column)) * ROW // 2)
        for layer, column in columns.items()
        for row, node in enumerate(column)
    }
    return Drawing(
        width=2 * MARGIN + max(0, len(columns) - 1) * COLUMN + BOX_WIDTH,
        height=2 * MARGIN + max(0, tallest - 1) * ROW + BOX_HEIGHT,
        boxes=tuple(corners[node] for node in nodes),
        lines=tuple(Line(*edge, _path([corners[place] for place in chains[edge]])) for edge in inner),
    )


def _split_long(
    edges: Sequence[tuple[int, int]], layers: dict[int, int]
) -> tuple[dict[tuple[int, int], list[int]], list[tuple[int, int]]]:
    """Each edge as the chain of places it goes through; those between get numbers of their own, below all others."""
    chains: dict[tuple[int, int], list[int]] = {}
    lowest = min([0, *layers]) - 1
    for before, after in edges:
        chain = [before]
        for layer in range(layers[before] + 1, layers[after]):
            layers[lowest] = layer
            chain.append(lowest)
            lowest -= 1
        chains[before, after] = [*chain, after]
    links = [pair for chain in chains.values() for pair in pairwise(chain)]
    return chains, links


def _layers(nodes: Sequence[int], edges: Sequence[tuple[int, int]]) -> dict[int, int]:
    layers = dict.fromkeys(nodes, 0)
    for _ in range(len(nodes) + 1):
        moved = False
        for before, after in edges:
            if layers[after] <= layers[before]:
                layers[after] = layers[before] + 1
                moved = True
        if not moved:
            return layers
    raise ValueError("the net has a cycle")


def _untangle(columns: Mapping[int, list[int]], edges: Sequence[tuple[int, int]]) -> None:
    before: dict[int, list[int]] = {}
    after: dict[int, list[int]] = {}
    for source, target in edges:
        before.setdefault(target, []).append(source)
        after.setdefault(source, []).append(target)
    for sweep in range(_SWEEPS):
        neighbours = before if sweep % 2 == 0 else after
        for layer in sorted(columns, reverse=sweep % 2 == 1):
            rows = {node: row for column in columns.values() for row, node in enumerate(column)}
            keys = {
                node: _mean([rows[other] for other in neighbours.get(node, [])], rows[node]) for node in columns[layer]
            }
            columns[layer].sort(key=keys.__getitem__)


def _mean(rows: Sequence[int], own: int) -> float:
    return sum(rows) / len(rows) if rows else float(own)


def _path(places: Sequence[Box]) -> str:
    """From the right side of the first box, past the places between, to the left side of the last."""
    middle = BOX_HEIGHT // 2
    x, y = places[0].x + BOX_WIDTH, places[0].y + middle
    parts = [f"M{x} {y}"]
    for place in places[1:-1]:
        parts.append(f"{_bend(x, y, place.x, place.y + middle)}H{place.x + BOX_WIDTH}")
        x, y = place.x + BOX_WIDTH, place.y + middle
    parts.append(_bend(x, y, places[-1].x - 8, places[-1].y + middle))
    return "".join(parts)


def _bend(x1: int, y1: int, x2: int, y2: int) -> str:
    half = (x2 - x1) // 2
    return f"C{x1 + half} {y1} {x2 - half} {y2} {x2} {y2}"
