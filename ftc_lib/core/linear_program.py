"""Linear programs on rational numbers, decided exactly: a simplex dictionary that takes in one row after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flint import fmpq

from ftc_lib.core import exact


class Program:
    """Linear equations and inequalities in ``size`` unknowns, solvable until one of them comes back False.

    A dictionary of the simplex method. Every row is constant + coefficients . basis >= 0, where the members of
    the basis are unknowns of either sign (``free``) or slacks >= 0; constants are >= 0, so basis = 0 is a
    solution. A new row with a negative constant is repaired by pivots of least index (Bland), which end. If
    none is possible the row reads: something negative less nonnegative things is >= 0, a contradiction, and the
    program is spent (try on a ``copy``). Numbers are FLINT's rationals, since Fractions take five times as long.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.basis = list(range(size))  # unknowns 0..size-1, slacks from size on
        self.unknowns = {i: _unit(i, size) for i in range(size)}
        self.rows: dict[int, list] = {}
        self.slacks = size

    def copy(self) -> Program:
        twin = Program(0)
        twin.size, twin.basis, twin.slacks = self.size, self.basis[:], self.slacks
        twin.unknowns, twin.rows = dict(self.unknowns), dict(self.rows)  # rows are replaced, never changed
        return twin

    def solution(self) -> np.ndarray:
        """The unknowns (size,) at basis = 0, Fractions."""
        return exact.fractions([self.unknowns[i][0] for i in range(self.size)])

    def equal_0(self, form: Sequence | np.ndarray) -> bool:
        """Take in form[0] + form[1:] . unknowns = 0; False if that has no solution."""
        row = self._in_basis(form)
        free = self._free(row)
        if free is None:  # only slacks are left: two inequalities
            return self._take(row) and self.at_least_0([-value for value in form])
        self._substitute(free, row)
        for i in (self.unknowns, self.rows):
            for name, other in i.items():
                i[name] = other[: free + 1] + other[free + 2 :]
        del self.basis[free]
        return True

    def at_least_0(self, form: Sequence | np.ndarray) -> bool:
        """Take in form[0] + form[1:] . unknowns >= 0; False if that has no solution."""
        return self._take(self._in_basis(form))

    def _take(self, row: list) -> bool:
        slack = self.slacks
        self.slacks += 1
        free = self._free(row)
        if free is not None:  # the new slack replaces a free unknown
            self._pivot(slack, row, free)
            return True
        self.rows[slack] = row
        while True:
            name = min((name for name, row in self.rows.items() if row[0] < 0), default=None)
            if name is None:
                return True
            row = self.rows.pop(name)
            up = [(member, j) for j, member in enumerate(self.basis) if row[j + 1] > 0]
            if not up:
                return False
            self._pivot(name, row, min(up)[1])

    def _pivot(self, name: int, row: list, j: int) -> None:
        """``name`` = row enters the basis in place j; a slack that leaves becomes a row."""
        member, pivot = self.basis[j], row[j + 1]
        solved = [-value / pivot for value in row]
        solved[j + 1] = 1 / pivot
        self._replace(j, solved)
        self.basis[j] = name
        if member >= self.size:
            self.rows[member] = solved

    def _substitute(self, j: int, row: list) -> None:
        """Set row = 0 by solving for basis member j, whose column is 0 afterwards."""
        solved = [-value / row[j + 1] for value in row]
        solved[j + 1] = fmpq(0)
        self._replace(j, solved)

    def _replace(self, j: int, solved: list) -> None:
        for table in (self.unknowns, self.rows):
            for name, other in table.items():
                factor = other[j + 1]
                if factor:
                    changed = [a + factor * s if s else a for a, s in zip(other, solved)]
                    changed[j + 1] = factor * solved[j + 1]
                    table[name] = changed

    def _free(self, row: list) -> int | None:
        return next((j for j, member in enumerate(self.basis) if member < self.size and row[j + 1]), None)

    def _in_basis(self, form: Sequence | np.ndarray) -> list:
        row = [fmpq(0)] * (len(self.basis) + 1)
        row[0] += form[0]
        for value, unknown in zip(form[1:], self.unknowns.values()):
            if value:
                row = [a + value * s if s else a for a, s in zip(row, unknown)]
        return row


def _unit(i: int, size: int) -> list:
    return [fmpq(int(j == i + 1)) for j in range(size + 1)]
