from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("communes", "0003_cabin_out_until")]

    operations = [migrations.RenameField("commune", "name_shown_min", "name_shown_minutes_before")]
