from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "booking"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from booking import tasks
        from core import periodic

        periodic.register(periodic.Every.MINUTE, tasks.each_minute)
