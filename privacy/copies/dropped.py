"""Tables of which the copy has no row.

Log, messages, consultations, requests, hashes, keys, calendars, free texts: each is about somebody, or opens
something.
"""

from privacy.copies.table import CopiedTable, How

_COLUMNS = {
    "booking.ResidentChange": "resident kind at is_asked values actor agent id is_of_merged",
    "booking.VisitNote": "appointment themes equipment_used autonomy orientation id",
    "booking.IdempotencyRecord": "body_hash id api_key key_hash appointment",
    "booking.UnreadEvent": "id reader event",
    "booking.WaitingEntry": "resident service with_helper party_size half_days from_on until_on "
    "declined state unanswered joined_at id commune",
    "booking.WaitingEntry_sites": "waitingentry site id",
    "booking.WaitingSearch": "commune digest at",
    "booking.WaitingOffer": "entry appointment answer made_at id",
    "booking.Delay": "helper until_at said_at id",
    "booking.VisitRecord": "key day_on half_hour cabin_ref cabin_name service_ref service_name "
    "theme ended_as cancelled_by notice booked_min used_min waited_min "
    "helped_by persons origin is_walk_in lead outcome told_by "
    "is_medical themes_noted equipment_used autonomy orientation id "
    "commune site_ref site_name",
    "booking.MonthlySum": "id commune month_on site_ref site_name dimension code label visits "
    "persons booked_min used_min",
    "booking.UnmetRequest": "talk asked_on wanted_on half service_ref service_name theme why "
    "lacked_helper id commune site_ref site_name is_first",
    "booking.ContactKey": "secret id commune year",
    "booking.VisitContact": "key dimension code contact id commune year month_on site_ref",
    "booking.SearchesGivenUp": "id commune on count",
    "notifications.Message": "appointment resident audience recipient kind channel language text "
    "told_start told_site state sent_at delivered_at failed_at why "
    "failure error_code cause times_asked asked_at know_by handled_by "
    "retry_at id commune step segments asks urgency due_at expires_at "
    "attempts claim claimed_at provider_id kept_by_provider followed_up "
    "inbound created_at",
    "notifications.CallClaim": "resident agent since until id line",
    "notifications.CallResult": "resident appointment outcome at before by undone_at id commune",
    "notifications.InboundMessage": "sender text received_at resident appointment outcome wrong_numbers "
    "id commune provider_id kept_by_provider",
    "notifications.ProviderErasure": "id commune provider_id asked_at",
    "notifications.Suppression": "number_hash reason since id commune",
    "notifications.Consent": "resident number at said_by by id",
    "notifications.CommuneText": "edited_by id commune kind language template edited_at",
    "notifications.ProviderAlarm": "id commune channel code since retry_at try_again_after is_loud "
    "by_report taken_at warned_at",
    "notifications.NextLook": "appointment at",
    "notifications.WebhookReceipt": "answer token at status",
    "notifications.Heartbeat": "name at",
    "kiosk.Screen": "paired_by id site cabin name token_hash paired_at last_seen_at "
    "version_shown theme plays_sound revoked_at page_release "
    "page_opened_at browser window_size clock_drift_s last_error "
    "last_error_at",
    "kiosk.ScreenCommand": "asked_by ended_by id screen kind text asked_at expires_at done_at ended_at",
    "kiosk.SpentToken": "id screen token_hash spent_at",
    "kiosk.PageRelease": "id code served_from",
    "kiosk.PairingCode": "id code claim_hash seen_at expires_at screen",
    "kiosk.HelpCall": "answered_by id commune site cabin screen called_at withdrawn_at answered_at",
    "kiosk.WrongEntry": "agent id screen at is_late",
    "kiosk.Press": "id screen key at appointment",
    "kiosk.FaceCount": "id site month_on face count",
    "kiosk.ScreenOutage": "id screen began_at ended_at incident",
    "kiosk.ScreenWatch": "id looked_at steady_since",
    "kiosk.DigestSent": "agent on id",
    "agents.Invitation": "email invited_by is_desk is_helper is_manager is_technician "
    "is_elected weekly_hours expires_at id commune token_hash mailed_at",
    "agents.Invitation_skills": "id invitation service",
    "agents.SetAsideShift": "site starts_at ends_at id membership pattern_day rest_of",
    "agents.ShiftPattern": "agent site weekdays starts ends every_weeks anchor_on from_on until_on id",
    "agents.PatternDay": "agent site starts_at ends_at on id pattern shift",
    "agents.AbsenceRequest": "agent starts_at ends_at kind comment asked_at answered_at "
    "answered_by is_accepted id commune absence",
    "agents.Absence": "agent starts_at ends_at kind declared_by id commune",
    "agents.Agent_groups": "id agent group",
    "agents.Agent_user_permissions": "id agent permission",
    "agents.FailedLogin": "address name at id",
    "agents.KnownAddress": "address last_login_at id",
    "planning.RotaPublication": "by at changes undone_at id commune until",
    "planning.HelperNews": "agent kind detail at mail_at read_at id commune publication",
    "planning.CalendarFeed": "agent created_at created_by id commune site token_hash",
    "planning.ExternalCalendar": "agent url file_name created_at tried_at read_at problem left_out "
    "left_out_first id",
    "planning.CalendarUpload": "calendar body uploaded_at id",
    "planning.ExternalBusy": "calendar absence id",
    "communes.Incident": "opened_by taken_by confirmed_by closed_by id commune site cabin "
    "about kind note on_screen opened_at taken_at confirmed_at "
    "expected_end_at asked_at closed_at",
    "communes.IncidentStep": "by id incident kind at expected_end_at told_at told_to",
    "communes.SetupChange": "by at kind id commune site record name values",
    "communes.ApiKey": "id commune name key_hash created_at revoked_at reads_figures",
    "privacy.RightsRequest": "resident right came_by asked_on opened_by closed_by opened_at "
    "closed_at id commune due_on is_extended state refusal proof",
    "privacy.RequestReminder": "agent mailed_at id request due_on step claimed_at",
    "privacy.Consultation": "resident kind at agent origin stretch_at id commune",
    "privacy.ConsultationAlarm": "agent at kind people seen_at seen_by id commune mailed_at",
    "privacy.ErasedResident": "resident_ref at coming id commune",
    "privacy.PurgeRun": "allowed_by allowed_at id commune night began_at ended_at state why "
    "due alive_at interruptions",
    "privacy.PurgeCount": "id run kind table limit_at top before deleted created after",
    "core.EditTrace": "by at names id record",
    "sessions.Session": "session_data session_key expire_date",
    "axes.AccessAttempt": "username ip_address user_agent http_accept path_info get_data "
    "post_data attempt_time failures_since_start id",
    "axes.AccessAttemptExpiration": "access_attempt expires_at",
    "axes.AccessLog": "username ip_address user_agent http_accept path_info attempt_time "
    "logout_time session_hash id",
    "axes.AccessFailureLog": "username ip_address user_agent http_accept path_info attempt_time "
    "locked_out id",
    "django_q.OrmQ": "id key payload lock",
    "django_q.Task": "id name func hook args kwargs result group cluster started stopped "
    "success attempt_count",
    "django_q.Success": "id name func hook args kwargs result group cluster started stopped "
    "success attempt_count",
    "django_q.Failure": "id name func hook args kwargs result group cluster started stopped "
    "success attempt_count",
    "django_q.Schedule": "id name func hook args kwargs schedule_type minutes repeats "
    "next_run cron task cluster intended_date_kwarg",
    "auth.Group": "id name",
    "auth.Group_permissions": "id group permission",
}

TABLES = tuple(CopiedTable(name, How.DROPPED, dropped=columns) for name, columns in _COLUMNS.items())
