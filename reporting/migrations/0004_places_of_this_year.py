"""The places that there are have been there all year: they are published from its first of January on."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db import migrations


def note_places(apps, schema_editor):
    PublishedPlace = apps.get_model("reporting", "PublishedPlace")
    for site in apps.get_model("communes", "Site").objects.select_related("commune"):
        year = datetime.now(UTC).astimezone(ZoneInfo(site.commune.time_zone)).year
        PublishedPlace.objects.create(
            commune_id=site.commune_id, site_ref=site.pk, site_name=site.name, since_on=date(year, 1, 1)
        )


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0003_publication'),
    ]

    operations = [
        migrations.RunPython(note_places, migrations.RunPython.noop, elidable=True),
    ]
