"""Records of the appointments that have ended and are still there, from their log; of those that were deleted,
the counts that were kept go into the monthly sums."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import migrations
from django.utils.crypto import salted_hmac

COUNTED = ("done", "no_show", "cancelled", "unrecorded")
BY_RESIDENT = ("cannot_come", "not_needed", "resident_asked", "other_phone")
BY_MAIRIE = ("helper_absent", "no_helper", "site_closed", "cabin_out_of_order", "fault")
LEADS = ((0, "same_day"), (2, "days_1_2"), (7, "days_3_7"), (14, "days_8_14"), (30, "days_15_30"))
NOTICES = ((0, "none"), (2, "hours_2"), (24, "hours_24"), (72, "days_3"))
AT_ONCE = 1000


def write_records(apps, schema_editor):
    Appointment = apps.get_model("booking", "Appointment")
    VisitRecord = apps.get_model("booking", "VisitRecord")
    counted = Counter()
    ended = Appointment.objects.filter(status__in=COUNTED).order_by("pk")
    last = 0
    while rows := list(
        ended.filter(pk__gt=last).select_related("commune", "site", "cabin", "service")[:AT_ONCE]
    ):
        last = rows[-1].pk
        cancelled = cancellings(apps, [row.pk for row in rows if row.status == "cancelled"])
        records = [record(VisitRecord, row, cancelled.get(row.pk)) for row in rows]
        VisitRecord.objects.bulk_create(records)
        for row, made in zip(rows, records, strict=True):
            month_on = made.day_on.replace(day=1)
            counted[cell(row.site_id, row.service_id, month_on, row.status, row.with_helper, row.is_walk_in)] += 1
    keep_what_is_gone(apps, counted)


def cell(site, service, month_on, ended_as, with_helper, is_walk_in):
    return site, service, month_on, ended_as, bool(with_helper), bool(is_walk_in)


def cancellings(apps, ids):
    """Appointment → (instant, reason, actor) of the act that cancelled it."""
    found, begun = {}, {}
    events = apps.get_model("booking", "AppointmentEvent").objects.filter(appointment__in=ids)
    for event in events.order_by("at", "pk"):
        if event.kind == "cancelling":
            begun[event.appointment_id] = event.at
        elif event.kind in ("cancel_undone", "restored"):
            begun.pop(event.appointment_id, None)
        elif event.kind == "cancelled":
            at = begun.get(event.appointment_id, event.at)
            found[event.appointment_id] = (at, event.reason, event.actor)
    return found


def record(VisitRecord, row, cancelling):
    zone = ZoneInfo(row.commune.time_zone)
    local = row.starts_at.astimezone(zone)
    is_open = local.date() > (datetime.now(UTC).astimezone(zone) - timedelta(days=8)).date()
    done = row.status == "done"
    cancelled = cancelling if row.status == "cancelled" else None
    days = (local.date() - row.created_at.astimezone(zone).date()).days
    return VisitRecord(
        key=salted_hmac("booking.VisitRecord", str(row.pk), algorithm="sha256").hexdigest() if is_open else "",
        commune_id=row.commune_id,
        day_on=local.date(),
        half_hour=local.hour * 2 + local.minute // 30,
        site_ref=row.site_id,
        site_name=row.site.name,
        cabin_ref=row.cabin_id,
        cabin_name=row.cabin.name,
        service_ref=row.service_id,
        service_name=row.service.name,
        theme=row.service.theme,
        ended_as=row.status,
        cancelled_by=cancelled_by(*cancelled[1:]) if cancelled else "",
        notice=notice(row.starts_at, cancelled[0]) if cancelled else "",
        booked_min=int((row.ends_at - row.starts_at).total_seconds() // 60),
        used_min=minutes(row.started_at, row.ended_at) if done else None,
        waited_min=waited(row) if done else None,
        helped_by="helper" if row.with_helper else "nobody",
        persons=row.party_size,
        origin=row.origin,
        is_walk_in=row.is_walk_in,
        lead=next((each for most, each in LEADS if days <= most), "days_31"),
        outcome=row.outcome if done else "",
    )


def cancelled_by(reason, actor):
    if reason in BY_MAIRIE:
        return "mairie"
    if reason == "mistake":
        return "mistake"
    return "resident" if reason in BY_RESIDENT or actor in ("resident", "screen") else "unknown"


def notice(starts_at, cancelled_at):
    hours = (starts_at - cancelled_at).total_seconds() / 3600
    return next((each for most, each in NOTICES if hours <= most), "more")


def waited(row):
    arrived, started = row.arrived_at, row.started_at
    if arrived is None or started is None or (arrived == started and not row.is_walk_in):
        return None
    return minutes(max(arrived, row.starts_at), started)


def minutes(since, until):
    return max(0, int((until - since).total_seconds() // 60)) if since and until else None


def keep_what_is_gone(apps, counted):
    """What was counted once and has no record now, since its appointment was deleted."""
    sums, names, labels = Counter(), {}, {}
    for row in apps.get_model("booking", "VisitCount").objects.select_related("site", "service"):
        of = cell(row.site_id, row.service_id, row.month_on, row.ended_as, row.with_helper, row.is_walk_in)
        left = row.count - counted[of]
        if left <= 0:
            continue
        values = [("ended_as", row.ended_as, "")]
        if row.ended_as == "done":
            values += [
                ("service", str(row.service_id), row.service.name),
                ("theme", row.service.theme, ""),
                ("helped_by", "helper" if row.with_helper else "nobody", ""),
                ("walk_in", "yes" if row.is_walk_in else "no", ""),
            ]
        for dimension, code, label in values:
            at = (row.commune_id, row.month_on, row.site_id, dimension, code)
            sums[at] += left
            names[at], labels[at] = row.site.name, label
    apps.get_model("booking", "MonthlySum").objects.bulk_create(
        apps.get_model("booking", "MonthlySum")(
            commune_id=at[0],
            month_on=at[1],
            site_ref=at[2],
            site_name=names[at],
            dimension=at[3],
            code=at[4],
            label=labels[at],
            visits=count,
        )
        for at, count in sums.items()
    )


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0008_visit_records'),
    ]

    operations = [
        migrations.RunPython(write_records, migrations.RunPython.noop, elidable=True),
    ]
