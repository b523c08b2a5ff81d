from django.apps import AppConfig
from django.core.checks import Tags, register


class NotificationsConfig(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from booking import log
        from notifications import bell, checks

        register(checks.check_provider, Tags.security, deploy=True)
        log.register_reader("notifications")
        log.subscribe(bell.ring)
