"""Where a manager makes places and cabins."""

from django.urls import path

from communes.views import setup

urlpatterns = [
    path("lieux/nouveau/", setup.site_new, name="site-new"),
    path("lieux/<int:pk>/", setup.site_edit, name="site-edit"),
    path("lieux/<int:pk>/retrait/", setup.site_retire, name="site-retire"),
    path("lieux/<int:pk>/ordre/", setup.site_move, name="site-move"),
    path("lieux/<int:pk>/historique/", setup.site_log, name="site-log"),
    path("lieux/<int:pk>/cabines/nouvelle/", setup.cabin_new, name="cabin-new"),
    path("lieux/cabines/demarches/", setup.cabin_services, name="cabin-services"),
    path("lieux/cabines/<int:pk>/fiche/", setup.cabin_edit, name="cabin-edit"),
    path("lieux/cabines/<int:pk>/retrait/", setup.cabin_retire, name="cabin-retire"),
    path("lieux/cabines/<int:pk>/ordre/", setup.cabin_move, name="cabin-move"),
]
