from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import periodic
        from reporting import tasks

        periodic.register(periodic.Every.NIGHT, tasks.write_days)
        periodic.register(periodic.Every.NIGHT, tasks.close_publications)
