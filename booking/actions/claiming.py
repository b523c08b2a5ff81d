"""The record of the resident for whom something is written, locked until it is."""

from django.utils.translation import gettext_lazy as _

from booking.errors import ResidentInvalid, ResidentLimited
from booking.models import Resident


def claim_resident(resident: Resident, commune_id: int) -> Resident:
    """Lock the record for this transaction: until its end nobody merges, corrects or purges it.

    Returns the record to write to: that into which it has been merged, where a colleague did so since the
    caller read it; it is locked likewise. Raises ResidentInvalid for a resident of another commune, and for
    one who has been purged; ResidentLimited where the record is kept but not used.
    """
    rows = Resident.objects.select_for_update(of=("self",)).select_related("commune", "merged_into")
    row = rows.filter(pk=resident.pk, commune=commune_id).first()
    if row is None:
        raise ResidentInvalid(_("This resident is not known any more."))
    if row.is_limited:
        raise ResidentLimited
    return row if row.merged_into is None else claim_resident(row.merged_into, commune_id)
