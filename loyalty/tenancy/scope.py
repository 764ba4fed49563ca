"""The tenant scope: reads without one raise, reads in one are filtered, foreign writes raise.

The scope is a context variable (django-scopes keeps it). It is opened in three spots only: API
authentication, the dashboard/portal middleware, and ``@command``. Staff's admin and jobs that walk
over all programmes say so aloud with :func:`every_programme`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db import models
from django_scopes import get_scope, scope, scopes_disabled
from django_scopes.exceptions import ScopeError

if TYPE_CHECKING:
    from loyalty.tenancy.models import Programme

M = TypeVar("M", bound="TenantModel")


@contextmanager
def in_programme(programme: Programme, *, merchant_id: int | None = None) -> Iterator[None]:
    """Open the scope of one programme; with a merchant, as its staff may see it.

    In a coalition a merchant's staff read their own merchant's business only: rows of models that
    are ``private_to`` a merchant are narrowed here, in one place. Pages and the API open the scope
    so; ``@command`` narrows what it locks and then works on the whole programme, since what a sale
    earns may depend on what was bought elsewhere.
    """
    with scope(programme=programme, merchant_id=merchant_id):
        yield


@contextmanager
def at_every_merchant() -> Iterator[None]:
    """Count over the whole programme whoever looks: facts about shared members."""
    with scope(merchant_id=None):
        yield


def current_merchant() -> int | None:
    """The merchant to whose business the scope is narrowed; ``None`` where it is not."""
    own: int | None = get_scope().get("merchant_id")
    return own


def is_private_elsewhere(merchant_id: int | None) -> bool:
    """Is this another merchant's business, which whoever looks now must not see?"""
    own = current_merchant()
    return own is not None and merchant_id is not None and merchant_id != own


@contextmanager
def every_programme() -> Iterator[None]:
    """Leave the scope on purpose: staff's admin, verification, jobs that find due work."""
    with scopes_disabled():
        yield


def current_programme() -> Programme:
    """The programme in scope. Raises ``ScopeError`` where there is none."""
    programme: Programme | None = get_scope().get("programme")
    if programme is None:
        raise ScopeError("A programme needs to be in scope here.")
    return programme


class ForeignWrite(AssertionError):
    """A row of another programme was about to be written: a fault of ours, never of a user."""


class TenantQuerySet(models.QuerySet[M]):
    """A queryset that writes into the programme in scope only."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        rows = list(objs)
        for row in rows:
            row.guard()
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> int:
        rows = list(objs)
        for row in rows:
            row.guard()
        return super().bulk_update(rows, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        if "programme" in kwargs or "programme_id" in kwargs:
            raise ForeignWrite("A row never changes its programme.")
        return super().update(**kwargs)


class TenantManager(models.Manager[M]):
    """The default manager of every tenant model: fails closed."""

    def get_queryset(self) -> TenantQuerySet[M]:
        rows: TenantQuerySet[M] = TenantQuerySet(self.model, using=self._db)
        active = get_scope()
        if not active.get("_enabled", True):
            return rows
        if active.get("programme") is None:
            raise ScopeError(f"{self.model.__name__} was read without a programme in scope.")
        rows = rows.filter(programme=active["programme"])
        own = active.get("merchant_id")
        return rows if own is None else rows.filter(self.model.seen_at(own))

    # Nothing is read to insert, so no filter is made; each row guards itself.

    def create(self, **kwargs: Any) -> M:
        return self._unfiltered().create(**kwargs)

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        return self._unfiltered().bulk_create(objs, *args, **kwargs)

    def _unfiltered(self) -> TenantQuerySet[M]:
        return TenantQuerySet(self.model, using=self._db)


class TenantModel(models.Model):
    """Base of every model that belongs to one programme."""

    programme = models.ForeignKey(
        "loyalty_tenancy.Programme", on_delete=models.PROTECT, related_name="+"
    )

    objects: TenantManager[Any] = TenantManager()

    # The way to the merchant whose business a row is; empty: shared by all merchants of a programme.
    private_to: ClassVar[str] = ""

    class Meta:
        # Forward foreign keys load through Django's plain base manager, so they never hide their
        # target; guard() is what keeps them inside the programme.
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.guard()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.guard()
        return super().delete(*args, **kwargs)

    @classmethod
    def seen_at(cls, merchant_id: int) -> models.Q:
        """Which rows the staff of one merchant of a coalition may read."""
        return models.Q(**{cls.private_to: merchant_id}) if cls.private_to else models.Q()

    def guard(self) -> None:
        """Fill in the programme in scope; raise where the row or what it points at is foreign."""
        active = get_scope()
        if not active.get("_enabled", True):
            return
        programme = active.get("programme")
        if programme is None:
            raise ScopeError(f"{type(self).__name__} was written without a programme in scope.")
        if self.programme_id is None:
            self.programme = programme
        if self.programme_id != programme.pk:
            raise ForeignWrite(f"{type(self).__name__} of another programme.")
        for field in _tenant_foreign_keys(type(self)):
            target = self._state.fields_cache.get(field)
            if target is not None and target.programme_id != self.programme_id:
                raise ForeignWrite(f"{type(self).__name__}.{field} points at another programme.")


_FOREIGN_KEYS: dict[type[models.Model], tuple[str, ...]] = {}


def _tenant_foreign_keys(model: type[models.Model]) -> tuple[str, ...]:
    if model not in _FOREIGN_KEYS:
        _FOREIGN_KEYS[model] = tuple(
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field.related_model, type)
            and issubclass(field.related_model, TenantModel)
        )
    return _FOREIGN_KEYS[model]


__all__ = [
    "ForeignWrite",
    "ScopeError",
    "TenantManager",
    "TenantModel",
    "TenantQuerySet",
    "at_every_merchant",
    "current_merchant",
    "current_programme",
    "every_programme",
    "in_programme",
    "is_private_elsewhere",
]
