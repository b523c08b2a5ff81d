from django.db import migrations, models


class Migration(migrations.Migration):
    """Of a code that waits, when its screen asked last, instead of when it was made (ten minutes at most)."""

    dependencies = [
        ("kiosk", "0003_no_release"),
    ]

    operations = [
        migrations.RenameField(
            model_name="pairingcode",
            old_name="created_at",
            new_name="seen_at",
        ),
        migrations.AlterField(
            model_name="pairingcode",
            name="seen_at",
            field=models.DateTimeField(help_text="When the waiting screen asked last."),
        ),
    ]
