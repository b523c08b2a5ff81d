from django.db import migrations


def forget_old_errors(apps, schema_editor):
    """Alarms stopped everybody, whatever they were about: those that are real are raised again within a
    minute. Messages that had failed « for an operator » have failed by that way: another was tried."""
    apps.get_model("notifications", "ProviderAlarm").objects.all().delete()
    messages = apps.get_model("notifications", "Message").objects
    messages.filter(failure="operator").update(failure="number")


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0007_who_asks_again_is_one_line'),
    ]

    operations = [
        migrations.RunPython(forget_old_errors, migrations.RunPython.noop),
    ]
