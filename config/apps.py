from django.apps import AppConfig
from django.core.checks import Tags, register


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config.checks import check_clock, check_email, check_preload, check_public_address

        register(check_clock, Tags.compatibility)
        register(check_email, Tags.compatibility)
        register(check_preload, Tags.security)
        register(check_public_address, Tags.security, deploy=True)
