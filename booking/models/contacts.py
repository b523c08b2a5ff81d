"""Who came, for nothing but to know that they were eleven: keyed hashes, until the key is destroyed."""

import uuid

from django.db import models
from django.db.models import Q

from communes.models import Commune


class ContactKey(models.Model):
    """The key of all hashes of one year's publication in one commune. `secret` is emptied when that year is
    closed: from then on nobody can find out whose a hash was, and no new key is made for that year."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="contact_keys")
    year = models.PositiveSmallIntegerField()
    secret = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["year", "id"]
        constraints = [models.UniqueConstraint(fields=["commune", "year"], name="contact_key_once")]

    def __str__(self) -> str:
        return f"{self.commune_id} {self.year}"


class VisitContact(models.Model):
    """That one contact came in a month to a place, in one category of one table (`booking.categories`).

    `contact` is a keyed hash of a phone number, or of what else the resident is known by, together with the
    place and the category: two hashes of one person differ wherever they need not be compared. It names no
    resident, no visit and no day. Until the day of the visit is closed, `key` finds it, as it finds the
    record of the visit; then each contact is kept once a month, and in an order that tells nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=64, blank=True, editable=False)
    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="visit_contacts")
    year = models.PositiveSmallIntegerField(help_text="Of the publication, and of the key.")
    month_on = models.DateField(help_text="The first of the month.")
    site_ref = models.BigIntegerField()
    dimension = models.CharField(max_length=15, blank=True, help_text="Empty: whatever they came for.")
    code = models.CharField(max_length=20, blank=True)
    contact = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ["month_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["commune", "year", "month_on", "site_ref", "dimension", "code", "contact"],
                condition=Q(key=""),
                name="visit_contact_once_a_month",
            ),
            models.UniqueConstraint(
                fields=["key", "year", "dimension"], condition=~Q(key=""), name="visit_contact_once_a_visit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month_on} {self.dimension} {self.code}"
