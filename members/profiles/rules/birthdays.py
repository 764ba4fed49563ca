"""Birthdays and ages, in whole years of the local calendar."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import Invalid, Refused

OLDEST = 130


def age_on(birthday: date, day: date) -> int:
    """Completed years. Who was born on 29 February is a year older on 1 March."""
    had_it = (day.month, day.day) >= (birthday.month, birthday.day)
    return day.year - birthday.year - (0 if had_it else 1)


def check_birthday(birthday: date, *, today: date, field: str = "birthday") -> date:
    """Raises ``Invalid`` for a birthday ahead of us or older than anyone."""
    if birthday > today or age_on(birthday, today) > OLDEST:
        raise Invalid("bad_birthday", _("Check the year of this birthday."), field=field)
    return birthday


def check_age(birthday: date, *, today: date, minimum: int, field: str = "birthday") -> None:
    """Raises ``Refused`` for who is too young to join."""
    if age_on(birthday, today) < minimum:
        raise Refused(
            "too_young",
            _("You can join from the age of %(age)s.") % {"age": minimum},
            field=field,
            params={"minimum": minimum},
        )
