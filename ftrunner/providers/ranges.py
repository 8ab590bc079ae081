"""What a provider takes as the value of a hyperparameter or of a deployment's setting."""

from __future__ import annotations

from dataclasses import dataclass

Scalar = int | float | str | bool


@dataclass(frozen=True, slots=True)
class Range:
    """One of `choices`, or a number within bounds, or "auto".

    None is unbounded; `exclusive_minimum` leaves the bound itself out. `words` are taken
    beside numbers, `boolean` means true or false, and `default` is what the provider uses where
    nothing is asked for. `plausible` are the least and greatest number that make sense: a
    translation that leads outside is refused.
    """

    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    integer: bool = False
    boolean: bool = False
    auto: bool = True
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    default: Scalar | None = None
    plausible: tuple[float, float] | None = None

    def takes(self, value: Scalar) -> bool:
        """Whether the provider takes `value`."""
        if isinstance(value, str):
            return value in (*self.choices, *self._words)
        if isinstance(value, bool) or self.boolean:
            return isinstance(value, bool) and self.boolean
        whole = isinstance(value, int) or value.is_integer()
        return not self.choices and self._contains(value) and (whole or not self.integer)

    @property
    def description(self) -> str:
        """What is taken, in words: `a whole number from 1 up to 50, or "auto"`."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.boolean:
            return "true or false"
        kind = "a whole number" if self.integer else "a number"
        low = None
        if self.minimum is not None:
            low = f"{'above' if self.exclusive_minimum else 'from'} {self.minimum:g}"
        high = None if self.maximum is None else f"up to {self.maximum:g}"
        bounds = " ".join(part for part in (kind, low, high) if part)
        quoted = " or ".join(f'"{word}"' for word in self._words)
        return f"{bounds}, or {quoted}" if quoted else bounds

    @property
    def _words(self) -> tuple[str, ...]:
        return (*self.words, *(("auto",) if self.auto else ()))

    def _contains(self, value: float) -> bool:
        if self.exclusive_minimum and value == self.minimum:
            return False
        above = self.minimum is None or value >= self.minimum
        return above and (self.maximum is None or value <= self.maximum)
