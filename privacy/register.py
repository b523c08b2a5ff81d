"""What the database holds about people: every column of every table, declared once.

A test fails if a column is missing here, or listed and gone: whoever adds one decides whom it is about and
when it is deleted. `docs/privacy.md` shows this table; `python -m scripts.privacy_page` writes it there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Goes(StrEnum):
    """When a row is deleted."""

    PURGE = "with the purge, at the latest 12 months after the last visit"
    MINUTES = "within the hour"
    DAYS = "within days"
    ACCOUNT = "with the agent's account"
    FAULTS = "with the nightly purge, 24 months after the fault was closed; names with the agent's account"
    OBJECTION = "with START or a consent: an objection must outlive the record of whoever made it"
    COMMANDS = "180 days later, with the next command to that screen; names with the agent's account"
    FIGURES = "with the key of its year: on 16 January of the next one, in the night"
    REQUESTS = "the link to the person with their record; the rest in the night, 36 months after the answer"
    STAYS = "stays: about no person"


@dataclass(frozen=True)
class RegisteredTable:
    """A table with the names of its columns, separated by spaces. `resident`, `agent`: columns that say
    something about one, alone or together with the rest of the row. `other`: columns that say nothing
    about a person."""

    name: str
    why: str
    goes: Goes
    resident: str = ""
    agent: str = ""
    other: str = ""

    @property
    def columns(self) -> list[str]:
        return [*self.resident.split(), *self.agent.split(), *self.other.split()]


REGISTER = (
    RegisteredTable(
        "booking.Resident",
        "who comes, how to reach them, what helps the visit",
        Goes.PURGE,
        resident="first_name last_name search_name email postal_address birth_year languages needs "
        "reach_by number_on_screen contact_name contact_relation contact_phone contact_is_told "
        "created_at form_key",
        other="id commune merged_into",
    ),
    RegisteredTable(
        "booking.ResidentPhone",
        "the numbers behind which a resident can be reached, and when",
        Goes.PURGE,
        resident="number is_mobile owner owner_detail may_call call_from call_until",
        other="id resident",
    ),
    RegisteredTable(
        "booking.Appointment",
        "who comes where, when and for what",
        Goes.PURGE,
        resident="resident service note number party_size starts_at ends_at confirmed_at arrived_at "
        "coming_at started_at ended_at outcome told_by status with_helper helper_chosen follow_up_of "
        "created_at",
        agent="helper",
        other="id commune site cabin blocked_until held_until cancel_at origin is_walk_in",
    ),
    RegisteredTable(
        "booking.AppointmentEvent",
        "who changed an appointment, when, and why (a code)",
        Goes.PURGE,
        resident="kind at actor reason asked_by changes",
        agent="agent",
        other="id appointment",
    ),
    RegisteredTable(
        "booking.VisitNote",
        "what came of a session, by the codes of the national lists; never of a medical one",
        Goes.PURGE,
        resident="appointment themes equipment_used autonomy orientation",
        other="id",
    ),
    RegisteredTable(
        "booking.IdempotencyRecord",
        "bookings over the API that must not be made twice; keyed hashes only",
        Goes.PURGE,
        resident="body_hash",
        other="id api_key key_hash appointment",
    ),
    RegisteredTable(
        "booking.UnreadEvent", "events still to be acted on", Goes.MINUTES, other="id reader event"
    ),
    RegisteredTable(
        "booking.WaitingEntry",
        "who waits for a freed time, and when would suit",
        Goes.PURGE,
        resident="resident service with_helper party_size half_days from_on until_on declined state "
        "unanswered joined_at",
        other="id commune",
    ),
    RegisteredTable(
        "booking.WaitingEntry_sites",
        "where someone who waits would come",
        Goes.PURGE,
        resident="waitingentry site",
        other="id",
    ),
    RegisteredTable(
        "booking.WaitingSearch",
        "when free times were last looked for; a digest of what that depended on",
        Goes.STAYS,
        other="commune digest at",
    ),
    RegisteredTable(
        "booking.WaitingOffer",
        "freed times that were offered, and what became of them",
        Goes.PURGE,
        resident="entry appointment answer made_at",
        other="id",
    ),
    RegisteredTable(
        "booking.Delay",
        "until when a helper said that they are late",
        Goes.DAYS,
        agent="helper until_at said_at",
        other="id",
    ),
    RegisteredTable(
        "booking.VisitRecord",
        "figures: how one appointment ended; without a name, but hour, cabin and service can tell whose",
        Goes.PURGE,
        resident="key day_on half_hour cabin_ref cabin_name service_ref service_name theme ended_as "
        "cancelled_by notice booked_min used_min waited_min helped_by persons origin is_walk_in lead outcome "
        "told_by is_medical themes_noted equipment_used autonomy orientation",
        other="id commune site_ref site_name",
    ),
    RegisteredTable(
        "booking.MonthlySum",
        "anonymous figures: sums of a month at a place, by one thing at a time",
        Goes.STAYS,
        other="id commune month_on site_ref site_name dimension code label visits persons booked_min "
        "used_min",
    ),
    RegisteredTable(
        "booking.UnmetRequest",
        "figures: what was asked for at the desk and not found; nameless, but day and service can tell whose",
        Goes.PURGE,
        resident="talk asked_on wanted_on half service_ref service_name theme why lacked_helper",
        other="id commune site_ref site_name is_first",
    ),
    RegisteredTable(
        "booking.ContactKey",
        "the key by which hashes of who came are made for a year's publication, until it is destroyed",
        Goes.FIGURES,
        resident="secret",
        other="id commune year",
    ),
    RegisteredTable(
        "booking.VisitContact",
        "that somebody came in a month, to know that eleven people did; keyed hashes only",
        Goes.FIGURES,
        resident="key dimension code contact",
        other="id commune year month_on site_ref",
    ),
    RegisteredTable(
        "reporting.CabinDay",
        "figures: how long a cabin could be used on a day",
        Goes.STAYS,
        other="id commune day_on site_ref site_name cabin_ref cabin_name open_min closed_min out_min "
        "booked_min",
    ),
    RegisteredTable(
        "reporting.PublishedPlace",
        "since which month the visits of a place are published",
        Goes.STAYS,
        other="id commune site_ref site_name since_on",
    ),
    RegisteredTable(
        "reporting.Edition",
        "which months of the publication are closed, and since when",
        Goes.STAYS,
        other="id commune month_on closed_on",
    ),
    RegisteredTable(
        "reporting.PublishedNumber",
        "what is public of visits: sums of eleven or more, by eleven people or more; never changed",
        Goes.STAYS,
        other="id edition commune site_ref site_name first_on last_on table category number",
    ),
    RegisteredTable(
        "booking.SearchesGivenUp",
        "anonymous figures: searches for free times that were cut short, by day",
        Goes.DAYS,
        other="id commune on count",
    ),
    RegisteredTable(
        "notifications.Message",
        "what was said to whom, by which way, and whether it arrived",
        Goes.PURGE,
        resident="appointment resident audience recipient kind channel language text told_start told_site "
        "state sent_at delivered_at failed_at why failure error_code cause times_asked asked_at know_by",
        agent="handled_by retry_at",
        other="id commune step segments asks urgency due_at expires_at attempts claim claimed_at "
        "provider_id kept_by_provider followed_up inbound created_at",
    ),
    RegisteredTable(
        "notifications.CallClaim",
        "which agent is calling whom at this moment",
        Goes.DAYS,
        resident="resident",
        agent="agent since until",
        other="id line",
    ),
    RegisteredTable(
        "notifications.CallResult",
        "what came of the desk's calls; kept for a week so that it can be undone",
        Goes.DAYS,
        resident="resident appointment outcome at before",
        agent="by undone_at",
        other="id commune",
    ),
    RegisteredTable(
        "notifications.InboundMessage",
        "what residents answered",
        Goes.PURGE,
        resident="sender text received_at resident appointment outcome wrong_numbers",
        other="id commune provider_id kept_by_provider",
    ),
    RegisteredTable(
        "notifications.ProviderErasure",
        "what the provider of messages still has to delete",
        Goes.DAYS,
        other="id commune provider_id asked_at",
    ),
    RegisteredTable(
        "notifications.Suppression",
        "numbers that want no automatic messages; keyed hashes only",
        Goes.OBJECTION,
        resident="number_hash reason since",
        other="id commune",
    ),
    RegisteredTable(
        "notifications.Consent",
        "agents noted that messages are welcome again at a number",
        Goes.PURGE,
        resident="resident number at said_by",
        agent="by",
        other="id",
    ),
    RegisteredTable(
        "notifications.MessageSettings",
        "how a commune wants its residents to be told",
        Goes.STAYS,
        other="id commune voice_number remind_same_day confirm_by_call invite_missed price_sms_cents",
    ),
    RegisteredTable(
        "notifications.CommuneText",
        "a commune's own wording",
        Goes.STAYS,
        agent="edited_by",
        other="id commune kind language template edited_at",
    ),
    RegisteredTable(
        "notifications.ProviderAlarm",
        "the provider refuses us",
        Goes.STAYS,
        other="id commune channel code since retry_at try_again_after is_loud by_report taken_at warned_at",
    ),
    RegisteredTable(
        "notifications.NextLook",
        "when an appointment is looked at again for what is owed",
        Goes.PURGE,
        other="appointment at",
    ),
    RegisteredTable(
        "notifications.WebhookReceipt",
        "requests of the provider dealt with already, and what was answered",
        Goes.DAYS,
        resident="answer",
        other="token at status",
    ),
    RegisteredTable("notifications.Heartbeat", "signs of life of the worker", Goes.STAYS, other="name at"),
    RegisteredTable(
        "kiosk.Screen",
        "the screens on the cabins",
        Goes.STAYS,
        agent="paired_by",
        other="id site cabin name token_hash paired_at last_seen_at version_shown theme "
        "plays_sound revoked_at page_release page_opened_at browser window_size clock_drift_s last_error "
        "last_error_at",
    ),
    RegisteredTable(
        "kiosk.ScreenCommand",
        "what agents did to a screen",
        Goes.COMMANDS,
        agent="asked_by ended_by",
        other="id screen kind text asked_at expires_at done_at ended_at",
    ),
    RegisteredTable(
        "kiosk.SpentToken",
        "devices that another one has replaced",
        Goes.STAYS,
        other="id screen token_hash spent_at",
    ),
    RegisteredTable(
        "kiosk.PageRelease",
        "releases of the page of screens",
        Goes.STAYS,
        other="id code served_from",
    ),
    RegisteredTable(
        "kiosk.PairingCode",
        "screens that wait to be paired",
        Goes.MINUTES,
        other="id code claim_hash seen_at expires_at screen",
    ),
    RegisteredTable(
        "kiosk.HelpCall",
        "someone at a cabin called an agent",
        Goes.STAYS,
        agent="answered_by",
        other="id commune site cabin screen called_at withdrawn_at answered_at",
    ),
    RegisteredTable(
        "kiosk.WrongEntry",
        "wrong codes, to limit guessing",
        Goes.MINUTES,
        agent="agent",
        other="id screen at is_late",
    ),
    RegisteredTable(
        "kiosk.Press",
        "buttons pressed on screens, so that each counts once although its answer was lost",
        Goes.MINUTES,
        other="id screen key at appointment",
    ),
    RegisteredTable(
        "kiosk.FaceCount",
        "anonymous figures: how visits went",
        Goes.STAYS,
        other="id site month_on face count",
    ),
    RegisteredTable(
        "agents.Agent",
        "who works here, to log in and to be reached by colleagues",
        Goes.ACCOUNT,
        agent="password last_login username first_name last_name email phone is_active date_joined "
        "must_change_password email_confirmed password_mailed_at news_by_email wants_sound wants_digest "
        "left_on",
        other="id is_superuser is_staff",
    ),
    RegisteredTable(
        "agents.Invitation",
        "who is invited to work for a commune; goes when used, withdrawn or a week after it was made",
        Goes.DAYS,
        agent="email invited_by is_desk is_helper is_manager is_technician is_elected weekly_hours "
        "expires_at",
        other="id commune token_hash mailed_at",
    ),
    RegisteredTable(
        "agents.Invitation_skills", "what they could help with", Goes.DAYS, other="id invitation service"
    ),
    RegisteredTable(
        "core.EditTrace",
        "who edited a record last: for colleagues who edit it at the same time",
        Goes.DAYS,
        agent="by at names",
        other="id record",
    ),
    RegisteredTable(
        "agents.Membership",
        "roles in a commune",
        Goes.ACCOUNT,
        agent="agent is_desk is_helper is_manager is_technician is_elected weekly_hours last_on",
        other="id commune",
    ),
    RegisteredTable(
        "agents.SetAsideShift",
        "shifts after the last day of an agent who leaves, so that they can stay after all",
        Goes.ACCOUNT,
        agent="site starts_at ends_at",
        other="id membership pattern_day rest_of",
    ),
    RegisteredTable(
        "agents.Membership_skills",
        "what a helper can help with",
        Goes.ACCOUNT,
        agent="service",
        other="id membership",
    ),
    RegisteredTable(
        "agents.Shift",
        "who is where, when",
        Goes.ACCOUNT,
        agent="agent site starts_at ends_at",
        other="id",
    ),
    RegisteredTable(
        "agents.ShiftPattern",
        "an agent's usual week",
        Goes.ACCOUNT,
        agent="agent site weekdays starts ends every_weeks anchor_on from_on until_on",
        other="id",
    ),
    RegisteredTable(
        "agents.PatternDay",
        "which shifts were made of a usual week",
        Goes.ACCOUNT,
        agent="agent site starts_at ends_at on",
        other="id pattern shift",
    ),
    RegisteredTable(
        "planning.RotaPublication",
        "how far the rota is published, and for a month what publishing changed, so that it can be undone",
        Goes.ACCOUNT,
        agent="by at changes undone_at",
        other="id commune until",
    ),
    RegisteredTable(
        "planning.HelperNews",
        "what others changed for an agent: shifts, answers, for a month",
        Goes.DAYS,
        agent="agent kind detail at mail_at read_at",
        other="id commune publication",
    ),
    RegisteredTable(
        "planning.CalendarFeed",
        "which diaries calendar programs may follow",
        Goes.ACCOUNT,
        agent="agent created_at created_by",
        other="id commune site token_hash",
    ),
    RegisteredTable(
        "planning.ExternalCalendar",
        "an agent's other calendar: busy times; titles only of some events that could not be read",
        Goes.ACCOUNT,
        agent="agent url file_name created_at tried_at read_at problem left_out left_out_first",
        other="id",
    ),
    RegisteredTable(
        "planning.CalendarUpload",
        "a calendar file until the worker has read when it says busy, for an hour at most",
        Goes.MINUTES,
        agent="calendar body uploaded_at",
        other="id",
    ),
    RegisteredTable(
        "planning.ExternalBusy",
        "which absences come from another calendar",
        Goes.ACCOUNT,
        agent="calendar absence",
        other="id",
    ),
    RegisteredTable(
        "agents.AbsenceRequest",
        "absences that helpers ask for: the kind, and a word to the manager until it is answered",
        Goes.ACCOUNT,
        agent="agent starts_at ends_at kind comment asked_at answered_at answered_by is_accepted",
        other="id commune absence",
    ),
    RegisteredTable(
        "agents.Absence",
        "when an agent cannot be counted on; the kind only, no reason",
        Goes.ACCOUNT,
        agent="agent starts_at ends_at kind declared_by",
        other="id commune",
    ),
    RegisteredTable("agents.Agent_groups", "unused by the product", Goes.ACCOUNT, other="id agent group"),
    RegisteredTable(
        "agents.Agent_user_permissions", "unused by the product", Goes.ACCOUNT, other="id agent permission"
    ),
    RegisteredTable(
        "communes.Commune",
        "the communes of the installation and their settings",
        Goes.STAYS,
        other="id name slug insee_code time_zone public_phone sender name_shown_minutes_before "
        "reminder_days_before cancel_grace_min retention_months opens_data reminders_from reminders_until "
        "opened_at lead_min_hours lead_max_days offers_freed_times offer_lasts_min screen_languages walk_ins "
        "dark_screen_min",
    ),
    RegisteredTable(
        "communes.Site",
        "places with cabins",
        Goes.STAYS,
        other="id commune ref name short_name address address_extra postal_code city latitude longitude "
        "phone opening_hours hours_edited_at accessibility helpers_morning helpers_afternoon "
        "wheelchair is_active version contact maintainer position retired_at walk_ins",
    ),
    RegisteredTable(
        "communes.Cabin",
        "cabins",
        Goes.STAYS,
        other="id site name equipment in_order out_until wheelchair directions room_for position "
        "in_service_at retired_at walk_ins",
    ),
    RegisteredTable(
        "communes.Incident",
        "faults of cabins: who reported, confirmed and closed them",
        Goes.FAULTS,
        agent="opened_by taken_by confirmed_by closed_by",
        other="id commune site cabin about kind note on_screen opened_at taken_at confirmed_at "
        "expected_end_at asked_at closed_at",
    ),
    RegisteredTable(
        "kiosk.ScreenOutage",
        "when a screen did not answer, and the fault that was told of it",
        Goes.STAYS,
        other="id screen began_at ended_at incident",
    ),
    RegisteredTable(
        "kiosk.ScreenWatch",
        "since when screens could be heard without a break",
        Goes.STAYS,
        other="id looked_at steady_since",
    ),
    RegisteredTable(
        "kiosk.DigestSent",
        "which technician got the e-mail about a day's outages",
        Goes.ACCOUNT,
        agent="agent on",
        other="id",
    ),
    RegisteredTable(
        "communes.IncidentStep",
        "what was done about a fault",
        Goes.FAULTS,
        agent="by",
        other="id incident kind at expected_end_at told_at told_to",
    ),
    RegisteredTable(
        "communes.SetupChange",
        "what managers changed of the settings, places, cabins and services: answers who put it so, and when",
        Goes.ACCOUNT,
        agent="by at kind",
        other="id commune site record name values",
    ),
    RegisteredTable(
        "communes.Service",
        "what residents come for",
        Goes.STAYS,
        other="id commune slug name theme duration_min turnaround_min start_step_min helper_policy "
        "equipment_needed what_to_bring is_medical booker lead_min_hours lead_max_days "
        "hour_set_elsewhere position is_active names pictogram catalogue_key catalogue_version "
        "catalogue_values retired_at",
    ),
    RegisteredTable(
        "communes.Closure", "when a site is closed", Goes.STAYS, other="id site starts_at ends_at reason"
    ),
    RegisteredTable(
        "communes.ApiKey",
        "other systems of a commune; hashes only",
        Goes.STAYS,
        other="id commune name key_hash created_at revoked_at reads_figures",
    ),
    RegisteredTable(
        "privacy.RightsRequest",
        "what residents asked for about their data, until when, and what was done: the proof, in numbers",
        Goes.REQUESTS,
        resident="resident right came_by asked_on",
        agent="opened_by closed_by opened_at closed_at",
        other="id commune due_on is_extended state refusal proof",
    ),
    RegisteredTable(
        "sessions.Session",
        "who is logged in",
        Goes.DAYS,
        agent="session_data",
        other="session_key expire_date",
    ),
    RegisteredTable(
        "agents.FailedLogin",
        "wrong passwords by address, to block guessing; keyed hashes only",
        Goes.DAYS,
        agent="address name at",
        other="id",
    ),
    RegisteredTable(
        "agents.KnownAddress",
        "addresses of logins of the last seven days, which are not blocked; keyed hashes only",
        Goes.DAYS,
        agent="address last_login_at",
        other="id",
    ),
    RegisteredTable(
        "axes.AccessAttempt",
        "failed logins, to lock out guessing; of the address a keyed hash only",
        Goes.DAYS,
        agent="username ip_address user_agent http_accept path_info get_data post_data attempt_time "
        "failures_since_start",
        other="id",
    ),
    RegisteredTable(
        "axes.AccessAttemptExpiration", "unused by the product", Goes.DAYS, other="access_attempt expires_at"
    ),
    RegisteredTable(
        "axes.AccessLog",
        "unused by the product (switched off)",
        Goes.DAYS,
        agent="username ip_address user_agent http_accept path_info attempt_time logout_time session_hash",
        other="id",
    ),
    RegisteredTable(
        "axes.AccessFailureLog",
        "unused by the product (switched off)",
        Goes.DAYS,
        agent="username ip_address user_agent http_accept path_info attempt_time locked_out",
        other="id",
    ),
    RegisteredTable("django_q.OrmQ", "tasks that wait; ids only", Goes.MINUTES, other="id key payload lock"),
    *(
        RegisteredTable(
            f"django_q.{name}",
            "tasks that ran; ids only, the last hundred",
            Goes.DAYS,
            other="id name func hook args kwargs result group cluster started stopped success attempt_count",
        )
        for name in ("Task", "Success", "Failure")
    ),
    RegisteredTable(
        "django_q.Schedule",
        "what the worker does regularly",
        Goes.STAYS,
        other="id name func hook args kwargs schedule_type minutes repeats next_run cron task cluster "
        "intended_date_kwarg",
    ),
    RegisteredTable("auth.Group", "unused by the product", Goes.STAYS, other="id name"),
    RegisteredTable(
        "auth.Group_permissions", "unused by the product", Goes.STAYS, other="id group permission"
    ),
    RegisteredTable("auth.Permission", "Django's own", Goes.STAYS, other="id name content_type codename"),
    RegisteredTable("contenttypes.ContentType", "Django's own", Goes.STAYS, other="id app_label model"),
)


def markdown() -> Iterator[str]:
    """The rows of docs/privacy.md: the tables that say something about a person."""
    yield "| table | what for | about a resident | about an agent | goes |"
    yield "|---|---|---|---|---|"
    for table in REGISTER:
        if table.resident or table.agent:
            cells = (
                _code(table.name),
                table.why,
                _columns(table.resident),
                _columns(table.agent),
                table.goes,
            )
            yield f"| {' | '.join(cells)} |"


def _columns(names: str) -> str:
    return ", ".join(_code(name) for name in names.split())


def _code(text: str) -> str:
    return f"`{text}`"
