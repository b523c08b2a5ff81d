from django.apps import AppConfig


class KioskConfig(AppConfig):
    name = "kiosk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from communes.setup_steps import StepKey, register
        from core import periodic, retention
        from kiosk import tasks
        from kiosk.outages import forget_old_outages
        from kiosk.setup_reading import screens_step

        register(StepKey.SCREENS, screens_step)
        periodic.register(periodic.Every.MINUTE, tasks.each_minute)
        periodic.register(periodic.Every.QUARTER, tasks.each_quarter)
        retention.register(forget_old_outages, kind="outages")
