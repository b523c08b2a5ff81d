"""Tables of which the copy has the rows: places, services, settings, and what is published."""

from privacy.copies.table import CopiedTable, How

TABLES = (
    CopiedTable(
        "communes.Commune",
        How.KEPT,
        kept="id name slug insee_code time_zone name_shown_minutes_before "
        "reminder_days_before cancel_grace_min retention_months rota_months "
        "consultations_months consultations_alarm opens_data reminders_from "
        "reminders_until opened_at lead_min_hours lead_max_days offers_freed_times "
        "offer_lasts_min screen_languages walk_ins dark_screen_min",
        invented="public_phone",
        dropped="sender privacy_officer people_erased",
    ),
    CopiedTable(
        "communes.Site",
        How.KEPT,
        kept="id commune ref name short_name address address_extra postal_code city latitude "
        "longitude opening_hours accessibility helpers_morning helpers_afternoon "
        "wheelchair is_active position retired_at walk_ins",
        invented="phone",
        dropped="contact maintainer hours_edited_at version",
    ),
    CopiedTable(
        "communes.Cabin",
        How.KEPT,
        kept="id site name equipment in_order wheelchair directions room_for position "
        "in_service_at retired_at walk_ins",
        dropped="out_until",
    ),
    CopiedTable(
        "communes.Service",
        How.KEPT,
        kept="id commune slug name theme duration_min turnaround_min start_step_min "
        "helper_policy equipment_needed what_to_bring is_medical booker lead_min_hours "
        "lead_max_days hour_set_elsewhere position is_active names pictogram "
        "catalogue_key catalogue_version catalogue_values retired_at",
    ),
    CopiedTable(
        "communes.Closure",
        How.KEPT,
        kept="id site starts_at ends_at reason",
    ),
    CopiedTable(
        "notifications.MessageSettings",
        How.KEPT,
        kept="id commune remind_same_day confirm_by_call invite_missed price_sms_cents",
        dropped="voice_number",
    ),
    CopiedTable(
        "reporting.CabinDay",
        How.KEPT,
        kept="id commune day_on site_ref site_name cabin_ref cabin_name open_min closed_min out_min",
        dropped="booked_min",
    ),
    CopiedTable(
        "reporting.PublishedPlace",
        How.KEPT,
        kept="id commune site_ref site_name since_on",
    ),
    CopiedTable(
        "reporting.Edition",
        How.KEPT,
        kept="id commune month_on closed_on",
    ),
    CopiedTable(
        "reporting.PublishedNumber",
        How.KEPT,
        kept="id edition commune site_ref site_name first_on last_on table category number",
    ),
    CopiedTable(
        "auth.Permission",
        How.MADE,
        kept="id name content_type codename",
    ),
    CopiedTable(
        "contenttypes.ContentType",
        How.MADE,
        kept="id app_label model",
    ),
)
