from django.apps import AppConfig


class KioskConfig(AppConfig):
    name = "kiosk"
    default_auto_field = "django.db.models.BigAutoField"
