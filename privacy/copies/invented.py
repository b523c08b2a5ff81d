"""Tables whose rows are about people: in the copy they are about nobody."""

from privacy.copies.table import CopiedTable, How

TABLES = (
    CopiedTable(
        "agents.Agent",
        How.INVENTED,
        kept="is_active",
        invented="id username password first_name last_name date_joined",
        dropped="last_login email phone must_change_password email_confirmed password_mailed_at "
        "news_by_email wants_sound wants_digest left_on is_superuser is_staff",
    ),
    CopiedTable(
        "agents.Membership",
        How.INVENTED,
        kept="commune is_desk is_helper is_manager is_technician is_elected",
        invented="id agent",
        dropped="weekly_hours last_on",
    ),
    CopiedTable(
        "agents.Membership_skills",
        How.INVENTED,
        kept="service",
        invented="id membership",
    ),
    CopiedTable(
        "agents.Shift",
        How.INVENTED,
        kept="site starts_at ends_at",
        invented="id agent",
    ),
    CopiedTable(
        "booking.Resident",
        How.INVENTED,
        kept="commune",
        invented="id first_name last_name search_name languages needs created_at",
        dropped="email postal_address birth_year reach_by number_on_screen contact_name "
        "contact_relation contact_phone contact_is_told limited_at limited_for form_key "
        "merged_into",
    ),
    CopiedTable(
        "booking.ResidentPhone",
        How.INVENTED,
        invented="id resident number is_mobile",
        dropped="owner owner_detail may_call call_from call_until",
    ),
    CopiedTable(
        "booking.Appointment",
        How.INVENTED,
        kept="commune",
        invented="id site cabin service helper with_helper resident number status starts_at "
        "ends_at blocked_until arrived_at started_at ended_at outcome created_at",
        dropped="note party_size confirmed_at coming_at told_by helper_chosen follow_up_of "
        "held_until cancel_at origin is_walk_in",
    ),
    CopiedTable(
        "booking.AppointmentEvent",
        How.INVENTED,
        invented="id appointment kind at actor changes",
        dropped="reason asked_by agent",
    ),
)
