"""An operator: one typed function, its inverse, and facts that always hold of it, in one place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dsl.types import Type, Value

Domains = Sequence[Collection[Value]]
"""For each parameter, the values that an argument may take on this row: what was enumerated for it, or `Infixes`."""

Witness = Callable[[Value, Domains], Iterable[tuple[Value, ...]]]
Abstraction = Callable[..., Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Operator:
    """A typed function with all that search needs to know about it.

    `apply` takes one defined value per parameter and returns a value, or None where it is undefined.
    `witness(output, domains)` yields the argument tuples, drawn from the domains, on which `apply` returns
    `output`; None where no useful inverse exists (the search tabulates the function instead).
    `abstraction(result, *args)` returns facts, written with plain + - * <= >= == on the attributes of `Facts` and |
    between comparisons, that hold whenever `apply` is defined, however characters are weighed. `joins` says that the
    operator puts its second text behind its first: search then walks outputs from left to right. `slices` says that it
    takes (text, start, count) and returns the text's characters from index `start` on, at most `count`: search then
    looks up where a part begins and how long it may be. An operator that is not `strict` is applied to undefined
    arguments (None) too; its facts must not depend on an argument that it did not choose.
    Operators are equal when their names are.
    """

    name: str
    params: tuple[Type, ...] = field(compare=False)
    returns: Type = field(compare=False)
    apply: Callable[..., Value] = field(compare=False)
    abstraction: Abstraction = field(compare=False)
    witness: Witness | None = field(default=None, compare=False)
    joins: bool = field(default=False, compare=False)
    slices: bool = field(default=False, compare=False)
    strict: bool = field(default=True, compare=False)

    def __repr__(self) -> str:
        return self.name

    @property
    def doc(self) -> str:
        """Return the first line of the semantics' docstring: one line on what the operator does."""
        return (self.apply.__doc__ or "").strip().split("\n")[0]


HEAVIEST = 1_048_573


class _Weights(dict[str, int]):
    def __missing__(self, character: str) -> int:
        self[character] = found = pow(ord(character) + 1, 3, HEAVIEST) + 1
        return found


_WEIGHTS = _Weights()


def weight_of(text: str) -> int:
    """Return the sum of the weights of a text's characters, each from 1 to HEAVIEST.

    They are spread so that different collections of a few characters seldom weigh the same.
    """
    return sum(map(_WEIGHTS.__getitem__, text))


@dataclass(frozen=True, slots=True)
class Facts:
    """The attributes that abstractions speak about: `length` and `weight` of a text, `value` of a number or position.

    A text weighs what its characters do together, each a positive number: which ones it has tells, in what order not.
    """

    length: Any = None
    value: Any = None
    weight: Any = None

    @classmethod
    def of(cls, value: Value, weigh: Callable[[str], int] = weight_of) -> Facts:
        """Return the facts of a concrete value."""
        if isinstance(value, str):
            return cls(length=len(value), weight=weigh(value))
        return cls(value=value) if isinstance(value, int | Decimal) else cls()


@dataclass(frozen=True, slots=True)
class Infixes:
    """The domain of an argument that is still to be found: any text that stands inside one of these."""

    texts: tuple[str, ...]

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and any(value in text for text in self.texts)

    def __iter__(self) -> Any:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


def operator(
    name: str,
    params: Sequence[Type],
    returns: Type,
    *,
    abstraction: Abstraction,
    witness: Witness | None = None,
    joins: bool = False,
    slices: bool = False,
    strict: bool = True,
) -> Callable[[Callable[..., Value]], Operator]:
    """Return a decorator that makes an Operator of the function below it."""

    def make(apply: Callable[..., Value]) -> Operator:
        return Operator(name, tuple(params), returns, apply, abstraction, witness, joins, slices, strict)

    return make
