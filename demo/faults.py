"""Faults of the past: last week a printer failed, and screens were dark; all work again."""

from datetime import timedelta

from communes.enums import IncidentKind
from communes.incident_actions import close_fault, confirm_fault, report_fault, take_fault
from communes.models import Incident
from demo.build import Town
from demo.places import VERLAINE
from kiosk.models import Screen, ScreenOutage

DAYS_AGO = 7


def past_fault(town: Town) -> None:
    """Reported on the screen in the morning, repaired the next day."""
    cabin = town.cabins.get(VERLAINE)
    if cabin is None or IncidentKind.PRINTER not in cabin.equipment:
        return
    day = town.midnight(town.today - timedelta(days=DAYS_AGO))
    if Incident.objects.filter(cabin=cabin).exists():
        return
    nadia = town.agents["nadia"]
    begun = day + timedelta(hours=9, minutes=40)
    end = day + timedelta(days=1, hours=14)
    incident, _ = report_fault(cabin=cabin, kind=IncidentKind.PRINTER, by=None, now=begun, on_screen=True)
    take_fault(incident=incident, by=nadia, now=begun + timedelta(minutes=4))
    confirm_fault(incident=incident, end=end, by=nadia, now=begun + timedelta(minutes=12))
    close_fault(incident=incident, by=nadia, now=end - timedelta(hours=2, minutes=30))


def past_outages(town: Town) -> None:
    """Each screen that was ever online was dark twice: for some minutes, and over a morning."""
    for screen in Screen.objects.filter(site__commune=town.commune, last_seen_at__isnull=False):
        for days, hour, minutes in ((5, 15, 6), (8, 9, 95)):
            begun = town.midnight(town.today - timedelta(days=days)) + timedelta(hours=hour)
            ended = begun + timedelta(minutes=minutes)
            ScreenOutage.objects.create(screen=screen, began_at=begun, ended_at=ended)
