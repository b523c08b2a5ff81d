from django.urls import include, path

from notifications.providers import registered
from notifications.views import call_cancel, call_list, health, message_log, messages, settings

urlpatterns = [
    path("health", health.health, name="health"),
    path("messages/rendez-vous/<int:pk>/", messages.appointment_messages, name="appointment-messages"),
    path("messages/habitants/<int:pk>/", messages.resident_messages, name="resident-messages"),
    path("messages/habitants/<int:pk>/stop/", messages.resident_stops, name="resident-stops"),
    path("messages/habitants/<int:pk>/accord/", messages.resident_consent, name="resident-consent"),
    path("messages/a-rappeler/", call_list.call_list, name="call-list"),
    path("messages/a-rappeler/nombre/", call_list.call_list_count, name="call-list-count"),
    path("messages/a-rappeler/<int:pk>/", call_list.call_outcome, name="call-outcome"),
    path("messages/journal/", message_log.message_log, name="message-log"),
    path("messages/a-rappeler/<int:pk>/appel/", call_list.call_claim, name="call-claim"),
    path("messages/a-rappeler/<int:pk>/appel/fin/", call_list.call_release, name="call-release"),
    path("messages/a-rappeler/rendez-vous/<int:pk>/annuler/", call_cancel.call_cancel, name="call-cancel"),
    path("messages/a-rappeler/fait/<int:pk>/defaire/", call_list.call_undo, name="call-undo"),
    path("messages/reglages/", settings.message_settings, name="message-settings"),
    path("messages/reglages/expediteur/", settings.sender_check, name="sender-check"),
    path("messages/textes/", settings.message_texts, name="message-texts"),
    path("messages/textes/<slug:kind>/<slug:language>/", settings.message_text, name="message-text"),
    path(
        "messages/textes/<slug:kind>/<slug:language>/retablir/",
        settings.message_text_reset,
        name="message-text-reset",
    ),
    path("messages/envois/", settings.delivery_rates, name="delivery-rates"),
    path("messages/alarme/", settings.provider_alarm, name="provider-alarm"),
    *(path("", include(provider.urls)) for provider in registered() if provider.urls),
]
