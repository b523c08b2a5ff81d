from django.db import migrations, models


class Migration(migrations.Migration):
    """The key of the form that recorded somebody, so that the same form records nobody twice."""

    dependencies = [
        ("booking", "0008_stop_is_kept_in_one_list"),
    ]

    operations = [
        migrations.AddField(
            model_name="resident",
            name="form_key",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
    ]
