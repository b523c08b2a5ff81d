from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from booking import log
        from notifications import bell, checks  # noqa: F401  (registers the system checks)

        log.register_reader("notifications")
        log.subscribe(bell.ring)
