"""Tables of rotas and calendars."""

from privacy.register.table import Goes, RegisteredTable

TABLES = (
    RegisteredTable(
        "planning.RotaPublication",
        "how far the rota is published, and for a month what publishing changed, so that it can be undone",
        Goes.ROTA,
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
)
