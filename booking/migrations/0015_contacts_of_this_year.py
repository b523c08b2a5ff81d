"""Who came since the first of January, of the visits that are still there: what is published next year needs it.
Of those that were deleted nothing is known; they count as too few people, never as more than came."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import migrations
from django.utils.crypto import salted_hmac

AT_ONCE = 500
OF_PROCEDURES = (
    "aide_aux_demarches_administratives",
    "papiers_elections_citoyennete",
    "famille_scolarite",
    "social_sante",
    "travail_formation",
    "logement",
    "transports_mobilite",
    "argent_impots",
    "justice",
    "etrangers_europe",
    "loisirs_sports_culture",
    "associations",
)


def write_contacts(apps, schema_editor):
    VisitContact = apps.get_model("booking", "VisitContact")
    for commune in apps.get_model("communes", "Commune").objects.all():
        zone = ZoneInfo(commune.time_zone)
        today = datetime.now(UTC).astimezone(zone).date()
        secret_of, last = {}, 0
        since = datetime(today.year, 1, 1, tzinfo=zone)
        visits = apps.get_model("booking", "Appointment").objects.filter(
            commune=commune, status="done", resident__isnull=False, starts_at__gte=since
        )
        found = {}
        while rows := list(
            visits.filter(pk__gt=last)
            .select_related("service", "resident")
            .prefetch_related("resident__phones")
            .order_by("pk")[:AT_ONCE]
        ):
            last = rows[-1].pk
            for row in rows:
                for made in contacts(VisitContact, apps, row, zone, today, secret_of):
                    where = (made.year, made.month_on, made.site_ref, made.dimension, made.code, made.contact)
                    found[(made.key, *where)] = made
        ordered = sorted(found.values(), key=lambda made: made.contact)
        VisitContact.objects.bulk_create(ordered, batch_size=AT_ONCE)


def contacts(VisitContact, apps, row, zone, today, secret_of):
    local = row.starts_at.astimezone(zone)
    is_open = local.date() > today - timedelta(days=8)
    key = salted_hmac("booking.VisitRecord", str(row.pk), algorithm="sha256").hexdigest() if is_open else ""
    contact = contact_of(row.resident)
    categories = {
        "": "",
        "help": "helper" if row.with_helper else "nobody",
        "theme": "procedures" if row.service.theme in OF_PROCEDURES else "digital",
        "moment": "morning" if local.hour < 12 else "afternoon",
    }
    for year in [local.year, local.year + 1] if local.month >= 10 else [local.year]:
        if year not in secret_of:
            secret_of[year] = secrets.token_hex(32)
            apps.get_model("booking", "ContactKey").objects.create(
                commune_id=row.commune_id, year=year, secret=secret_of[year]
            )
        for dimension, code in categories.items():
            text = "\n".join((str(row.site_id), dimension, code, contact))
            yield VisitContact(
                key=key,
                commune_id=row.commune_id,
                year=year,
                month_on=local.date().replace(day=1),
                site_ref=row.site_id,
                dimension=dimension,
                code=code,
                contact=hmac.new(bytes.fromhex(secret_of[year]), text.encode(), hashlib.sha256).hexdigest(),
            )


def contact_of(resident):
    phone = min(resident.phones.all(), key=lambda each: each.pk, default=None)
    if phone is not None:
        return f"tel:{phone.number}"
    return f"mail:{resident.email.lower()}" if resident.email else f"record:{resident.pk}"


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0014_visit_contacts'),
    ]

    operations = [
        migrations.RunPython(write_contacts, migrations.RunPython.noop, elidable=True),
    ]
