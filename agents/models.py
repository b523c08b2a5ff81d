"""Who helps, and when."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.enums import AbsenceKind
from agents.errors import NameTaken
from communes.models import Commune, Service, Site
from core.roles import Role


def absence_kind_choices() -> list[tuple[str, str | Promise]]:
    return list(AbsenceKind.choices)


class Agent(AbstractUser):
    """Someone who works with the product. Many have no e-mail: the username is enough to log in."""

    phone = models.CharField(_("phone"), max_length=20, blank=True)
    must_change_password = models.BooleanField(default=False)
    email_confirmed = models.BooleanField(
        default=False, help_text=_("A link sent to this address has been opened: it may change the password.")
    )
    password_mailed_at = models.DateTimeField(null=True, blank=True)
    news_by_email = models.BooleanField(
        _("also by e-mail"),
        default=False,
        help_text=_("What changes for me in the rota is always on my page; also write to my address."),
    )
    wants_digest = models.BooleanField(
        _("the day's outages by e-mail"),
        default=True,
        help_text=_("For technicians: in the evening, on days on which a screen was dark."),
    )
    wants_sound = models.BooleanField(
        _("a sound when someone arrives"),
        default=False,
        help_text="For the agent's own residents; a call for help from a screen always sounds.",
    )
    communes = models.ManyToManyField(Commune, through="Membership", related_name="agents")
    left_on = models.DateField(
        null=True, blank=True, help_text="The last day in the last commune: the login says why it refuses."
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            # AbstractUser already makes the username unique. Colleagues and residents see the first name.
            models.CheckConstraint(name="agent_has_first_name", condition=~Q(first_name="")),
        ]

    def __str__(self) -> str:
        return self.first_name

    def add(self, password: str) -> None:
        """Insert the new agent. Raises NameTaken if somebody took the user name after the form's check."""
        self.set_password(password)
        try:
            with transaction.atomic():
                self.save(force_insert=True)
        except IntegrityError as error:
            raise NameTaken from error

    @property
    def short_name(self) -> str:
        return self.first_name


class RolesHeld(models.Model):
    """The roles that somebody has in a commune, or is invited to; one person may have several."""

    is_desk = models.BooleanField(_("desk"), default=False)
    is_helper = models.BooleanField(_("helper"), default=False)
    is_manager = models.BooleanField(_("manager"), default=False)
    is_technician = models.BooleanField(
        _("technician"),
        default=False,
        help_text=_("Looks after screens and faults, and sees nobody's name."),
    )
    is_elected = models.BooleanField(
        _("elected official"),
        default=False,
        help_text=_("Reads the published figures, and opens no other page."),
    )
    weekly_hours = models.DecimalField(
        _("hours a week by contract"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(48)],
        help_text=_("Empty: no contract, a volunteer."),
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_has_a_role",
                condition=Q(is_desk=True)
                | Q(is_helper=True)
                | Q(is_manager=True)
                | Q(is_technician=True)
                | Q(is_elected=True),
                violation_error_message=_("Give at least one role."),
            )
        ]

    @property
    def roles(self) -> set[Role]:
        return {role for role in Role if getattr(self, f"is_{role}")}

    @property
    def role_labels(self) -> list[str]:
        return [str(role.label) for role in Role if role in self.roles]


def works_until(last_on: date | None, day: date) -> bool:
    """Whether this local day is not after the agent's last one in the commune, if they leave. Whatever plans
    or lets in asks this."""
    return last_on is None or day <= last_on


class Membership(RolesHeld):
    """An agent's roles in one commune; an agent may work for several communes.

    With `last_on`, the agent leaves: they work there until this day is over on the commune's clock, and no
    later shift can be made for them. The worker deletes the row afterwards.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="memberships")
    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="memberships")
    skills = models.ManyToManyField(Service, blank=True, related_name="skilled", verbose_name=_("skills"))
    last_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta(RolesHeld.Meta):
        ordering = ["agent__first_name", "id"]
        constraints = [
            *RolesHeld.Meta.constraints,
            models.UniqueConstraint(fields=["agent", "commune"], name="membership_once_per_commune"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id}@{self.commune_id}"

    def works_on(self, day: date) -> bool:
        return works_until(self.last_on, day)

    def has_ended(self, now: datetime) -> bool:
        """Whether the last day is over on the commune's clock."""
        return not self.works_on(self.commune.local(now).date())


def current(memberships: Iterable[Membership], now: Callable[[], datetime]) -> list[Membership]:
    """Those whose last day is not over, each loaded with its commune. `now` is asked only where somebody
    leaves."""
    return [each for each in memberships if each.last_on is None or not each.has_ended(now())]


class Invitation(RolesHeld):
    """A link with which its holder joins a commune with their own account. It works once."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"), blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    skills = models.ManyToManyField(Service, blank=True, related_name="+", verbose_name=_("skills"))
    invited_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the mail server took the link; empty while it has not."
    )

    class Meta(RolesHeld.Meta):
        ordering = ["expires_at", "id"]

    def __str__(self) -> str:
        return f"{self.pk}@{self.commune_id}"

    @staticmethod
    def hash(token: str) -> str:
        """The hash of the link's secret; the secret itself is not stored."""
        return hashlib.sha256(token.encode()).hexdigest()


class SpanQuerySet[M: models.Model](models.QuerySet[M]):
    """For rows with a span `[starts_at, ends_at)`."""

    def overlapping(self, start: datetime, end: datetime) -> Self:
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Shift(models.Model):
    """A span of time during which a helper works at a site."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="shifts")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    objects = SpanQuerySet["Shift"].as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            # It holds every column that a search reads, so that shifts outside the span are skipped without
            # reading rows.
            models.Index(fields=["site", "ends_at", "starts_at", "agent"], name="shift_by_site"),
            models.Index(fields=["agent", "ends_at"], name="shift_by_agent"),
        ]
        constraints = [
            models.CheckConstraint(
                name="shift_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must come after the beginning."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id}@{self.site_id} {self.starts_at:%Y-%m-%d %H:%M}"


class ShiftPattern(models.Model):
    """A part of an agent's usual week; `agents.rules.rota` computes on which days it holds."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="patterns")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="patterns")
    weekdays = models.JSONField(_("days"), default=list, help_text=_("0 is Monday."))
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    every_weeks = models.PositiveSmallIntegerField(
        _("every how many weeks"), default=1, validators=[MinValueValidator(1), MaxValueValidator(8)]
    )
    anchor_on = models.DateField(_("one of its weeks"))
    from_on = models.DateField(_("first day"))
    until_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        ordering = ["agent_id", "starts", "id"]
        constraints = [
            models.CheckConstraint(
                name="pattern_ends_after_it_starts",
                condition=Q(ends__gt=F("starts")),
                violation_error_message=_("The end must come after the beginning."),
            ),
            models.CheckConstraint(
                name="pattern_every_one_to_eight_weeks", condition=Q(every_weeks__gte=1, every_weeks__lte=8)
            ),
            models.CheckConstraint(
                name="pattern_days_in_order",
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                violation_error_message=_("The last day must come after the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id}@{self.site_id} {self.starts:%H:%M}"


class PatternDay(models.Model):
    """What was published from a pattern for one day: the original values, and the shift row.

    There is one per day and pattern, so that nothing is published twice. The shift is None when somebody
    deleted it. A shift that differs from its original values was changed by hand. Publishing leaves both
    as they are.
    """

    pattern = models.ForeignKey(ShiftPattern, on_delete=models.CASCADE, related_name="days")
    on = models.DateField()
    shift = models.OneToOneField(
        Shift, on_delete=models.SET_NULL, null=True, blank=True, related_name="pattern_day"
    )
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["on", "id"]
        constraints = [models.UniqueConstraint(fields=["pattern", "on"], name="pattern_published_once_a_day")]

    def __str__(self) -> str:
        return f"{self.pattern_id} {self.on}"


class SetAsideShift(models.Model):
    """A shift after the last day of an agent who leaves. It counts nowhere; it comes back if they stay.

    `rest_of`: the shift of which this is the part after midnight.
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="set_aside")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    pattern_day = models.ForeignKey(
        PatternDay, on_delete=models.SET_NULL, null=True, blank=True, related_name="set_aside"
    )
    rest_of = models.ForeignKey(Shift, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["starts_at", "id"]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.starts_at:%Y-%m-%d %H:%M}"


class Absence(models.Model):
    """A span of time during which an agent is not available, in any commune."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    kind = models.CharField(_("kind"), max_length=10, choices=absence_kind_choices, default=AbsenceKind.OTHER)
    commune = models.ForeignKey(
        Commune,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Where it was declared: other communes of the agent learn the hours, not the kind."),
    )
    declared_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = SpanQuerySet["Absence"].as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["agent", "ends_at"], name="absence_by_agent")]
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must come after the beginning."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.starts_at:%Y-%m-%d %H:%M}"


class AbsenceRequest(models.Model):
    """An absence that a helper asks for. It has no effect until a manager accepts it."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="absence_requests")
    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="absence_requests")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    kind = models.CharField(_("kind"), max_length=10, choices=absence_kind_choices, default=AbsenceKind.LEAVE)
    comment = models.CharField(
        _("word to the manager"),
        max_length=200,
        blank=True,
        help_text=_("Optional. Nothing about health: the kind is enough."),
    )
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    absence = models.OneToOneField(
        Absence, on_delete=models.SET_NULL, null=True, blank=True, related_name="request"
    )
    is_accepted = models.BooleanField(null=True, blank=True)

    objects = SpanQuerySet["AbsenceRequest"].as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="absence_request_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must come after the beginning."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.starts_at:%Y-%m-%d %H:%M}"


class FailedLogin(models.Model):
    """A wrong password, by keys of the address and of the name that was typed (agents/guessing.py)."""

    address = models.CharField(max_length=39)
    name = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["address", "at", "name"], name="failed_login_by_address")]

    def __str__(self) -> str:
        return f"failed login {self.pk}"


class KnownAddress(models.Model):
    """An address, by its key, from which somebody logged in lately: it is not blocked."""

    address = models.CharField(max_length=39, unique=True)
    last_login_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"known address {self.pk}"
