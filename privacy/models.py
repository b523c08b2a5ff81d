"""Requests of residents about what is kept of them, and who looked at it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from booking.models import Resident
from communes.enums import Choices
from communes.models import Commune
from core.looked import Shown
from privacy.enums import (
    AlarmKind,
    CameBy,
    ComingVisits,
    Refusal,
    ReminderStep,
    RequestState,
    Right,
    RunState,
    RunTrouble,
)


def right_choices() -> Choices:
    return Right.choices


def came_by_choices() -> Choices:
    return CameBy.choices


def state_choices() -> Choices:
    return RequestState.choices


def refusal_choices() -> Choices:
    return Refusal.choices


def step_choices() -> Choices:
    return ReminderStep.choices


def shown_choices() -> Choices:
    return Shown.choices


def alarm_choices() -> Choices:
    return AlarmKind.choices


def coming_visits_choices() -> Choices:
    return ComingVisits.choices


def run_state_choices() -> Choices:
    return RunState.choices


def run_trouble_choices() -> Choices:
    return RunTrouble.choices


class RightsRequest(models.Model):
    """One request of one person. It outlives their record, as the proof that it was answered: then it says no
    more who asked. What was done is told in numbers (`proof`), never in words about the person.
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="rights_requests")
    resident = models.ForeignKey(
        Resident, on_delete=models.SET_NULL, null=True, blank=True, related_name="rights_requests"
    )
    right = models.CharField(_("what they ask for"), max_length=12, choices=right_choices)
    came_by = models.CharField(_("how it came"), max_length=10, choices=came_by_choices)
    asked_on = models.DateField(_("received on"))
    due_on = models.DateField(_("to be answered by"))
    """The commune's day by which the person has an answer (article 12, paragraph 3)."""
    is_extended = models.BooleanField(_("two more months, and the person was told why"), default=False)
    state = models.CharField(max_length=8, choices=state_choices, default=RequestState.OPEN)
    refusal = models.CharField(_("why not"), max_length=10, choices=refusal_choices, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    proof = models.JSONField(default=dict)
    """What was done: by table, how many rows were shown, changed or deleted; codes of choices."""

    class Meta:
        ordering = ["-asked_on", "-id"]
        indexes = [models.Index(fields=["commune", "state", "due_on"], name="rights_request_due")]
        constraints = [
            models.CheckConstraint(
                name="rights_request_closed",
                condition=Q(state=RequestState.OPEN, closed_at=None)
                | (~Q(state=RequestState.OPEN) & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="rights_request_refusal", condition=Q(refusal="") | Q(state=RequestState.REFUSED)
            ),
            models.CheckConstraint(name="rights_request_due_later", condition=Q(due_on__gte=F("asked_on"))),
        ]

    def __str__(self) -> str:
        return f"{self.right} {self.pk}"


class RequestReminder(models.Model):
    """One manager is reminded by e-mail, or was, that a request is to be answered: once for each step towards
    one deadline. A deadline that was moved begins again."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="reminders")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    due_on = models.DateField()
    """The deadline at that time."""
    step = models.CharField(max_length=8, choices=step_choices)
    claimed_at = models.DateTimeField(null=True)
    """When a worker began to write the e-mail."""
    mailed_at = models.DateTimeField(null=True)
    """None: the e-mail has not left yet."""

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "agent", "due_on", "step"], name="request_reminder_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.request_id}"


class Consultation(models.Model):
    """Somebody's identity was shown to an agent. The same again within a stretch of time is one consultation:
    ten minutes on a page, a day on a list that an agent works with.

    The columns refer to rows without a constraint of the database: writing a consultation locks and awaits
    nobody (decision 0039). Who was shown is their id, which says nothing once their record is deleted;
    deleting it empties the column too.
    """

    commune = models.ForeignKey(
        Commune, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    resident = models.ForeignKey(
        Resident, on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    at = models.DateTimeField()
    stretch_at = models.DateTimeField()
    """When the stretch of time began within which the same is one consultation."""
    kind = models.CharField(max_length=12, choices=shown_choices)
    origin = models.CharField(max_length=40, blank=True)
    """The name of our page that the agent came from, never its address; empty: from elsewhere, or typed."""

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["commune", "at"], name="consultation_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "stretch_at", "resident", "kind"], name="consultation_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ConsultationAlarm(models.Model):
    """An agent was shown more people in an hour than the commune's bound. At most one an hour for each."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField()
    """When one more than the bound was seen."""
    kind = models.CharField(max_length=8, choices=alarm_choices)
    people = models.PositiveIntegerField()
    """How many different ones in the hour that ended `at`."""
    mailed_at = models.DateTimeField(null=True)
    """None: nobody has been written to yet."""
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    """A manager has said that they looked into it."""

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["commune", "seen_at", "at"], name="consultation_alarm_open")]
        constraints = [
            models.UniqueConstraint(fields=["commune", "agent", "at"], name="consultation_alarm_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ErasedResident(models.Model):
    """A record that was erased: its former number in the database and nothing else, so that an older backup
    that is restored can be told to forget it again. Deleted when such a backup would be purged anyway."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="+")
    resident_ref = models.PositiveBigIntegerField(help_text=_("The id that the record had."))
    at = models.DateTimeField()
    coming = models.CharField(max_length=6, choices=coming_visits_choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["commune", "resident_ref"], name="erased_once")]

    def __str__(self) -> str:
        return f"erased {self.resident_ref}"


class PurgeRun(models.Model):
    """One night's deletion of what is kept no longer, of a commune or (None) of the installation: counts, and
    nothing about anybody. A second run of the same night goes on with the same row.
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, null=True, related_name="purge_runs")
    night = models.DateField()
    """The commune's day on which it began."""
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=run_state_choices, default=RunState.RUNNING)
    why = models.CharField(max_length=10, choices=run_trouble_choices, blank=True)
    """What is to be looked at: why it stopped, or that the counts do not add up."""
    due = models.PositiveIntegerField(null=True)
    """How many residents would have gone when it stopped."""
    alive_at = models.DateTimeField()
    """When it last gave a sign of life, on the real clock: another one waits for that long."""
    interruptions = models.PositiveSmallIntegerField(default=0)
    allowed_at = models.DateTimeField(null=True)
    """When somebody said to go on although it had stopped."""
    allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-night", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["commune", "night"], condition=Q(commune__isnull=False), name="purge_run_once_a_night"
            ),
            models.UniqueConstraint(
                fields=["night"], condition=Q(commune=None), name="purge_run_of_installation_once_a_night"
            ),
            models.CheckConstraint(
                name="purge_run_ended",
                condition=~Q(state=RunState.RUNNING) | Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commune_id} {self.night}"


class PurgeCount(models.Model):
    """How many rows of one table of one kind were there in a run, and went. `top`: the highest id before it,
    by which rows that came meanwhile are told apart."""

    run = models.ForeignKey(PurgeRun, on_delete=models.CASCADE, related_name="counts")
    kind = models.CharField(max_length=20)
    table = models.CharField(max_length=60)
    limit_at = models.DateTimeField()
    top = models.BigIntegerField(default=0)
    before = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    after = models.PositiveIntegerField(null=True)
    """None: it was interrupted."""

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "kind", "table"], name="purge_count_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.run_id}"
