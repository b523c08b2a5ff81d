"""The pages of the simulator; they answer 404 where real messages leave."""

from django.urls import path

from notifications.providers.simulator import views

urlpatterns = [
    path("simulateur/", views.simulator, name="simulator"),
    path("simulateur/repondre/", views.simulator_reply, name="simulator-reply"),
    path("simulateur/appel/<int:pk>/", views.simulator_call, name="simulator-call"),
    path("simulateur/appeler/", views.simulator_dial, name="simulator-dial"),
]
