"""The shop's own pictures are kept as those of members are: without one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members_moderation", "0001_initial"),
        ("members_profiles", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="photo",
            name="member",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members_profiles.member",
            ),
        ),
    ]
