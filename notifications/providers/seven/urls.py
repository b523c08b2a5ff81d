"""The addresses that seven.io calls."""

from django.urls import path

from notifications.providers.seven import views

urlpatterns = [
    path("messages/seven/statut/", views.seven_status, name="seven-status"),
    path("messages/seven/sms/", views.seven_inbound_text, name="seven-inbound-text"),
]
