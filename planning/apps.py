from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from booking import log
        from core import announcing, periodic
        from planning import tasks
        from planning.actions import visit_news
        from planning.replacing import clear_possible_again

        log.register_reader(visit_news.READER)
        announcing.register_consequence(clear_possible_again)
        periodic.register(periodic.Every.MINUTE, tasks.each_minute)
        periodic.register(periodic.Every.QUARTER, tasks.read_calendars)
        periodic.register(periodic.Every.NIGHT, tasks.each_night)
