from django.apps import AppConfig


class CommunesConfig(AppConfig):
    name = "communes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from communes import setup_reading
        from communes.incident_actions import forget_old_faults
        from communes.setup_steps import StepKey, register
        from core import retention

        register(StepKey.COMMUNE, setup_reading.commune_step)
        register(StepKey.PLACES, setup_reading.places_step)
        register(StepKey.CABINS, setup_reading.cabins_step)
        register(StepKey.SERVICES, setup_reading.services_step)
        retention.register(forget_old_faults, kind="faults")
