"""What the worker deletes by the clock, and what is deleted otherwise.

Every periodic task is declared, those that delete nothing too: whoever adds one says what it deletes.
"""

from dataclasses import dataclass

from privacy.register.table import Goes


@dataclass(frozen=True)
class Job:
    """A periodic task (`core/periodic.py`) by the path of its function; `every` is the name of its period.
    `deletes`: tables, separated by spaces, of which it deletes rows whose time is over."""

    task: str
    every: str
    what: str
    deletes: str = ""

    @property
    def tables(self) -> list[str]:
        return self.deletes.split()


JOBS = (
    Job("core.tasks.forget_edit_traces", "NIGHT", "who edited which record", "core.EditTrace"),
    Job("agents.tasks.close_accounts", "MINUTE", "ends the work of agents whose last day is over"),
    Job(
        "agents.tasks.tidy_up",
        "NIGHT",
        "invitations that ran out, ended sessions, wrong passwords",
        "agents.Invitation agents.Invitation_skills agents.FailedLogin agents.KnownAddress sessions.Session "
        "axes.AccessAttempt axes.AccessAttemptExpiration",
    ),
    Job("booking.tasks.each_minute", "MINUTE", "what helpers said of being late", "booking.Delay"),
    Job("booking.tasks.each_night", "NIGHT", "closes days; deletes nothing"),
    Job("planning.tasks.each_minute", "MINUTE", "calendar files", "planning.CalendarUpload"),
    Job("planning.tasks.read_calendars", "QUARTER", "reads other calendars; deletes nothing"),
    Job("planning.tasks.each_night", "NIGHT", "news of agents after a month", "planning.HelperNews"),
    Job("notifications.tasks.sweep_all", "MINUTE", "sends messages; deletes nothing that was sent"),
    Job(
        "notifications.tasks.tidy_up",
        "NIGHT",
        "receipts of webhooks and results of calls after a week",
        "notifications.WebhookReceipt notifications.CallClaim notifications.CallResult",
    ),
    Job(
        "notifications.tasks.erase_at_providers",
        "NIGHT",
        "texts and calls at the provider of messages",
        "notifications.ProviderErasure",
    ),
    Job("kiosk.tasks.each_minute", "MINUTE", "watches screens; deletes nothing"),
    Job("kiosk.tasks.each_quarter", "QUARTER", "mails of outages after a month", "kiosk.DigestSent"),
    Job("reporting.tasks.write_days", "NIGHT", "writes figures; deletes nothing"),
    Job(
        "reporting.tasks.close_publications",
        "NIGHT",
        "the key of a year that is published, and the hashes made with it",
        "booking.ContactKey booking.VisitContact",
    ),
    Job(
        "privacy.tasks.purge_all",
        "NIGHT",
        "residents with all that is kept of them, and what else has had its time",
        "booking.Resident booking.ResidentPhone booking.Appointment booking.AppointmentEvent "
        "booking.VisitNote booking.IdempotencyRecord booking.WaitingEntry booking.WaitingEntry_sites "
        "booking.WaitingOffer booking.VisitRecord booking.UnmetRequest booking.SearchesGivenUp "
        "notifications.Message notifications.InboundMessage notifications.Consent notifications.NextLook "
        "communes.Incident communes.IncidentStep kiosk.ScreenOutage privacy.RightsRequest "
        "privacy.Consultation privacy.ConsultationAlarm",
    ),
)

OTHERWISE = {
    "booking.UnreadEvent": "by its reader, in the sweep that acts on it",
    "notifications.Suppression": "when START is received, or an agent notes a consent",
    "kiosk.ScreenCommand": "with the next command to that screen",
    "kiosk.PairingCode": "with the next screen that wants to be paired",
    "kiosk.WrongEntry": "with the next wrong code",
    "kiosk.Press": "with the next button that is pressed",
    "django_q.OrmQ": "by the worker that takes the task",
    "django_q.Task": "by the worker: it keeps the last hundred",
    "django_q.Success": "by the worker: it keeps the last hundred",
    "django_q.Failure": "by the worker: it keeps the last hundred",
    "axes.AccessLog": "never written (switched off)",
    "axes.AccessFailureLog": "never written (switched off)",
}
"""Tables whose rows go without a job: what deletes them."""

NEEDS_NO_JOB = {Goes.STAYS, Goes.ACCOUNT}
