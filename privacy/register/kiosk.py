"""Tables of the screens."""

from privacy.register.table import Goes, RegisteredTable

TABLES = (
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
        Goes.DAYS,
        other="id code claim_hash seen_at expires_at screen",
    ),
    RegisteredTable(
        "kiosk.HelpCall",
        "someone at a cabin called an agent",
        Goes.CALLS,
        agent="answered_by",
        other="id commune site cabin screen called_at withdrawn_at answered_at",
    ),
    RegisteredTable(
        "kiosk.WrongEntry",
        "wrong codes, to limit guessing",
        Goes.DAYS,
        agent="agent",
        other="id screen at is_late",
    ),
    RegisteredTable(
        "kiosk.Press",
        "buttons pressed on screens, so that each counts once although its answer was lost",
        Goes.DAYS,
        other="id screen key at appointment",
    ),
    RegisteredTable(
        "kiosk.FaceCount",
        "anonymous figures: how visits went",
        Goes.STAYS,
        other="id site month_on face count",
    ),
    RegisteredTable(
        "kiosk.ScreenOutage",
        "when a screen did not answer, and the fault that was told of it",
        Goes.FAULTS,
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
        Goes.DAYS,
        agent="agent on",
        other="id",
    ),
)
