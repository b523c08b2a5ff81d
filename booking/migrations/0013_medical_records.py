"""Which records are of medical services: of those nothing is noted, so that nothing of it is unknown. And the sums
of earlier months: there equipment, autonomy, orientation and noted themes are unknown, of as many visits as have an
outcome, known or not."""

from collections import Counter

from django.db import migrations

NEW = ("noted_theme", "equipment", "autonomy", "orientation")
SUMMED = ("visits", "persons", "booked_min", "used_min")


def mark_medical(apps, schema_editor):
    medical = apps.get_model("communes", "Service").objects.filter(is_medical=True)
    records = apps.get_model("booking", "VisitRecord").objects
    records.filter(service_ref__in=list(medical.values_list("pk", flat=True))).update(is_medical=True, outcome="")


def say_unknown(apps, schema_editor):
    MonthlySum = apps.get_model("booking", "MonthlySum")
    totals, names = {}, {}
    for row in MonthlySum.objects.filter(dimension="outcome"):
        at = row.commune_id, row.month_on, row.site_ref
        totals.setdefault(at, Counter()).update({name: getattr(row, name) for name in SUMMED})
        names[at] = row.site_name
    MonthlySum.objects.bulk_create(
        MonthlySum(
            commune_id=at[0],
            month_on=at[1],
            site_ref=at[2],
            site_name=names[at],
            dimension=dimension,
            code="unknown",
            **total,
        )
        for at, total in totals.items()
        for dimension in NEW
    )


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0012_visit_note'),
    ]

    operations = [
        migrations.RunPython(mark_medical, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(say_unknown, migrations.RunPython.noop, elidable=True),
    ]
