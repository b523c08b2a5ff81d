from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from booking.actions import merging
        from booking.actions.resident_log import watch_corrections
        from core import periodic, troubles
        from privacy import alarms, tasks
        from privacy.actions import move_requests, note_correction

        watch_corrections(note_correction)
        merging.follow_merges(move_requests)
        periodic.register(periodic.Every.NIGHT, tasks.purge_all)
        periodic.register(periodic.Every.NIGHT, tasks.remind_of_requests)
        periodic.register(periodic.Every.QUARTER, tasks.each_quarter)
        troubles.register(alarms.trouble)
