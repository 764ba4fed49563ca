"""Sales of deliveries recorded before a sale could name its bill name it now, so that what the till and
the bill give back of them is one money too.
"""

from django.db import migrations
from django.db.models import F


def name_bills(apps, schema_editor):
    """A delivery's sale has the delivery's id as its receipt, the fee of leaving early its bill's."""
    orders = apps.get_model("tiers_subscriptions", "Order").objects
    sales = apps.get_model("loyalty_sales", "Purchase").objects.filter(source="order", charge="")
    known = orders.exclude(charge="").exclude(paid_at=None)
    for row in known.values("public_id", "merchant", "charge").iterator():
        sales.filter(merchant=row["merchant"], receipt=row["public_id"]).update(charge=row["charge"])
    sales.filter(receipt__startswith="chg_").update(charge=F("receipt"))


class Migration(migrations.Migration):
    dependencies = [
        ("tiers_subscriptions", "0003_words_for_a_bad_code"),
        ("loyalty_sales", "0005_paid_by_a_bill"),
    ]

    operations = [migrations.RunPython(name_bills, migrations.RunPython.noop)]
