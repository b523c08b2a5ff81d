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
)
