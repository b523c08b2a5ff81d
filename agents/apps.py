from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from agents import setup_reading, tasks
        from communes.setup_steps import StepKey, register
        from core import periodic

        periodic.register(periodic.Every.MINUTE, tasks.close_accounts)
        periodic.register(periodic.Every.NIGHT, tasks.tidy_up)
        register(StepKey.TEAM, setup_reading.team_step)
        register(StepKey.WEEKS, setup_reading.weeks_step)
