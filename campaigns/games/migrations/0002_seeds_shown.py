"""A seed that is shown is kept as it is shown: no secret key is needed to read it any more."""

from django.db import migrations, models

from campaigns.games.rules.fairness import opened
from loyalty.common.sealing import BrokenSealError


def keep_shown(apps, schema_editor):
    """What was shown so far; one sealed with a lost key stays hidden, and pages say so."""
    for row in apps.get_model("campaigns_games", "Seed").objects.filter(revealed_at__isnull=False):
        try:
            row.shown = opened(row.sealed)
        except BrokenSealError:
            continue
        row.save(update_fields=["shown"])


class Migration(migrations.Migration):
    dependencies = [("campaigns_games", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="seed", name="shown", field=models.TextField(blank=True, default="")
        ),
        migrations.RunPython(keep_shown, migrations.RunPython.noop),
    ]
