from django.db import migrations


class Migration(migrations.Migration):
    """`notifications.0006_stops_move_to_the_list` reads these columns before they go."""

    dependencies = [
        ("booking", "0007_contact_stop"),
    ]

    operations = [
        migrations.RemoveField(model_name="resident", name="contact_stopped_at"),
        migrations.RemoveField(model_name="residentphone", name="stopped_at"),
    ]
