"""Photos of entries move to where all photos are; entries that wait stand in the common queue."""

from io import BytesIO

from django.db import migrations
from PIL import Image

from loyalty.common.public_ids import new_id
from loyalty.web.photos import keep_drawn


def move_photos(apps, schema_editor):
    """Each as a photo of its member beside the entry."""
    photos = apps.get_model("members_moderation", "Photo")
    for row in apps.get_model("community_contests", "EntryPhoto").objects.select_related("entry"):
        raw = bytes(row.jpeg)
        kept = keep_drawn(raw, *Image.open(BytesIO(raw)).size)
        photos.objects.create(
            public_id=new_id("pho"),
            programme_id=row.programme_id,
            member_id=row.entry.member_id,
            kind="contest_entry",
            subject=row.entry.public_id,
            file=kept.name,
            width=kept.width,
            height=kept.height,
            size=kept.size,
            state="shown" if row.entry.state == "shown" else "held",
            sent_at=row.entry.entered_at,
        )


def open_cases(apps, schema_editor):
    """What waits to be looked at waits in the queue too."""
    cases = apps.get_model("members_moderation", "Case")
    entries = apps.get_model("community_contests", "Entry").objects
    for row in entries.filter(state="pending", contest__state="live"):
        cases.objects.create(
            public_id=new_id("cas"),
            programme_id=row.programme_id,
            kind="contest_entry",
            subject=row.public_id,
            author_id=row.member_id,
            why="new",
            opened_at=row.entered_at,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("community_contests", "0001_initial"),
        ("members_moderation", "0002_photos_of_the_shop"),
    ]

    operations = [
        migrations.RunPython(move_photos, migrations.RunPython.noop),
        migrations.RunPython(open_cases, migrations.RunPython.noop),
        migrations.DeleteModel(name="EntryPhoto"),
    ]
