from datetime import timedelta

from django.db import migrations
from django.utils import timezone


MISSED_UNTIL = timedelta(days=4)


def look_again(apps, schema_editor):
    """Have the first sweep look at appointments whose events were read before their message was due."""
    now = timezone.now()
    appointments = apps.get_model("booking", "Appointment").objects.exclude(resident=None)
    owing = appointments.filter(starts_at__gt=now - MISSED_UNTIL).order_by("pk")
    NextLook = apps.get_model("notifications", "NextLook")
    rows = [NextLook(appointment_id=pk, at=now) for pk in owing.values_list("pk", flat=True)]
    NextLook.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0007_contact_stop'),
        ('notifications', '0010_next_look'),
    ]

    operations = [
        migrations.RunPython(look_again, migrations.RunPython.noop),
    ]
