"""Residents, and how to reach them."""

from collections.abc import Iterable
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.enums import AccessNeed, ActorKind, Language, LimitedFor, PhoneOwner, ReachBy, ResidentChangeKind
from communes.enums import Choices
from communes.models import Commune


def reach_by_choices() -> Choices:
    return ReachBy.choices


def phone_owner_choices() -> Choices:
    return PhoneOwner.choices


def limited_for_choices() -> Choices:
    return LimitedFor.choices


def resident_change_kind_choices() -> Choices:
    return ResidentChangeKind.choices


def change_actor_choices() -> Choices:
    return ActorKind.choices


class ResidentQuerySet(models.QuerySet["Resident"]):
    def current(self) -> Self:
        """Residents except those merged into another."""
        return self.filter(merged_into=None)


class Resident(models.Model):
    """Someone who comes to a cabin. Only the data needed to reach them and to help at the visit is kept."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="residents")
    first_name = models.CharField(_("first name"), max_length=60)
    last_name = models.CharField(_("last name"), max_length=60)
    search_name = models.CharField(max_length=130, editable=False)
    email = models.EmailField(_("e-mail"), blank=True)
    postal_address = models.CharField(_("postal address"), max_length=250, blank=True)
    birth_year = models.PositiveSmallIntegerField(
        _("year of birth"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1900), MaxValueValidator(2100)],
    )
    languages = models.JSONField(_("languages"), default=list, blank=True)
    needs = models.JSONField(_("what helps the visit"), default=list, blank=True)
    reach_by = models.CharField(
        _("preferred way to be told"), max_length=10, choices=reach_by_choices, default=ReachBy.SMS
    )
    number_on_screen = models.BooleanField(
        _("show the appointment number on screens, not the name"), default=False
    )
    contact_name = models.CharField(_("contact person"), max_length=80, blank=True)
    contact_relation = models.CharField(_("who is"), max_length=40, blank=True)
    contact_phone = models.CharField(_("phone of the contact person"), max_length=20, blank=True)
    contact_is_told = models.BooleanField(_("tell the contact person too"), default=False)
    merged_into = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="merged", editable=False
    )
    limited_at = models.DateTimeField(null=True, editable=False)
    """Since when the record is kept but not used (GDPR, article 18); None: it is used. See
    docs/decisions/0038-what-a-limited-record-still-does.md."""
    limited_for = models.CharField(max_length=10, choices=limited_for_choices, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    form_key = models.UUIDField(null=True, unique=True, editable=False)
    """The form that recorded this resident, as a keyed hash: the same form sent twice records nobody else."""

    objects = ResidentQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name", "id"]
        indexes = [models.Index(fields=["commune", "search_name"], name="resident_by_name")]
        constraints = [
            models.CheckConstraint(
                name="resident_limited_for_a_reason",
                condition=Q(limited_at=None, limited_for="")
                | (Q(limited_at__isnull=False) & ~Q(limited_for="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or gettext("Without a name")

    @property
    def is_nameless(self) -> bool:
        """A resident known only by the phone number that they left on a screen."""
        return not self.search_name

    @property
    def is_limited(self) -> bool:
        """Kept but not used: no message, no new appointment."""
        return self.limited_at is not None

    @property
    def shows_number_only(self) -> bool:
        """Whether screens, diaries and papers show the appointment's number in place of the name."""
        return self.number_on_screen or self.is_limited

    @property
    def screen_name(self) -> str:
        """First name and initial: a screen never shows more."""
        initial = f" {self.last_name[0].upper()}." if self.last_name else ""
        return f"{self.first_name}{initial}" or str(self)

    def way_to_reach(self, phones: Iterable["ResidentPhone"]) -> ReachBy | None:
        """How they are told, with these numbers: nobody without a mobile gets a text message. None if there
        is no way at all."""
        way = ReachBy(self.reach_by)
        if way != ReachBy.SMS:
            return way
        numbers = list(phones)
        if any(phone.is_mobile for phone in numbers):
            return way
        if self.email:
            return ReachBy.EMAIL
        return ReachBy.VOICE if numbers else None

    def has_only_letters(self, phones: Iterable["ResidentPhone"]) -> bool:
        """Whether neither a call, a text message nor an e-mail reaches them: a letter takes days."""
        by_mail = bool(self.email) and self.reach_by != ReachBy.NONE
        return not by_mail and not any(phone.may_call for phone in phones)

    @property
    def uses_wheelchair(self) -> bool:
        return AccessNeed.WHEELCHAIR in self.needs

    @property
    def need_labels(self) -> list[str]:
        return [str(AccessNeed(code).label) for code in self.needs]

    @property
    def language_labels(self) -> list[str]:
        return [str(Language(code).label) for code in self.languages]


class ResidentPhone(models.Model):
    """A phone number of a resident; several residents may share one number."""

    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="phones")
    number = models.CharField(_("number"), max_length=20, help_text=_("E.164"))
    is_mobile = models.BooleanField(default=False, editable=False)
    owner = models.CharField(_("whose"), max_length=15, choices=phone_owner_choices, default=PhoneOwner.SELF)
    owner_detail = models.CharField(
        _("whose exactly"), max_length=60, blank=True, help_text=_("In words: his daughter, extension 12.")
    )
    may_call = models.BooleanField(_("may we call or text?"), default=True)
    call_from = models.TimeField(_("from"), null=True, blank=True)
    call_until = models.TimeField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["number"], name="resident_phone_by_number")]
        constraints = [
            models.UniqueConstraint(fields=["resident", "number"], name="resident_phone_once"),
        ]

    def __str__(self) -> str:
        return f"phone {self.pk}"

    @property
    def whose(self) -> str:
        """Whose number it is, for agents: « a relative: sa fille »; "" if it is the resident's own."""
        owner = "" if self.owner == PhoneOwner.SELF else str(self.get_owner_display())
        if owner and self.owner_detail:
            return gettext("%(owner)s: %(detail)s") % {"owner": owner, "detail": self.owner_detail}
        return owner or self.owner_detail


class ResidentChange(models.Model):
    """One change of a resident's record: who made it, when, and the values before and after. It goes with the
    record; where two are merged, those of the other go to the one that is kept.

    `values`: by the name of `booking.actions.residents.resident_values`, the plain value before and after.
    """

    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=resident_change_kind_choices)
    at = models.DateTimeField()
    actor = models.CharField(max_length=10, choices=change_actor_choices)
    agent = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")
    is_asked = models.BooleanField(_("at the person's request"), default=False)
    is_of_merged = models.BooleanField(default=False)
    """It was made to a record that has since been merged into this one."""
    values = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["resident", "at"], name="resident_change_of_one")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
