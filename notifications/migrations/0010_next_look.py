import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0007_contact_stop'),
        ('notifications', '0009_errors_have_a_scope'),
    ]

    operations = [
        migrations.CreateModel(
            name='NextLook',
            fields=[
                ('appointment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='booking.appointment')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name='nextlook',
            index=models.Index(fields=['at'], name='next_look_by_time'),
        ),
    ]
