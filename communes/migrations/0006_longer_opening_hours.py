from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('communes', '0005_hour_set_elsewhere'),
    ]

    operations = [
        migrations.AlterField(
            model_name='site',
            name='opening_hours',
            field=models.CharField(blank=True, help_text='In the OpenStreetMap syntax; empty means closed.', max_length=4000, verbose_name='opening hours'),
        ),
    ]
