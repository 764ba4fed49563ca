from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import F

from loyalty.common.money import split


def tell_money_from_points(apps: Any, _editor: Any) -> None:
    """Of earlier sales it is known how much points and vouchers paid, not of which line: by worth."""
    purchase, line, refund = (
        apps.get_model("loyalty_sales", name) for name in ("Purchase", "PurchaseLine", "Refund")
    )
    refund._base_manager.update(cash_minor=F("amount_minor"))
    paid = F("points_paid_minor") + F("vouchers_paid_minor")
    for row in purchase._base_manager.annotate(paid=paid).filter(paid__gt=0).iterator():
        goods = list(line._base_manager.filter(purchase=row, kind="goods").order_by("number"))
        for one, part in zip(goods, split(row.paid, [g.net_minor for g in goods]), strict=True):
            line._base_manager.filter(pk=one.pk).update(paid_minor=min(part, one.net_minor))


class Migration(migrations.Migration):
    dependencies = [("loyalty_sales", "0002_alter_purchase_source")]

    operations = [
        migrations.AddField("purchaseline", "paid_minor", models.BigIntegerField(default=0)),
        migrations.AddField(
            "refund", "cash_minor", models.BigIntegerField(default=0), preserve_default=False
        ),
        migrations.RunPython(tell_money_from_points, migrations.RunPython.noop),
        migrations.RemoveConstraint("purchaseline", "purchase_line_refund_within"),
        migrations.AddConstraint(
            "purchaseline",
            models.CheckConstraint(
                condition=models.Q(
                    ("paid_minor__gte", 0),
                    ("paid_minor__lte", F("net_minor")),
                    ("refunded_milli__gte", 0),
                    ("refunded_milli__lte", F("quantity_milli")),
                    ("refunded_minor__gte", 0),
                    ("refunded_minor__lte", F("net_minor")),
                ),
                name="purchase_line_refund_within",
            ),
        ),
        migrations.RemoveConstraint("refund", "refund_positive"),
        migrations.AddConstraint(
            "refund",
            models.CheckConstraint(
                condition=models.Q(("amount_minor__gte", F("cash_minor")), ("cash_minor__gte", 0)),
                name="refund_positive",
            ),
        ),
    ]
