from django.db import migrations

WAITED_FOR = (
    *("21212", "21606", "21607", "21267", "21603", "21659", "21660", "21661", "21210", "21213", "21611"),
    *("20003", "20005", "20404", "10001", "30002", "63038", "60728", "20429", "30001"),
)
"""Codes for which a message waits. None of them means that a number does not exist or wants no messages."""


def forget_codes(apps, schema_editor):
    """Clear the code of a wait from messages that later failed for another reason."""
    failed = apps.get_model("notifications", "Message").objects.filter(
        state="failed", error_code__in=WAITED_FOR
    )
    failed.filter(failure="invalid").update(failure="replaced", error_code="")
    failed.filter(failure="stopped").update(error_code="")


class Migration(migrations.Migration):
    dependencies = [("notifications", "0011_look_at_what_was_missed")]

    operations = [migrations.RunPython(forget_codes, migrations.RunPython.noop)]
