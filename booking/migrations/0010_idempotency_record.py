from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("booking", "0009_resident_recorded_once")]

    operations = [migrations.RenameModel("BookedCall", "IdempotencyRecord")]
