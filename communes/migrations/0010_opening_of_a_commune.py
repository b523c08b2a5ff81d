from django.db import migrations, models
from django.utils import timezone


def open_those_in_use(apps, schema_editor):
    """Until now a commune with a cabin was in use: nobody has to open it again."""
    communes = apps.get_model("communes", "Commune")
    in_use = communes.objects.filter(pk__in=communes.objects.filter(sites__cabins__isnull=False).values("pk"))
    in_use.update(opened_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("communes", "0009_faults")]

    operations = [
        migrations.AddField(
            model_name="commune",
            name="opened_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="When it was opened to residents.", null=True
            ),
        ),
        migrations.RunPython(open_those_in_use, migrations.RunPython.noop),
    ]
