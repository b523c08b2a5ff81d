"""Moves STOP from each phone row to the suppression list, where it is kept from now on."""

from django.conf import settings
from django.db import migrations
from django.utils.crypto import salted_hmac


def fill_the_list(apps, schema_editor):
    ResidentPhone = apps.get_model("booking", "ResidentPhone")
    Resident = apps.get_model("booking", "Resident")
    Suppression = apps.get_model("notifications", "Suppression")
    phones = ResidentPhone.objects.exclude(stopped_at=None)
    contacts = Resident.objects.exclude(contact_stopped_at=None).exclude(contact_phone="")
    stopped = [
        *phones.values_list("resident__commune_id", "number", "stopped_at"),
        *contacts.values_list("commune_id", "contact_phone", "contact_stopped_at"),
    ]
    for commune_id, number, at in sorted(stopped, key=lambda row: row[2]):
        Suppression.objects.get_or_create(
            number_hash=hash_of(commune_id, number),
            defaults={"commune_id": commune_id, "reason": "recorded", "since": at},
        )


def hash_of(commune_id, number):
    """The same hash as in `notifications/suppressions.py`."""
    text = f"{commune_id}:{number}"
    salt = "notifications.suppressions"
    return salted_hmac(salt, text, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0005_suppression_list"),
        ("booking", "0007_contact_stop"),
    ]
    # The old columns must still exist. The dependency is declared here, because `booking` must not import
    # `notifications`.
    run_before = [("booking", "0008_stop_is_kept_in_one_list")]
    operations = [migrations.RunPython(fill_the_list, migrations.RunPython.noop)]
