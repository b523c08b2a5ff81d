from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "booking"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from booking import tasks
        from booking.actions import finish_rehearsed_cancellations, offer_freed_times
        from core import announcing, periodic

        announcing.register_consequence(finish_rehearsed_cancellations)
        announcing.register_consequence(offer_freed_times)
        periodic.register(periodic.Every.MINUTE, tasks.each_minute)
