from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0009_records_of_what_has_ended'),
    ]

    operations = [
        migrations.DeleteModel(
            name='VisitCount',
        ),
    ]
