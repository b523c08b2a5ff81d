"""The addresses that Twilio calls."""

from django.urls import path

from notifications.providers.twilio import views_sms, views_voice

urlpatterns = [
    path("messages/twilio/statut/<int:pk>/", views_sms.twilio_status, name="twilio-status"),
    path("messages/twilio/sms/", views_sms.twilio_inbound_text, name="twilio-inbound-text"),
    path("messages/twilio/appel/<int:pk>/", views_voice.twilio_call, name="twilio-call"),
    path("messages/twilio/appel/<int:pk>/entendu/", views_voice.twilio_call_heard, name="twilio-call-heard"),
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
]
