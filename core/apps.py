from django.apps import AppConfig

from core import french_order, lookups


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import periodic, tasks

        lookups.register()
        french_order.register()
        periodic.register(periodic.Every.NIGHT, tasks.forget_edit_traces)
