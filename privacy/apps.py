from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import periodic
        from privacy import tasks

        periodic.register(periodic.Every.NIGHT, tasks.purge_all)
