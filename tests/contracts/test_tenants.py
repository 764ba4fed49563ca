"""Every model of ours belongs to a programme, fails closed without a scope, and refuses foreign rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from loyalty.tenancy.models import Programme, User
from loyalty.tenancy.scope import ForeignWrite, ScopeError, TenantModel, in_programme
from loyalty.web.discovery import AREAS
from tests.world import Shop

# Log-ins and programmes stand above tenants; nothing else does.
ABOVE_TENANTS = {User, User.groups.through, User.user_permissions.through, Programme}


def own_models() -> list[type[Any]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.split(".")[0] in AREAS and model not in ABOVE_TENANTS
    ]


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_every_model_is_a_tenants(model: type[Any], db: None) -> None:
    assert issubclass(model, TenantModel), f"{model.__name__} must derive from TenantModel"
    with pytest.raises(ScopeError):
        model.objects.count()
    with pytest.raises(ScopeError):
        model.objects.exists()


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_no_model_writes_into_another_programme(
    model: type[Any], shop: Shop, other_shop: Shop
) -> None:
    with in_programme(shop.programme):
        foreign = model(programme=other_shop.programme)
        with pytest.raises(ForeignWrite):
            foreign.save()
        with pytest.raises(ForeignWrite):
            model.objects.bulk_create([foreign])
        with pytest.raises(ForeignWrite):
            model.objects.update(programme=other_shop.programme)


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_every_unique_constraint_is_within_a_programme(model: type[Any]) -> None:
    """A globally unique value would tell one programme what another holds, public ids aside."""
    from loyalty.common.public_ids import PublicIdField

    for field in model._meta.fields:
        if field.unique and not field.primary_key:
            unguessable = isinstance(field, PublicIdField) or field.name == "digest"
            assert unguessable or field.is_relation, f"{model.__name__}.{field.name}"


def test_what_points_at_another_programme_is_not_written(shop: Shop, other_shop: Shop) -> None:
    from loyalty.tenancy.models import Location

    with in_programme(shop.programme), pytest.raises(ForeignWrite):
        Location.objects.create(merchant=other_shop.merchant, name="Elsewhere")
