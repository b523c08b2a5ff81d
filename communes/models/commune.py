"""A commune, and the keys of its API."""

import hashlib
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from communes.catalogue import catalogue


def languages_besides_french() -> list[str]:
    """Of the screens, by code: all that there are."""
    return list(catalogue().languages)


class Commune(models.Model):
    """A commune of the installation. Every site, resident and message belongs to one."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(unique=True)
    insee_code = models.CharField(
        _("INSEE code"), max_length=5, unique=True, validators=[RegexValidator(r"^[0-9][0-9AB][0-9]{3}$")]
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Paris")
    public_phone = models.CharField(_("phone of the mairie"), max_length=20, blank=True)
    sender = models.CharField(_("sender of text messages"), max_length=20, blank=True)
    name_shown_minutes_before = models.PositiveSmallIntegerField(
        _("minutes before the time when a screen shows the first name"),
        default=20,
        validators=[MaxValueValidator(60)],
    )
    reminder_days_before = models.PositiveSmallIntegerField(
        _("days between the reminder and the appointment"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(14)],
    )
    cancel_grace_min = models.PositiveSmallIntegerField(
        _("minutes during which a cancellation by the desk can be undone before anybody is told"),
        default=5,
        help_text=_("Until then the time stays kept and no message leaves. 0: messages leave at once."),
        validators=[MaxValueValidator(30)],
    )
    retention_months = models.PositiveSmallIntegerField(
        _("months that personal data are kept after the last visit"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    rota_months = models.PositiveSmallIntegerField(
        _("months that shifts and absences of agents are kept"),
        default=24,
        help_text=_("Between 12 and 24. For a year an inspector may ask for the hours worked."),
        validators=[MinValueValidator(12), MaxValueValidator(24)],
    )
    consultations_months = models.PositiveSmallIntegerField(
        _("months that it is kept which agent looked at whose record"),
        default=12,
        help_text=_(
            "Between 6 and 12. Managers read it, and the person if they ask what is kept about them."
        ),
        validators=[MinValueValidator(6), MaxValueValidator(12)],
    )
    consultations_alarm = models.PositiveSmallIntegerField(
        _("records that one agent opens in an hour before managers are told"),
        default=40,
        help_text=_("For the names read in searches, five times as many."),
        validators=[MinValueValidator(10), MaxValueValidator(500)],
    )
    privacy_officer = models.CharField(
        _("data protection officer: name, address, e-mail"),
        max_length=200,
        blank=True,
        help_text=_("Stands on the notice for residents and in the record of processing."),
    )
    opened_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When it was opened to residents.")
    )

    people_erased = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text=_("Counts erasures: a copy that a browser keeps from before one is deleted."),
    )

    reminders_from = models.TimeField(
        _("reminders and offers leave from"),
        default=time(9),
        help_text=_("Between 7:00 and 12:00, Monday to Saturday, never on a public holiday."),
    )
    reminders_until = models.TimeField(
        _("reminders and offers leave until"),
        default=time(19),
        help_text=_(
            "Between 14:00 and 21:00. Confirmations, changes and cancellations leave between 7:00 and 21:00 "
            "on any day, since they cannot wait."
        ),
    )
    lead_min_hours = models.PositiveSmallIntegerField(
        _("hours ahead at least, for residents"),
        default=2,
        help_text=_("For services that say nothing else. The desk may go further."),
        validators=[MaxValueValidator(336)],
    )
    lead_max_days = models.PositiveSmallIntegerField(
        _("days ahead at most, for residents"),
        default=56,
        help_text=_("For services that say nothing else. The desk may go further."),
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    offers_freed_times = models.BooleanField(
        _("offer freed times to the waiting list by message"),
        default=True,
        help_text=_("Otherwise the page « Waiting » shows them to the desk, and nobody is written to."),
    )
    offer_lasts_min = models.PositiveSmallIntegerField(
        _("minutes during which an offered time is kept"),
        default=30,
        help_text=_("Then the next person is offered it."),
        validators=[MinValueValidator(15), MaxValueValidator(240)],
    )
    screen_languages = models.JSONField(
        _("languages of the screens, besides French"), default=languages_besides_french, blank=True
    )
    dark_screen_min = models.PositiveSmallIntegerField(
        _("opening minutes after which technicians are told of a dark screen"),
        default=10,
        help_text=_("Only minutes while the place is open count. 0: nobody is told."),
        validators=[MaxValueValidator(480)],
    )
    walk_ins = models.BooleanField(
        _("visits without an appointment can begin at the screens"),
        default=True,
        help_text=_(
            "Otherwise a screen says « by appointment », and lets people book for later. A place or a cabin "
            "can be taken out by itself. Agents can always begin a visit."
        ),
    )
    opens_data = models.BooleanField(
        _("published figures are open data"),
        default=False,
        help_text=_(
            "Everybody can then read them as files, without a login, under the Licence Ouverte 2.0. Only "
            "what is on the page « Published figures » is in them: never fewer than 11 visits. A copy that "
            "somebody took stays with them."
        ),
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="commune_reminders_within_the_day",
                condition=Q(
                    reminders_from__gte=time(7),
                    reminders_from__lt=F("reminders_until"),
                    reminders_until__lte=time(21),
                ),
                violation_error_message=_("Reminders leave between 7:00 and 21:00."),
            ),
            models.CheckConstraint(
                name="commune_retention_at_most_12_months",
                condition=Q(retention_months__gte=1, retention_months__lte=12),
                violation_error_message=_("Personal data are kept between 1 and 12 months."),
            ),
            models.CheckConstraint(
                name="commune_rota_12_to_24_months",
                condition=Q(rota_months__gte=12, rota_months__lte=24),
                violation_error_message=_("Shifts and absences are kept between 12 and 24 months."),
            ),
            models.CheckConstraint(
                name="commune_consultations_6_to_12_months",
                condition=Q(consultations_months__gte=6, consultations_months__lte=12),
                violation_error_message=_("Consultations are kept between 6 and 12 months."),
            ),
            models.CheckConstraint(
                name="commune_consultations_alarm",
                condition=Q(consultations_alarm__gte=10, consultations_alarm__lte=500),
                violation_error_message=_("Managers are told of 10 to 500 records opened in an hour."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def local(self, instant: datetime) -> datetime:
        """The same instant on the commune's clocks."""
        return instant.astimezone(self.tz)


class ApiKey(models.Model):
    """A key with which another system of the commune may call the API. Only its hash is stored."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=60)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    reads_figures = models.BooleanField(
        default=False,
        help_text="Whether it may read the mairie's own figures, small numbers among them.",
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash(key: str) -> str:
        """A plain SHA-256 without salt is enough: keys are 256 random bits and cannot be guessed."""
        return hashlib.sha256(key.encode()).hexdigest()
