"""What the worker does by the clock: every periodic task, those that delete nothing too.

Which tables a task deletes is said in `privacy/retention.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """A periodic task (`core/periodic.py`) by the path of its function; `every` is the name of its period.
    `what`: what it does to personal data."""

    task: str
    every: str
    what: str


JOBS = (
    Job("core.tasks.forget_edit_traces", "NIGHT", "who edited which record"),
    Job("agents.tasks.close_accounts", "MINUTE", "ends the work of agents whose last day is over"),
    Job("agents.tasks.tidy_up", "NIGHT", "invitations that ran out, ended sessions, wrong passwords"),
    Job("booking.tasks.each_minute", "MINUTE", "what helpers said of being late"),
    Job("booking.tasks.each_night", "NIGHT", "closes days; deletes nothing"),
    Job("planning.tasks.each_minute", "MINUTE", "calendar files"),
    Job("planning.tasks.read_calendars", "QUARTER", "reads other calendars; deletes nothing"),
    Job("planning.tasks.each_night", "NIGHT", "news of agents after a month"),
    Job("notifications.tasks.sweep_all", "MINUTE", "sends messages; deletes nothing that was sent"),
    Job("notifications.tasks.tidy_up", "NIGHT", "receipts of webhooks and results of calls after a week"),
    Job("notifications.tasks.erase_at_providers", "NIGHT", "texts and calls at the provider of messages"),
    Job("kiosk.tasks.each_minute", "MINUTE", "watches screens; deletes nothing"),
    Job("kiosk.tasks.each_quarter", "QUARTER", "mails of outages after a month"),
    Job("reporting.tasks.write_days", "NIGHT", "writes figures; deletes nothing"),
    Job(
        "reporting.tasks.close_publications",
        "NIGHT",
        "destroys the key and the hashes of a year",
    ),
    Job("privacy.tasks.each_quarter", "QUARTER", "tells of many consultations in an hour; deletes nothing"),
    Job(
        "privacy.tasks.remind_of_requests",
        "NIGHT",
        "reminds managers of requests to answer, without a name; deletes nothing",
    ),
    Job(
        "privacy.tasks.purge_all",
        "NIGHT",
        "deletes residents, and what else has had its time",
    ),
)
