"""The parameters of a chapter: what a reader may set them to, said once and checked at the start of a run.

    parameters.check(K=whole(5, 40), seeds=wholes(20, 2000, least=2), seed=SEED)
    parameters.need(N <= K, f"N = {N}: at most K = {K} labels can change")

A range is a promise: every value in it runs. `make sweep` tries both ends of each.
"""

import ast
import sys
from dataclasses import dataclass

_INJECTED = "# Parameters"  # how papermill begins the cell with a reader's values


@dataclass(frozen=True)
class Whole:
    """A whole number from ``low`` to ``high``; from ``slow`` on a run takes minutes, which is said."""

    low: int
    high: int
    slow: int | None = None

    def __str__(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def admits(self, value: object) -> bool:
        return type(value) is int and self.low <= value <= self.high

    def takes_minutes(self, value: int) -> bool:
        return self.slow is not None and value >= self.slow

    def ends(self) -> tuple[int, int]:
        """The least and the largest value."""
        return self.low, self.high


@dataclass(frozen=True)
class Wholes:
    """A list of ``least`` or more increasing whole numbers from ``low`` to ``high``, multiples of ``step``."""

    low: int
    high: int
    least: int = 1
    step: int = 1
    slow: int | None = None

    def __str__(self) -> str:
        which = f", multiples of {self.step}" if self.step > 1 else ""
        more = f"{self.least} or more " if self.least > 1 else ""
        return f"a list of {more}increasing whole numbers from {self.low} to {self.high}{which}"

    def admits(self, values: object) -> bool:
        if type(values) is not list or len(values) < self.least or any(type(value) is not int for value in values):
            return False
        inside = all(self.low <= value <= self.high and value % self.step == 0 for value in values)
        return inside and values == sorted(set(values))

    def takes_minutes(self, values: list[int]) -> bool:
        return self.slow is not None and values[-1] >= self.slow

    def ends(self) -> tuple[list[int], list[int]]:
        """The shortest lists at the lower and at the upper end."""
        first, last = -(-self.low // self.step), self.high // self.step
        lowest = [self.step * (first + i) for i in range(self.least)]
        return lowest, [self.step * (last - i) for i in reversed(range(self.least))]


whole, wholes = Whole, Wholes
SEED = Whole(0, 2**31)


def check(**ranges: Whole | Wholes) -> None:
    """Compare the notebook's variables of these names with their ranges; call it right after the parameters.

    Raises ValueError for a value outside its range and for a name that the reader set and the notebook does not have
    (papermill only warns of those). Says so when a value takes minutes.
    """
    values = sys._getframe(1).f_globals
    for name in _set_by_reader(values):
        if name not in ranges:
            raise ValueError(f"there is no parameter {name!r}; this notebook has {', '.join(ranges)}")
    for name, allowed in ranges.items():
        if not allowed.admits(values[name]):
            raise ValueError(f"{name} is {values[name]!r}: expected {allowed}")
    slow = [name for name, allowed in ranges.items() if allowed.takes_minutes(values[name])]
    if slow:
        print(f"{', '.join(f'{name} = {values[name]}' for name in slow)}: this run takes minutes.")


def need(holds: bool, otherwise: str) -> None:
    """Raise ValueError with the sentence ``otherwise`` unless parameters go together."""
    if not holds:
        raise ValueError(otherwise)


def _set_by_reader(values) -> list[str]:
    """The names that papermill's own cell sets, found in the history that IPython keeps."""
    cells = [source for source in values.get("In", []) if source.startswith(_INJECTED)]
    statements = ast.parse(cells[-1]).body if cells else []
    targets = [target for statement in statements if isinstance(statement, ast.Assign) for target in statement.targets]
    return [target.id for target in targets if isinstance(target, ast.Name)]
