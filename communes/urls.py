from django.urls import include, path

from communes.views import catalogue, hours, imports, places, services

urlpatterns = [
    path("lieux/", places.places, name="places"),
    path("lieux/fichier/", imports.places_import, name="places-import"),
    path("lieux/fichier/reprise/", imports.places_import_confirm, name="places-import-confirm"),
    path("", include("communes.setup_urls")),
    path("", include("communes.incident_urls")),
    path("lieux/cabines/<int:pk>/", places.cabin_order, name="cabin-order"),
    path("lieux/<int:pk>/horaires/", hours.hours_edit, name="hours-edit"),
    path("lieux/horaires/apercu/", hours.hours_preview, name="hours-preview"),
    path("lieux/<int:pk>/acces/", places.access_edit, name="access-edit"),
    path("lieux/<int:pk>/fermeture/", places.closure_new, name="closure-new"),
    path("lieux/fermetures/<int:pk>/lever/", places.closure_lift, name="closure-lift"),
    path("prestations/", services.services, name="services"),
    path("prestations/liste/", catalogue.service_catalogue, name="service-catalogue"),
    path("prestations/nouvelle/", services.service_new, name="service-new"),
    path("prestations/historique/", services.services_log, name="services-log"),
    path("prestations/<int:pk>/", services.service_edit, name="service-edit"),
    path("prestations/<int:pk>/nouveautes/", services.service_news, name="service-news"),
    path("prestations/<int:pk>/etat/", services.service_state, name="service-state"),
    path("prestations/<int:pk>/ordre/", services.service_order, name="service-order"),
    path("prestations/<int:pk>/supprimer/", services.service_delete, name="service-delete"),
]
