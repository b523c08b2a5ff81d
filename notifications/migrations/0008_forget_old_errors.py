from django.db import migrations


def forget_old_errors(apps, schema_editor):
    """Delete the old alarms: each stopped all messages, whatever its cause. Real ones are raised again
    within a minute. Messages that failed « for an operator » become failures of their contact way: another
    was tried."""
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
