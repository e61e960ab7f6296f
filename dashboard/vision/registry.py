"""Named, described, parametrised functions: the one table behind menus, command line and documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from dashboard.vision.errors import ParameterError, UnknownNameError

Value = int | float
Setting = Value | str


@dataclass(frozen=True)
class Parameter:
    """A number that a method takes: its name, human label, range (both ends included), default and unit.

    ``step`` of an integer parameter is an int, and so are its values.
    """

    name: str
    label: str
    default: Value
    minimum: Value
    maximum: Value
    step: Value
    unit: str = ""

    @property
    def is_integer(self) -> bool:
        """Whether only whole numbers are taken."""
        return isinstance(self.step, int)

    def parse(self, value: Any) -> Value:
        """The number in ``value``; raises ParameterError with a sentence where it is none or out of range."""
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise ParameterError(f"{self.label} must be a number, not {value!r}.") from None
        if not self.minimum <= number <= self.maximum:
            raise ParameterError(f"{self.label} must be between {self.minimum} and {self.maximum}, not {value!r}.")
        if not self.is_integer:
            return number
        if number != int(number):
            raise ParameterError(f"{self.label} must be a whole number, not {value!r}.")
        return int(number)


@dataclass(frozen=True)
class Choice:
    """One of several names that a method takes: (key, human label) pairs in ``options``, and which is the default."""

    name: str
    label: str
    default: str
    options: tuple[tuple[str, str], ...]

    def parse(self, value: Any) -> str:
        """The key in ``value``; raises ParameterError with a sentence naming the options otherwise."""
        keys = [key for key, _ in self.options]
        if value not in keys:
            raise ParameterError(f"{self.label} must be one of {', '.join(keys)}, not {value!r}.")
        return str(value)


@dataclass(frozen=True)
class Method:
    """One entry: what it is called, what it does in one line, what it takes, and the function that does it.

    ``unavailable`` returns a sentence saying why the method cannot be used here, or None where it can.
    """

    key: str
    label: str
    explanation: str
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...] = ()
    group: str = ""
    unavailable: Callable[[], str | None] = field(default=lambda: None)

    def parse(self, given: dict[str, Any]) -> dict[str, Value]:
        """All parameters with defaults filled in; raises ParameterError for an unknown or bad one."""
        unknown = sorted(set(given) - {parameter.name for parameter in self.parameters})
        if unknown:
            raise ParameterError(f"{self.label} has no parameter {unknown[0]!r}.")
        return {p.name: p.parse(given.get(p.name, p.default)) for p in self.parameters}


Entry = TypeVar("Entry", bound=Method)


class Registry(Generic[Entry]):
    """Entries by key, in the order in which they were added."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, Entry] = {}

    def add(self, entry: Entry) -> Entry:
        """Adds an entry; its key must be new."""
        if entry.key in self._entries:
            raise ValueError(f"the {self.kind} {entry.key!r} is there already")
        self._entries[entry.key] = entry
        return entry

    def __getitem__(self, key: str) -> Entry:
        try:
            return self._entries[key]
        except KeyError:
            known = ", ".join(self._entries)
            raise UnknownNameError(f"There is no {self.kind} {key!r}; there are {known}.") from None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __contains__(self, key: str) -> bool:
        return key in self._entries
