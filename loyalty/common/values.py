"""Frozen values that are made by the thousand: quicker to make, and to make anew with a change.

``@dataclass(frozen=True)`` sets field by field through ``object.__setattr__``, and ``replace`` reads
every field and does so again. A sale makes some hundred such values. These are the same dataclasses;
only how they are filled differs. That nobody changes one is the type checker's to see, and the test
suite's, where ``GUARDED_VALUES`` refuses it as ``frozen=True`` does: a refusal costs every field of
every value a call, so the product itself runs without.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Generic, TypeVar, dataclass_transform, overload

T = TypeVar("T")
R = TypeVar("R")
_NEW, _SET = object.__new__, object.__setattr__
_GUARDED = bool(os.environ.get("GUARDED_VALUES"))


class once(Generic[T, R]):  # noqa: N801 - worn like ``property``
    """What follows from a frozen value, worked out when it is first asked for, then kept with it.

    As ``cached_property`` without its lock: two threads at once work the same out twice.
    """

    def __init__(self, work_out: Callable[[T], R]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type[T], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, value: None, owner: type[T]) -> once[T, R]: ...
    @overload
    def __get__(self, value: T, owner: type[T]) -> R: ...
    def __get__(self, value: T | None, owner: type[T]) -> once[T, R] | R:
        if value is None:
            return self
        found = value.__dict__[self._name] = self._work_out(value)
        return found


class _Made:
    """The class itself, as the type checker sees ``made``; :func:`value` puts the quick one there."""

    def __get__(self, value: object, owner: type[T]) -> type[T]:
        return owner


class Value:
    """A :func:`value` with ``made``, which makes one as the class itself does in a third of the time.

    A class that is called with names packs them into a dict and unpacks them again; ``made`` is a
    plain function. For what every sale makes; elsewhere the class is called, as always.
    """

    made = _Made()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Until it is a :func:`value` itself it is not made as what it came from.
        cls.made = _Made()


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """``@dataclass(frozen=True, kw_only=True)`` with an ``__init__`` that fills plain fields at once."""
    made: Any = dataclass(frozen=_GUARDED, unsafe_hash=True, kw_only=True)(cls)
    assert not hasattr(made, "__post_init__"), f"{cls.__name__} would not be looked after."
    arguments, filled, known = _filling(fields(made))
    body = "\n".join(
        [
            f"def __init__(self, *, {arguments}):",
            *filled,
            f"def make(*, {arguments}):",
            " self = _new(_cls)",
            *filled,
            " return self",
        ]
    )
    known |= {"_new": _NEW, "_cls": made, "_set": _SET}
    exec(body, known)  # noqa: S102 - text made of the names of fields, as dataclasses make theirs
    made.__init__ = known["__init__"]
    made.__init__.__qualname__ = f"{cls.__qualname__}.__init__"
    if issubclass(made, Value):
        made.made = staticmethod(known["make"])
    made._worked_out = frozenset(
        name
        for parent in made.__mro__
        for name, one in vars(parent).items()
        if isinstance(one, once)
    )
    made._length = len(fields(made))
    return made


def _filling(of: tuple[Field[Any], ...]) -> tuple[str, list[str], dict[str, Any]]:
    """The arguments of what makes a value, its lines, and the names these know."""
    known: dict[str, Any] = {"_given": MISSING}
    arguments, filled = [], []
    for one in of:
        assert one.init, f"{one.name} must be given."
        given, argument = one.name, one.name
        if one.default_factory is not MISSING:
            known[f"_make_{one.name}"] = one.default_factory
            argument = f"{one.name}=_given"
            given = f"_make_{one.name}() if {one.name} is _given else {one.name}"
        elif one.default is not MISSING:
            known[f"_of_{one.name}"] = one.default
            argument = f"{one.name}=_of_{one.name}"
        arguments.append(argument)
        line = f"_set(self, {one.name!r}, {given})" if _GUARDED else f"self.{one.name} = {given}"
        filled.append(f" {line}")
    return ", ".join(arguments), filled, known


def changed(old: T, **changes: Any) -> T:
    """A :func:`value` with other values in some of its fields, as ``dataclasses.replace`` makes it."""
    new = _NEW(old.__class__)
    kept = old.__dict__ | changes
    length: int = old._length  # type: ignore[attr-defined]
    if len(kept) > length:
        for name in old._worked_out:  # type: ignore[attr-defined]
            kept.pop(name, None)
        assert len(kept) == length, f"{type(old).__name__} has no field among {sorted(changes)}."
    _SET(new, "__dict__", kept)
    return new
