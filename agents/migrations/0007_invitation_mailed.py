from django.db import migrations, models


class Migration(migrations.Migration):
    """When an invitation's e-mail left; of those on their way already, nothing is known."""

    dependencies = [
        ("agents", "0006_covering_shift_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="mailed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the mail server took the link; empty while it has not.",
                null=True,
            ),
        ),
    ]
