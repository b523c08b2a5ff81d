from django.urls import path

from communes.views import commune, places, services

urlpatterns = [
    path("lieux/", places.places, name="places"),
    path("lieux/cabines/<int:pk>/", places.cabin_order, name="cabin-order"),
    path("lieux/<int:pk>/horaires/", places.hours_edit, name="hours-edit"),
    path("lieux/horaires/apercu/", places.hours_preview, name="hours-preview"),
    path("lieux/<int:pk>/acces/", places.access_edit, name="access-edit"),
    path("lieux/<int:pk>/fermeture/", places.closure_new, name="closure-new"),
    path("lieux/fermetures/<int:pk>/lever/", places.closure_lift, name="closure-lift"),
    path("reglages/", commune.commune_edit, name="commune-edit"),
    path("prestations/", services.services, name="services"),
    path("prestations/<int:pk>/", services.service_edit, name="service-edit"),
]
