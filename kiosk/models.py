"""The screens on the cabins."""

import hashlib

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from communes.models import Cabin, Commune, Site


class Screen(models.Model):
    """A paired screen. It holds a random token of which only the hash is kept here; its scope is its site."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="screens")
    cabin = models.ForeignKey(
        Cabin,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="screens",
        help_text=_("Empty: the screen of a hall, for all cabins of the site."),
    )
    name = models.CharField(_("name"), max_length=60)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    paired_at = models.DateTimeField()
    paired_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["site_id", "id"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash(token: str) -> str:
        """Tokens are 256 random bits: a plain SHA-256 leaves nothing to guess."""
        return hashlib.sha256(token.encode()).hexdigest()


class PairingCode(models.Model):
    """A code shown by a screen that waits to be paired: six characters, ten minutes."""

    code = models.CharField(max_length=6, unique=True)
    claim_hash = models.CharField(max_length=64, unique=True, help_text=_("Hash of the waiting screen's secret."))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    screen = models.OneToOneField(Screen, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"pairing {self.pk}"


class HelpCall(models.Model):
    """Someone pressed « Appeler un agent » on a screen."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="help_calls")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="help_calls")
    cabin = models.ForeignKey(Cabin, on_delete=models.CASCADE, null=True, blank=True, related_name="help_calls")
    called_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-called_at", "-id"]
        indexes = [models.Index(fields=["commune", "answered_at"], name="help_call_open")]

    def __str__(self) -> str:
        return f"help call {self.pk}"
