from django.urls import path

from notifications.views import call_list, health, messages, simulator, webhooks

urlpatterns = [
    path("health", health.health, name="health"),
    path("messages/apercu/", messages.message_preview, name="message-preview"),
    path("messages/rendez-vous/<int:pk>/", messages.appointment_messages, name="appointment-messages"),
    path("messages/a-rappeler/", call_list.call_list, name="call-list"),
    path("messages/a-rappeler/nombre/", call_list.call_list_count, name="call-list-count"),
    path("messages/a-rappeler/<int:pk>/", call_list.call_outcome, name="call-outcome"),
    path("messages/twilio/statut/<int:pk>/", webhooks.twilio_status, name="twilio-status"),
    path("simulateur/", simulator.simulator, name="simulator"),
]
