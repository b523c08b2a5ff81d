from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "booking"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from booking import tasks
        from booking.actions import finish_rehearsed_cancellations, offer_freed_times
        from booking.actions.closing import fold_records
        from booking.actions.unmet import fold_unmet
        from booking.free.given_up import forget_given_up
        from core import announcing, periodic, retention

        announcing.register_consequence(finish_rehearsed_cancellations)
        announcing.register_consequence(offer_freed_times)
        retention.register(forget_given_up, kind="given_up")
        retention.register(fold_records, kind="records")
        retention.register(fold_unmet, kind="unmet")
        periodic.register(periodic.Every.MINUTE, tasks.each_minute)
        periodic.register(periodic.Every.NIGHT, tasks.each_night)
