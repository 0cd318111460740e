# SPDX-License-Identifier: Apache-2.0
"""Tables of results: one value, shown in a terminal, in Markdown, in LaTeX or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .scores import Score

if TYPE_CHECKING:
    import rich.table

Cell = str | int | float | None
"""Numbers keep their precision in JSON; a float is shown with `Table.digits`; None is an empty cell."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of equal length, with a title that names the scorer and the data."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    digits: int = 3

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.title!r} has {len(self.columns)} columns, got a row of {len(row)}: {row}"
                )

    def to_rich(self) -> rich.table.Table:
        """For ``rich.print``; numbers are aligned to the right and never cut, words wrap where it is narrow."""
        import rich.box
        import rich.table
        from rich.markup import escape

        table = rich.table.Table(title=escape(self.title), box=rich.box.SIMPLE_HEAD, padding=0)
        for i, column in enumerate(self.columns):
            is_number = self._is_number(i)
            widest = max((len(self._show(row[i])) for row in self.rows), default=0) if is_number else None
            table.add_column(
                escape(column), justify="right" if is_number else "left", overflow="fold", min_width=widest
            )
        for row in self.rows:
            table.add_row(*(escape(self._show(cell)) for cell in row))
        return table

    def to_markdown(self) -> str:
        """The title in bold and a pipe table."""
        marks = ("---:" if self._is_number(i) else "---" for i in range(len(self.columns)))
        lines = [self.columns, tuple(marks), *(tuple(self._show(cell) for cell in row) for row in self.rows)]
        body = "\n".join(f"| {' | '.join(_one_line(cell) for cell in line)} |" for line in lines)
        return f"**{self.title}**\n\n{body}\n"

    def to_latex(self) -> str:
        """A ``table`` with the title as its caption, for the package booktabs."""
        columns = "".join("r" if self._is_number(i) else "l" for i in range(len(self.columns)))
        rows = [self.columns, *(tuple(self._show(cell) for cell in row) for row in self.rows)]
        head, *body = (" & ".join(_latex(cell) for cell in row) + r" \\" for row in rows)
        lines = [rf"\caption{{{_latex(self.title)}}}", rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head]
        lines += [r"\midrule", *body, r"\bottomrule", r"\end{tabular}"]
        return "\n".join([r"\begin{table}", r"\centering", *lines, r"\end{table}"]) + "\n"

    def to_json(self) -> str:
        """``{"title", "rows": [{column: value}]}``."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return json.dumps({"title": self.title, "rows": rows}, ensure_ascii=False, allow_nan=False)

    def _show(self, cell: Cell) -> str:
        if cell is None:
            return ""
        return f"{cell:.{self.digits}f}" if isinstance(cell, float) else str(cell)

    def _is_number(self, column: int) -> bool:
        cells = [row[column] for row in self.rows if row[column] is not None]
        return bool(cells) and not any(isinstance(cell, str) for cell in cells)


def score_table(scores: Mapping[str, Score], *, title: str, first: str = "part") -> Table:
    """One row per score: precision, recall, F1, counts and support."""
    columns = (first, "precision", "recall", "f1", "tp", "pred", "support")
    rows = tuple((name, s.precision, s.recall, s.f1, s.tp, s.pred, s.support) for name, s in scores.items())
    return Table(title, columns, rows)


_LATEX = str.maketrans(
    {
        **{mark: f"\\{mark}" for mark in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
    }
)


def _latex(cell: str) -> str:
    return " ".join(cell.split()).translate(_LATEX)


def _one_line(cell: str) -> str:
    return " ".join(cell.replace("|", "\\|").split())
