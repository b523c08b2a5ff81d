"""Tables of rights and how they were met."""

from privacy.register.table import Goes, RegisteredTable

TABLES = (
    RegisteredTable(
        "privacy.RightsRequest",
        "what residents asked for about their data, until when, and what was done: the proof, in numbers",
        Goes.REQUESTS,
        resident="resident right came_by asked_on",
        agent="opened_by closed_by opened_at closed_at",
        other="id commune due_on is_extended state refusal proof",
    ),
    RegisteredTable(
        "privacy.RequestReminder",
        "which manager was reminded by e-mail of which request, so that nobody is reminded twice",
        Goes.REQUESTS,
        agent="agent mailed_at",
        other="id request due_on step claimed_at",
    ),
    RegisteredTable(
        "privacy.Consultation",
        "which agent was shown whose name, when, and on which page: so that nobody looks without a reason",
        Goes.LOOKED,
        resident="resident kind at",
        agent="agent origin stretch_at",
        other="id commune",
    ),
    RegisteredTable(
        "privacy.ConsultationAlarm",
        "which agent was shown more people in an hour than the commune allows without a question",
        Goes.LOOKED,
        agent="agent at kind people seen_at seen_by",
        other="id commune mailed_at",
    ),
    RegisteredTable(
        "privacy.ErasedResident",
        "which records were erased, by their former number alone: a backup from before forgets them again",
        Goes.ERASED,
        resident="resident_ref at coming",
        other="id commune",
    ),
    RegisteredTable(
        "privacy.PurgeRun",
        "what a night's deletion did, when, and who let it go on after it had stopped",
        Goes.RUNS,
        agent="allowed_by allowed_at",
        other="id commune night began_at ended_at state why due alive_at interruptions",
    ),
    RegisteredTable(
        "privacy.PurgeCount",
        "how many rows a night's deletion found and deleted",
        Goes.RUNS,
        other="id run kind table limit_at top before deleted created after",
    ),
)
