"""Tables of places, services, settings and faults."""

from privacy.register.table import Goes, RegisteredTable

TABLES = (
    RegisteredTable(
        "communes.Commune",
        "the communes of the installation and their settings",
        Goes.STAYS,
        other="id name slug insee_code time_zone public_phone sender name_shown_minutes_before "
        "reminder_days_before cancel_grace_min retention_months rota_months consultations_months "
        "consultations_alarm opens_data reminders_from reminders_until opened_at lead_min_hours "
        "lead_max_days offers_freed_times offer_lasts_min screen_languages walk_ins dark_screen_min "
        "privacy_officer people_erased",
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
        "communes.IncidentStep",
        "what was done about a fault",
        Goes.FAULTS,
        agent="by",
        other="id incident kind at expected_end_at told_at told_to",
    ),
    RegisteredTable(
        "communes.SetupChange",
        "what managers changed of the settings, places, cabins and services: answers who put it so, and when",
        Goes.CHANGES,
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
)
