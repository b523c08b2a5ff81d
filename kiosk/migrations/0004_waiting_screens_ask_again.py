from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep when the screen of a waiting code asked last, not when the code was made (at most ten minutes
    ago)."""

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
