"""Pictures of events move out of the database, to where all pictures are."""

from io import BytesIO

from django.db import migrations
from PIL import Image

from loyalty.common.public_ids import new_id
from loyalty.web.photos import keep_drawn


def move_pictures(apps, schema_editor):
    """Each picture as a photo of the shop's beside its event."""
    photos = apps.get_model("members_moderation", "Photo")
    for row in apps.get_model("community_events", "EventPicture").objects.select_related("event"):
        raw = bytes(row.jpeg)
        kept = keep_drawn(raw, *Image.open(BytesIO(raw)).size)
        photos.objects.create(
            public_id=new_id("pho"),
            programme_id=row.programme_id,
            kind="event",
            subject=row.event.public_id,
            file=kept.name,
            width=kept.width,
            height=kept.height,
            size=kept.size,
            state="held" if row.event.state == "draft" else "shown",
            sent_at=row.event.created_at,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("community_events", "0001_initial"),
        ("members_moderation", "0002_photos_of_the_shop"),
    ]

    operations = [
        migrations.RunPython(move_pictures, migrations.RunPython.noop),
        migrations.DeleteModel(name="EventPicture"),
    ]
