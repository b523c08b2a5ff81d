"""The estimated travel time between two sites, used for warnings only."""

from datetime import timedelta
from math import asin, cos, hypot, radians, sin, sqrt

from communes.models import Site

_EARTH_KM = 6371.0
_KM_PER_HOUR = 15
"""By bicycle or bus in a town, from door to door."""

_AT_LEAST = timedelta(minutes=10)


def travel_time(here: Site, there: Site) -> timedelta:
    """At least ten minutes between two sites; more with the distance, if both coordinates are known."""
    if here.pk == there.pk:
        return timedelta()
    if None in (here.latitude, here.longitude, there.latitude, there.longitude):
        return _AT_LEAST
    return max(_AT_LEAST, timedelta(hours=distance_km(here, there) / _KM_PER_HOUR))


def distance_km(here: Site, there: Site) -> float:
    """The distance along the great circle (haversine formula)."""
    lat1, lon1, lat2, lon2 = (
        radians(degrees or 0.0)
        for degrees in (here.latitude, here.longitude, there.latitude, there.longitude)
    )
    half = hypot(sin((lat2 - lat1) / 2), sqrt(cos(lat1) * cos(lat2)) * sin((lon2 - lon1) / 2))
    return 2 * _EARTH_KM * asin(min(1.0, half))
