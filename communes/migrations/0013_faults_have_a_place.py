from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    Cabin = apps.get_model("communes", "Cabin")
    place = Cabin.objects.filter(pk=OuterRef("cabin_id")).values("site_id")[:1]
    apps.get_model("communes", "Incident").objects.filter(site=None).update(site_id=Subquery(place))


class Migration(migrations.Migration):

    dependencies = [
        ('communes', '0012_faults_of_screens'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
