"""What is kept how long, why, and what deletes it: every table of the register belongs to one kind.

The page « Conservation », the purge and its dry run are made from this table; a test fails for a table
without a kind, and for a row that outlives its kind. Where a period follows a rule, `rule` names it:

- CNIL, recommandation sur la journalisation, délibération 2021-122 of 14 October 2021: logs of who did what
  are kept six months to one year.
- CNIL, référentiel « gestion des ressources humaines », délibération 2019-160 of 21 November 2019.
- Code du travail, article D. 3171-16: hours worked are at the inspector's disposal for one year.
- GDPR, article 5, paragraph 1 e: no longer than needed; article 12, paragraph 3: requests; article 21:
  objections.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from communes.incident_actions import FAULTS_KEPT_MONTHS
from kiosk.outages import KEPT_MONTHS as OUTAGES_KEPT_MONTHS
from privacy import over
from privacy.over import Rows
from privacy.periods import Period

LEAVERS_MONTHS = 12
"""After the last day: so long the hours that somebody worked must be at the inspector's disposal."""


class Job(StrEnum):
    """What deletes the rows of a kind."""

    PURGE = "purge"
    """The nightly purge, by `rows`."""
    WITH = "with"
    """They go with rows of another kind, by their foreign key."""
    TASK = "task"
    """A periodic task of the app, `task`."""
    NEVER = "never"
    """They say nothing about anybody, or a right demands that they stay."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`tables`: separated by spaces, as the register names them. `task`: module and name of the task."""

    key: str
    name: str | Promise
    why: str | Promise
    rule: str | Promise
    tables: str = ""
    job: Job
    period: Period | None = None
    rows: tuple[Rows, ...] = ()
    task: str = ""

    @property
    def is_about_people(self) -> bool:
        """Whether the page and the papers list it."""
        return self.job != Job.NEVER or self.key in ("objections", "figures")


_NEEDED = _("GDPR, article 5: no longer than it is needed")
_LOGGING = _("CNIL, recommendation on logging (2021): six to twelve months")
_WORK = _("Labour code, D. 3171-16: at least a year; CNIL, reference on staff: no longer than it is needed")

RESIDENTS_PERIOD = Period(months=12, setting="retention_months", least=1, most=12)
_ROTA = Period(months=24, setting="rota_months", least=12, most=24)

KINDS: tuple[Kind, ...] = (
    Kind(
        key="residents",
        name=_("Residents, their appointments and messages"),
        why=_("to book, to remind, to tell of changes; counted from the last appointment"),
        rule=_NEEDED,
        tables="booking.Resident booking.ResidentPhone booking.ResidentChange booking.Appointment "
        "booking.AppointmentEvent booking.VisitNote booking.IdempotencyRecord "
        "notifications.NextLook notifications.Consent",
        job=Job.PURGE,
        period=RESIDENTS_PERIOD,
        rows=(over.RESIDENTS,),
    ),
    Kind(
        key="lone_visits",
        name=_("Appointments without a name, and bookings that were not finished"),
        why=_("to keep the cabin; counted from the time of the appointment"),
        rule=_NEEDED,
        job=Job.PURGE,
        period=RESIDENTS_PERIOD,
        rows=(over.LONE_VISITS,),
    ),
    Kind(
        key="waiting",
        name=_("Waiting list"),
        why=_("to offer freed times; counted from the day on which somebody joined"),
        rule=_NEEDED,
        tables="booking.WaitingEntry booking.WaitingEntry_sites booking.WaitingOffer",
        job=Job.PURGE,
        period=RESIDENTS_PERIOD,
        rows=(over.WAITING,),
    ),
    Kind(
        key="messages",
        name=_("Messages with numbers that belong to no record"),
        why=_("to understand an answer; those of residents go with their record"),
        rule=_NEEDED,
        tables="notifications.Message notifications.InboundMessage",
        job=Job.PURGE,
        period=RESIDENTS_PERIOD,
        rows=(over.SENT, over.RECEIVED),
    ),
    Kind(
        key="provider",
        name=_("The provider's copies of messages and calls"),
        why=_("the provider is asked each night until it has deleted them"),
        rule=_NEEDED,
        tables="notifications.ProviderErasure",
        job=Job.TASK,
        period=RESIDENTS_PERIOD,
        task="notifications.tasks.erase_at_providers",
    ),
    Kind(
        key="calls",
        name=_("Calls by the desk, and what came of them"),
        why=_("to take a wrong result back"),
        rule=_NEEDED,
        tables="notifications.CallClaim notifications.CallResult",
        job=Job.TASK,
        period=Period(hours=7 * 24),
        task="notifications.tasks.tidy_up",
    ),
    Kind(
        key="receipts",
        name=_("Reports of the provider of messages"),
        why=_("to recognise one that comes twice"),
        rule=_NEEDED,
        tables="notifications.WebhookReceipt",
        job=Job.TASK,
        period=Period(hours=7 * 24),
        task="notifications.tasks.tidy_up",
    ),
    Kind(
        key="objections",
        name=_("Numbers that want no messages (STOP)"),
        why=_("a hash only: so that nobody writes to them again, until they agree"),
        rule=_("GDPR, article 21: an objection holds until it is withdrawn"),
        tables="notifications.Suppression",
        job=Job.NEVER,
    ),
    Kind(
        key="records",
        name=_("Each appointment for the figures, without a name"),
        why=_("added to sums of the month, then deleted"),
        rule=_NEEDED,
        tables="booking.VisitRecord",
        job=Job.PURGE,
        period=RESIDENTS_PERIOD,
        rows=(over.RECORDS,),
    ),
    Kind(
        key="unmet",
        name=_("Requests that found no time, without a name"),
        why=_("added to sums of the month, then deleted"),
        rule=_NEEDED,
        tables="booking.UnmetRequest",
        job=Job.PURGE,
        period=RESIDENTS_PERIOD,
        rows=(over.UNMET,),
    ),
    Kind(
        key="contacts",
        name=_("Hashes of who came, for the publication"),
        why=_("to publish a number only if eleven people are behind it; until 16 January"),
        rule=_NEEDED,
        tables="booking.ContactKey booking.VisitContact",
        job=Job.TASK,
        period=Period(months=13),
        task="reporting.tasks.close_publications",
    ),
    Kind(
        key="requests",
        name=_("Requests about personal data"),
        why=_("proof that they were answered; counted from the answer, without who asked"),
        rule=_("CNIL: until an action about the answer is barred; three years are usual"),
        tables="privacy.RightsRequest privacy.RequestReminder",
        job=Job.PURGE,
        period=Period(months=36),
        rows=(over.REQUESTS,),
    ),
    Kind(
        key="erased",
        name=_("Numbers of records that were erased"),
        why=_("so that an older backup that is put back forgets them again"),
        rule=_NEEDED,
        tables="privacy.ErasedResident",
        job=Job.PURGE,
        period=Period(months=12),
        rows=(over.ERASED,),
    ),
    Kind(
        key="consultations",
        name=_("Who looked at whose record"),
        why=_("so that nobody looks without a reason"),
        rule=_LOGGING,
        tables="privacy.Consultation privacy.ConsultationAlarm",
        job=Job.PURGE,
        period=Period(months=12, setting="consultations_months", least=6, most=12),
        rows=(over.CONSULTATIONS, over.CONSULTATION_ALARMS),
    ),
    Kind(
        key="accounts",
        name=_("Accounts of agents who left"),
        why=_("the name becomes « former agent »; counted from the last day in the last commune"),
        rule=_WORK,
        tables="agents.Agent agents.Agent_groups agents.Agent_user_permissions agents.Membership "
        "agents.Membership_skills agents.SetAsideShift planning.CalendarFeed planning.ExternalCalendar "
        "planning.ExternalBusy",
        job=Job.PURGE,
        period=Period(months=LEAVERS_MONTHS),
        rows=(over.ACCOUNTS,),
    ),
    Kind(
        key="shifts",
        name=_("Shifts of agents and their usual weeks"),
        why=_("to count the hours worked; counted from their end"),
        rule=_WORK,
        tables="agents.Shift agents.ShiftPattern agents.PatternDay planning.RotaPublication",
        job=Job.PURGE,
        period=_ROTA,
        rows=(over.SHIFTS, over.PATTERN_DAYS, over.PATTERNS, over.PUBLICATIONS),
    ),
    Kind(
        key="absences",
        name=_("Absences and leave of agents"),
        why=_("to count the hours due; counted from their end"),
        rule=_WORK,
        tables="agents.Absence agents.AbsenceRequest",
        job=Job.PURGE,
        period=_ROTA,
        rows=(over.ABSENCES, over.LEAVE_REQUESTS),
    ),
    Kind(
        key="news",
        name=_("News for agents about their rota"),
        why=_("so that a change is not overlooked"),
        rule=_NEEDED,
        tables="planning.HelperNews",
        job=Job.TASK,
        period=Period(hours=30 * 24),
        task="planning.tasks.each_night",
    ),
    Kind(
        key="changes",
        name=_("What managers changed of settings, places and services"),
        why=_("to see who changed what, and to put it back"),
        rule=_NEEDED,
        tables="communes.SetupChange",
        job=Job.PURGE,
        period=Period(months=24),
        rows=(over.CHANGES, over.CHANGES_NEEDED),
    ),
    Kind(
        key="faults",
        name=_("Faults of cabins"),
        why=_("to compare two years; counted from their end"),
        rule=_NEEDED,
        tables="communes.Incident communes.IncidentStep",
        job=Job.PURGE,
        period=Period(months=FAULTS_KEPT_MONTHS),
        rows=(over.FAULTS,),
    ),
    Kind(
        key="outages",
        name=_("Outages of screens"),
        why=_("to compare two years; counted from their end"),
        rule=_NEEDED,
        tables="kiosk.ScreenOutage",
        job=Job.PURGE,
        period=Period(months=OUTAGES_KEPT_MONTHS),
        rows=(over.OUTAGES,),
    ),
    Kind(
        key="help_calls",
        name=_("Calls for help from a screen"),
        why=_("to see whether somebody answers"),
        rule=_NEEDED,
        tables="kiosk.HelpCall",
        job=Job.PURGE,
        period=Period(months=12),
        rows=(over.HELP_CALLS,),
    ),
    Kind(
        key="commands",
        name=_("What agents did to a screen"),
        why=_("to understand a fault of a screen"),
        rule=_LOGGING,
        tables="kiosk.ScreenCommand",
        job=Job.PURGE,
        period=Period(hours=180 * 24),
        rows=(over.COMMANDS, over.PAIRINGS),
    ),
    Kind(
        key="given_up",
        name=_("Searches for free times that were cut short, without a name"),
        why=_("to see that the product is too slow"),
        rule=_NEEDED,
        tables="booking.SearchesGivenUp",
        job=Job.PURGE,
        period=Period(hours=14 * 24),
        rows=(over.GIVEN_UP,),
    ),
    Kind(
        key="invitations",
        name=_("Invitations of agents"),
        why=_("to open an account"),
        rule=_NEEDED,
        tables="agents.Invitation agents.Invitation_skills",
        job=Job.TASK,
        period=Period(hours=7 * 24),
        task="agents.tasks.tidy_up",
    ),
    Kind(
        key="logins",
        name=_("Sessions and failed logins"),
        why=_("to stay logged in, and to block who guesses passwords; addresses as hashes"),
        rule=_NEEDED,
        tables="sessions.Session agents.FailedLogin agents.KnownAddress axes.AccessAttempt "
        "axes.AccessAttemptExpiration axes.AccessLog axes.AccessFailureLog",
        job=Job.TASK,
        period=Period(hours=7 * 24),
        task="agents.tasks.tidy_up",
    ),
    Kind(
        key="edits",
        name=_("Who edited a record last"),
        why=_("so that two agents do not overwrite each other"),
        rule=_NEEDED,
        tables="core.EditTrace",
        job=Job.TASK,
        period=Period(hours=3 * 24),
        task="core.tasks.forget_edit_traces",
    ),
    Kind(
        key="digests",
        name=_("Reports to technicians about screens"),
        why=_("so that one is not sent twice"),
        rule=_NEEDED,
        tables="kiosk.DigestSent",
        job=Job.PURGE,
        period=Period(hours=30 * 24),
        rows=(over.DIGESTS,),
    ),
    Kind(
        key="presses",
        name=_("Buttons pressed and wrong codes on screens"),
        why=_("so that each counts once, and nobody guesses a code"),
        rule=_NEEDED,
        tables="kiosk.WrongEntry kiosk.Press kiosk.PairingCode",
        job=Job.PURGE,
        period=Period(hours=1),
        rows=(over.WRONG_ENTRIES, over.PRESSES, over.PAIRING_CODES),
    ),
    Kind(
        key="delays",
        name=_("Helpers who said that they are late"),
        why=_("to tell the desk"),
        rule=_NEEDED,
        tables="booking.Delay",
        job=Job.TASK,
        period=Period(hours=24),
        task="booking.tasks.each_minute",
    ),
    Kind(
        key="uploads",
        name=_("Calendar files of agents"),
        why=_("until it is read when they are busy"),
        rule=_NEEDED,
        tables="planning.CalendarUpload",
        job=Job.TASK,
        period=Period(hours=1),
        task="planning.tasks.each_minute",
    ),
    Kind(
        key="queue",
        name=_("Work of the machine: tasks that wait or ran, ids only"),
        why=_("to find a fault of the product"),
        rule=_LOGGING,
        tables="booking.UnreadEvent django_q.OrmQ django_q.Task django_q.Success django_q.Failure",
        job=Job.PURGE,
        period=Period(hours=30 * 24),
        rows=(over.FINISHED_TASKS,),
    ),
    Kind(
        key="runs",
        name=_("What the nightly deletion did, in numbers"),
        why=_("proof that it took place"),
        rule=_NEEDED,
        tables="privacy.PurgeRun privacy.PurgeCount",
        job=Job.PURGE,
        period=Period(months=24),
        rows=(over.RUNS,),
    ),
    Kind(
        key="figures",
        name=_("Anonymous and published figures"),
        why=_("sums of a month: they are about nobody"),
        rule=_("GDPR, recital 26: what is anonymous is not personal"),
        tables="booking.MonthlySum reporting.CabinDay reporting.PublishedPlace reporting.Edition "
        "reporting.PublishedNumber kiosk.FaceCount",
        job=Job.NEVER,
    ),
    Kind(
        key="setup",
        name=_("Settings, places, services, screens"),
        why=_("as long as the commune uses them"),
        rule=_("about no resident; of agents at most who wrote a text, until their account is emptied"),
        tables="communes.Commune communes.Site communes.Cabin communes.Service communes.Closure "
        "communes.ApiKey notifications.MessageSettings notifications.CommuneText "
        "notifications.ProviderAlarm notifications.Heartbeat booking.WaitingSearch kiosk.Screen "
        "kiosk.SpentToken kiosk.PageRelease kiosk.ScreenWatch django_q.Schedule auth.Group "
        "auth.Group_permissions auth.Permission contenttypes.ContentType",
        job=Job.NEVER,
    ),
)

BY_KEY = {kind.key: kind for kind in KINDS}


def purged() -> Iterator[tuple[Kind, Period, Rows]]:
    """What the nightly purge deletes, table by table, in its order."""
    for kind in KINDS:
        if kind.job == Job.PURGE and kind.period is not None:
            for rows in kind.rows:
                yield kind, kind.period, rows
