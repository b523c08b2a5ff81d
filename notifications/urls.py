from django.urls import path

from notifications.providers.simulator import views
from notifications.providers.twilio import views_sms, views_voice
from notifications.views import call_list, health, messages, settings

urlpatterns = [
    path("health", health.health, name="health"),
    path("messages/apercu/", messages.message_preview, name="message-preview"),
    path("messages/apercu/nouveau/", messages.newcomer_preview, name="newcomer-preview"),
    path("messages/rendez-vous/<int:pk>/", messages.appointment_messages, name="appointment-messages"),
    path("messages/rendez-vous/<int:pk>/donner/", messages.giving_preview, name="giving-preview"),
    path("messages/habitants/<int:pk>/", messages.resident_messages, name="resident-messages"),
    path("messages/habitants/<int:pk>/stop/", messages.resident_stops, name="resident-stops"),
    path("messages/habitants/<int:pk>/accord/", messages.resident_consent, name="resident-consent"),
    path("messages/a-rappeler/", call_list.call_list, name="call-list"),
    path("messages/a-rappeler/nombre/", call_list.call_list_count, name="call-list-count"),
    path("messages/a-rappeler/<int:pk>/", call_list.call_outcome, name="call-outcome"),
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
    path("messages/twilio/statut/<int:pk>/", views_sms.twilio_status, name="twilio-status"),
    path("messages/twilio/sms/", views_sms.twilio_inbound_text, name="twilio-inbound-text"),
    path("messages/twilio/appel/<int:pk>/", views_voice.twilio_call, name="twilio-call"),
    path("messages/twilio/appel/<int:pk>/touche/", views_voice.twilio_call_key, name="twilio-call-key"),
    path("messages/twilio/appel/<int:pk>/fin/", views_voice.twilio_call_end, name="twilio-call-end"),
    path("messages/twilio/appel/<int:pk>/statut/", views_voice.twilio_call_status, name="twilio-call-status"),
    path("messages/twilio/entrant/", views_voice.twilio_inbound_call, name="twilio-inbound-call"),
    path("messages/twilio/entrant/touche/", views_voice.twilio_inbound_key, name="twilio-inbound-key"),
    path(
        "messages/twilio/entrant/<int:pk>/", views_voice.twilio_inbound_answer, name="twilio-inbound-answer"
    ),
    path("messages/twilio/entrant/fin/", views_voice.twilio_inbound_end, name="twilio-inbound-end"),
    path("messages/twilio/entrant/accueil/", views_voice.twilio_inbound_desk, name="twilio-inbound-desk"),
    path("simulateur/", views.simulator, name="simulator"),
    path("simulateur/repondre/", views.simulator_reply, name="simulator-reply"),
    path("simulateur/appel/<int:pk>/", views.simulator_call, name="simulator-call"),
    path("simulateur/appeler/", views.simulator_dial, name="simulator-dial"),
]
