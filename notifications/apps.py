from django.apps import AppConfig
from django.core.checks import Tags, register


class NotificationsConfig(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from booking import log
        from communes import automatic_lines, incident_actions, setup_steps
        from core import announcing, periodic, retention
        from notifications import callers, checks, next_looks, providers, setup_reading, tasks
        from notifications.actions import note_before_deletion
        from notifications.views.announced import announce

        providers.registered()  # a secret that cannot be read is told now, not with the first message
        register(checks.check_provider, Tags.security, deploy=True)
        automatic_lines.register(callers.lines_of)
        setup_steps.register(setup_steps.StepKey.MESSAGES, setup_reading.messages_step)
        setup_steps.register(setup_steps.StepKey.TEST, setup_reading.trial_step)
        log.register_reader("notifications")
        log.subscribe(tasks.request_sweep)
        incident_actions.subscribe(tasks.request_sweep)
        log.watch(next_looks.look_at)
        announcing.register(announce)
        periodic.register(periodic.Every.MINUTE, tasks.sweep_all)
        periodic.register(periodic.Every.NIGHT, tasks.tidy_up)
        periodic.register(periodic.Every.NIGHT, tasks.erase_at_providers)
        retention.register_before(note_before_deletion)
