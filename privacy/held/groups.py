"""Everything that is held about a person, part by part, in the order of the page.

Each column that `privacy.register` says is about a resident has its place here: a test fails without.
"""

from django.utils.translation import gettext_lazy as _

from privacy.held.part import Group, Part, Unlinked
from privacy.held.parts import contacts, records, rights, said, visits

VISITS, LOG = visits.APPOINTMENTS, visits.LOG

GROUPS = (
    Group(_("The record"), (records.RECORD, records.PHONES, records.HISTORY, records.MERGED, records.EDITS)),
    Group(
        _("Appointments"),
        (VISITS, LOG, visits.NOTES, visits.BOOKED_ELSEWHERE),
    ),
    Group(_("Waiting list"), (visits.WAITING, visits.WAITING_PLACES, visits.OFFERS)),
    Group(
        _("Messages and calls"),
        (said.SENT, said.RECEIVED, said.ERASURES, said.RESULTS, said.CLAIMS),
    ),
    Group(_("Consents and refusals"), (said.CONSENTS, said.STOPPED)),
    Group(_("Requests"), (rights.REQUESTS,)),
    Group(
        _("Who looked"),
        (rights.LOOKED,),
        _("Each time an agent opens a page about the person, Permanence notes it."),
    ),
    Group(
        _("For figures, and for Permanence itself"),
        (visits.RECORDS, contacts.CONTACTS, visits.UNREAD, said.LOOKS, rights.NEWS, rights.PRESSES),
    ),
)

PARTS: tuple[Part, ...] = tuple(part for group in GROUPS for part in group.parts)

UNLINKED = (
    Unlinked(
        "booking.VisitRecord",
        _("Older figures of visits: each says how a visit ended, and no longer whose it was."),
    ),
    Unlinked(
        "booking.UnmetRequest",
        _("What was asked for at the desk and not found: nobody's name is noted with it."),
    ),
    Unlinked(
        "booking.ContactKey",
        _("The key with which people are counted: it says nothing about anyone."),
    ),
    Unlinked(
        "privacy.ErasedResident",
        _("The former numbers of erased records: an old copy that is put back forgets them again."),
    ),
    Unlinked(
        "notifications.WebhookReceipt",
        _("What was answered to the operator of messages in the last week: a random number alone finds it."),
    ),
)
"""Tables in which a person cannot be found, although what stands there may be about them."""
