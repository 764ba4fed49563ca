"""Frozen values that are made by the thousand: quicker to make, and to make anew with a change.

``@dataclass(frozen=True)`` sets field by field through ``object.__setattr__``, and ``replace`` reads
every field and does so again. A sale makes some hundred such values. These are the same dataclasses,
as frozen to everybody who holds one; only how they are filled differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Generic, TypeVar, dataclass_transform, overload

T = TypeVar("T")
R = TypeVar("R")
_NEW = object.__new__


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


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """``@dataclass(frozen=True, kw_only=True)`` with an ``__init__`` that fills all fields at once."""
    made: Any = dataclass(frozen=True, kw_only=True)(cls)
    assert not hasattr(made, "__post_init__"), f"{cls.__name__} would not be looked after."
    known: dict[str, Any] = {"_given": MISSING}
    arguments, filled = [], []
    for one in fields(made):
        assert one.init, f"{cls.__name__}.{one.name} must be given."
        filled.append(f"{one.name}={one.name}")
        if one.default_factory is not MISSING:
            known[f"_make_{one.name}"] = one.default_factory
            arguments.append(f"{one.name}=_given")
            filled[-1] = f"{one.name}=_make_{one.name}() if {one.name} is _given else {one.name}"
        elif one.default is not MISSING:
            known[f"_of_{one.name}"] = one.default
            arguments.append(f"{one.name}=_of_{one.name}")
        else:
            arguments.append(one.name)
    body = f"def __init__(self, *, {', '.join(arguments)}):\n self.__dict__.update({', '.join(filled)})"
    exec(body, known)  # noqa: S102 - text made of the names of fields, as dataclasses make theirs
    known["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
    made.__init__ = known["__init__"]
    made._worked_out = frozenset(
        name
        for parent in made.__mro__
        for name, one in vars(parent).items()
        if isinstance(one, once)
    )
    made._length = len(fields(made))
    return made


def changed(old: T, **changes: Any) -> T:
    """A :func:`value` with other values in some of its fields, as ``dataclasses.replace`` makes it."""
    new = _NEW(old.__class__)
    kept = new.__dict__
    kept.update(old.__dict__)
    length: int = old._length  # type: ignore[attr-defined]
    if len(kept) > length:
        for name in old._worked_out:  # type: ignore[attr-defined]
            kept.pop(name, None)
    kept.update(changes)
    assert len(kept) == length, f"{old.__class__.__name__} has no field among {sorted(changes)}."
    return new
