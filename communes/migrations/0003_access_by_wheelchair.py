import communes.models
from django.db import migrations, models


def read_step_free(apps, schema_editor):
    """A place with step-free access was entered as one: somebody in a wheelchair gets in."""
    sites = apps.get_model("communes", "Site").objects.only("pk", "accessibility")
    accessible = [site.pk for site in sites if "step_free" in site.accessibility]
    apps.get_model("communes", "Site").objects.filter(pk__in=accessible).update(wheelchair="yes")


class Migration(migrations.Migration):

    dependencies = [
        ('communes', '0002_cancelling_with_a_grace'),
    ]

    operations = [
        migrations.AddField(
            model_name='cabin',
            name='wheelchair',
            field=models.CharField(choices=communes.models.wheelchair_choices, default='unknown', help_text='Not known: as the place.', max_length=7, verbose_name='access by wheelchair'),
        ),
        migrations.AddField(
            model_name='site',
            name='wheelchair',
            field=models.CharField(choices=communes.models.wheelchair_choices, default='unknown', max_length=7, verbose_name='access by wheelchair'),
        ),
        migrations.RunPython(read_step_free, migrations.RunPython.noop),
    ]
