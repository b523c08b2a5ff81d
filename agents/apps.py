from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from agents import tasks
        from core import periodic

        periodic.register(periodic.Every.NIGHT, tasks.tidy_up)
