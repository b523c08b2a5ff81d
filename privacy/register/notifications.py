"""Tables of messages, calls and answers."""

from privacy.register.table import Goes, RegisteredTable

TABLES = (
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
)
