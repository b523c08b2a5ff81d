"""Tables of residents, visits, the waiting list and figures."""

from privacy.register.table import Goes, RegisteredTable

TABLES = (
    RegisteredTable(
        "booking.Resident",
        "who comes, how to reach them, what helps the visit",
        Goes.PURGE,
        resident="first_name last_name search_name email postal_address birth_year languages needs "
        "reach_by number_on_screen contact_name contact_relation contact_phone contact_is_told "
        "limited_at limited_for created_at form_key",
        other="id commune merged_into",
    ),
    RegisteredTable(
        "booking.ResidentChange",
        "what was changed of a resident's record, by whom, from what to what",
        Goes.PURGE,
        resident="resident kind at is_asked values",
        agent="actor agent",
        other="id is_of_merged",
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
        "booking.SearchesGivenUp",
        "anonymous figures: searches for free times that were cut short, by day",
        Goes.DAYS,
        other="id commune on count",
    ),
)
