"""Tables of probabilities as heat maps: every cell carries its number, in an ink that can be read on its colour."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
from numpy.typing import ArrayLike

ROW_HEIGHT = 34
HEADER_HEIGHT = 36
LABEL_WIDTH = 190
BLACK, WHITE = "#000000", "#ffffff"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of probability 0 and 1, and of the axes' labels, as #rrggbb."""

    none: str
    full: str
    text: str

    def fill(self, probability: float) -> str:
        """Return the colour of a probability: a straight mixture of both ends."""
        ends = zip(_channels(self.none), _channels(self.full), strict=True)
        return "#" + "".join(f"{round(a + (b - a) * probability):02x}" for a, b in ends)


LIGHT = Palette("#f2f4f7", "#1a5fb4", "#1b1f24")
DARK = Palette("#1f252c", "#2b72c9", "#e8ecf1")


def percent(probability: float) -> str:
    """Return a probability in whole percent; only 0 and 1 themselves are "0" and "100 %"."""
    if probability <= 0:
        return "0"
    if probability < 0.01:
        return "<1 %"
    return "100 %" if probability >= 1 - 1e-9 else f"{min(99, round(100 * probability))} %"


def ink(colour: str) -> str:
    """Return black or white, whichever has more contrast on a colour."""
    return max((BLACK, WHITE), key=lambda candidate: contrast(candidate, colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, 1.4.3)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def cells(
    rows: Sequence[str],
    columns: Sequence[str],
    values: ArrayLike,
    palette: Palette,
    *,
    marked: Collection[int] = (),
    label: Callable[[float], str] = percent,
) -> list[dict[str, object]]:
    """Return a record for each cell of a table (rows, columns): where it is, what it says, its colours.

    Cells of `marked` rows have an edge. Raises ValueError where the table does not fit its rows and columns.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.shape != (len(rows), len(columns)):
        raise ValueError(f"a table of shape {table.shape} does not fit {len(rows)} rows and {len(columns)} columns")
    found: list[dict[str, object]] = []
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            fill = palette.fill(float(table[i, j]))
            edge = palette.text if i in marked else "transparent"
            text = label(float(table[i, j]))
            found.append({"row": row, "column": column, "label": text, "fill": fill, "ink": ink(fill), "edge": edge})
    return found


def heat_map(records: Sequence[dict[str, object]], palette: Palette, description: str) -> alt.LayerChart:
    """Return the chart of some cells; `description` is what a screen reader says."""
    gap = alt.Scale(paddingInner=0.16)
    side = alt.Axis(title=None, labelLimit=LABEL_WIDTH, labelPadding=8)
    top = alt.Axis(title=None, orient="top", labelAngle=0, labelLimit=110, labelPadding=6)
    table = alt.Chart(alt.Data(values=list(records))).encode(
        x=alt.X("column:N", sort=None, axis=top),
        y=alt.Y("row:N", sort=None, axis=side, scale=gap),
        tooltip=[alt.Tooltip(f"{name}:N", title=title) for name, title in _TOOLTIP.items()],
    )
    squares = table.mark_rect(cornerRadius=4, strokeWidth=2).encode(
        fill=alt.Fill("fill:N", scale=None), stroke=alt.Stroke("edge:N", scale=None)
    )
    numbers = table.mark_text(fontSize=14).encode(text="label:N", color=alt.Color("ink:N", scale=None))
    height = HEADER_HEIGHT + ROW_HEIGHT * len({record["row"] for record in records})
    return (
        alt.layer(squares, numbers)
        .properties(height=height, description=description)
        .configure_axis(domain=False, ticks=False, grid=False, labelFontSize=13, labelColor=palette.text)
        .configure_scale(bandPaddingInner=0.08)
        .configure_view(stroke=None)
    )


_TOOLTIP = {"row": "what is said", "column": "what is meant", "label": "probability"}


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _luminance(colour: str) -> float:
    shares = [channel / 255 for channel in _channels(colour)]
    red, green, blue = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
