"""Frozen values are dataclasses like others, only made quicker."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, field, replace
from fractions import Fraction
from typing import Any

import pytest

from loyalty.common.money import rounded, rounded_ratio
from loyalty.common.values import changed, once, value


@value
class Line:
    number: int
    net_minor: int = 0
    tags: list[str] = field(default_factory=list)

    @once
    def double(self) -> int:
        """Worked out once."""
        return self.net_minor * 2


@value
class Marked(Line):
    mark: str = ""


def test_a_value_is_what_a_frozen_dataclass_is() -> None:
    line = Line(number=1, net_minor=5)
    assert line == Line(net_minor=5, number=1) != Line(number=2, net_minor=5)
    assert repr(line) == "Line(number=1, net_minor=5, tags=[])"
    assert line.tags is not Line(number=1).tags
    given: list[str] = []
    assert Line(number=1, tags=given).tags is given
    assert Marked(number=3, mark="x") == replace(Marked(number=3), mark="x")
    with pytest.raises(FrozenInstanceError):
        line.number = 2  # type: ignore[misc]


@pytest.mark.parametrize("wrong", [{}, {"number": 1, "colour": "red"}])
def test_a_value_takes_its_fields_and_no_others(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Line(**wrong)


def test_a_changed_value_works_out_anew_what_follows_from_it() -> None:
    line = Marked(number=1, net_minor=5, mark="a")
    assert line.double == 10
    dearer = changed(line, net_minor=7)
    assert dearer == Marked(number=1, net_minor=7, mark="a")
    assert dearer.double == 14
    assert line.double == 10
    with pytest.raises(AssertionError, match="Marked has no field"):
        changed(line, colour="red")


@pytest.mark.parametrize("rounding", ["floor", "half_up", "ceil"])
def test_a_ratio_is_rounded_as_its_fraction_is(rounding: str) -> None:
    for over in range(-40, 41):
        for under in range(1, 9):
            assert rounded_ratio(over, under, rounding) == rounded(Fraction(over, under), rounding)
