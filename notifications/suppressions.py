"""The STOP list: numbers that want no automatic messages from a commune.

A number is stored only as a keyed hash. The list outlives the person's record, and a copy of the database
must not tell whose numbers they are. The key comes from `SECRET_KEY`; hashes made with a key of
`SECRET_KEY_FALLBACKS` are found as well, so that the key can be changed (docs/decisions/0011).
"""

from collections.abc import Iterable
from itertools import batched

from django.conf import settings
from django.db.models import Q
from django.utils.crypto import salted_hmac

from booking.models import Resident
from communes.models import Commune
from notifications.models import Suppression

SALT = "notifications.suppressions"
_AT_ONCE = 500

type CommuneNumber = tuple[int, str]
"""A commune's id and a number in E.164."""


def hashes(commune_id: int, number: str) -> list[str]:
    """The hashes of a number in that commune's list, one for each key in use, the present key first. The
    hash includes the commune, so nobody can see that two communes list the same number."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [
        salted_hmac(SALT, f"{commune_id}:{number}", secret=key, algorithm="sha256").hexdigest()
        for key in keys
    ]


def suppressed(lines: Iterable[CommuneNumber]) -> dict[CommuneNumber, Suppression]:
    """Those of `lines` that are on the list, each with its row. One query for each 500 hashes."""
    by_hash = {each: line for line in set(lines) if line[1] for each in hashes(*line)}
    found: dict[CommuneNumber, Suppression] = {}
    for batch in batched(by_hash, _AT_ONCE):
        rows = Suppression.objects.filter(number_hash__in=batch)
        found.update({by_hash[row.number_hash]: row for row in rows})
    return found


def sharing(commune: Commune, number: str) -> list[Resident]:
    """All residents of the commune who are reached at this number, or whose contact person is."""
    theirs = Q(phones__number=number) | Q(contact_phone=number)
    return list(Resident.objects.current().filter(theirs, commune=commune).distinct())
