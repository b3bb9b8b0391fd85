"""A change of a matrix that keeps its shape: other sides of rows, other bounds of columns, other coefficients."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

NO_NUMBERS = np.zeros(0, dtype=np.int64)
NO_VALUES = np.zeros(0)


@dataclass(frozen=True)
class MatrixChange:
    """What is different from the matrix it is applied to; every array of a group has the same length.

    ``rows`` get ``row_lower`` and ``row_upper``, ``columns`` get ``col_lower`` and ``col_upper``, the entry
    in row ``entry_rows[n]`` and column ``entry_columns[n]`` becomes ``entry_values[n]``. Plain arrays, so
    that a change can be sent to another process.
    """

    name: str = ""
    rows: np.ndarray = field(default_factory=NO_NUMBERS.copy)
    row_lower: np.ndarray = field(default_factory=NO_VALUES.copy)
    row_upper: np.ndarray = field(default_factory=NO_VALUES.copy)
    columns: np.ndarray = field(default_factory=NO_NUMBERS.copy)
    col_lower: np.ndarray = field(default_factory=NO_VALUES.copy)
    col_upper: np.ndarray = field(default_factory=NO_VALUES.copy)
    entry_rows: np.ndarray = field(default_factory=NO_NUMBERS.copy)
    entry_columns: np.ndarray = field(default_factory=NO_NUMBERS.copy)
    entry_values: np.ndarray = field(default_factory=NO_VALUES.copy)

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Arrays of a message lie in its bytes; scipy indexes only with those that own their memory.
        self.__dict__.update({name: value.copy() if name != "name" else value for name, value in state.items()})

    @property
    def empty(self) -> bool:
        """Whether nothing is different."""
        return not (len(self.rows) or len(self.columns) or len(self.entry_rows))
