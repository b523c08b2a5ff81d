from django.urls import path

from privacy.views import consultations, erasing, held, limiting, papers, retention, rights, withdrawing

urlpatterns = [
    path("consultations/", consultations.consultations, name="consultations"),
    path("consultations/fichier/", consultations.consultations_csv, name="consultations-csv"),
    path("consultations/alertes/", consultations.alarm_count, name="consultation-alarms"),
    path("consultations/alertes/<int:pk>/vue/", consultations.alarm_seen, name="consultation-alarm-seen"),
    path("compte/consultations/", consultations.my_consultations, name="my-consultations"),
    path("confidentialite/<str:insee_code>/", papers.public_notice, name="public-notice"),
    path("reglages/donnees/papiers/<slug:name>/", papers.paper, name="paper"),
    path("habitants/<int:pk>/droits/", rights.rights, name="resident-rights"),
    path("habitants/<int:pk>/effacer/", erasing.erase_resident, name="resident-erase"),
    path("habitants/<int:pk>/accords/", withdrawing.consents, name="resident-consents"),
    path("droits/effacement/<int:pk>/", erasing.erased, name="resident-erased"),
    path("habitants/<int:pk>/limitation/", limiting.limitation, name="resident-limitation"),
    path("habitants/<int:pk>/limitation/lever/", limiting.lift, name="resident-limitation-lift"),
    path("habitants/<int:pk>/tout/", held.held, name="resident-held"),
    path("habitants/<int:pk>/tout/fichier/", held.held_file, name="resident-held-file"),
    path("habitants/<int:pk>/tout/remis/", held.held_given, name="resident-held-given"),
    path("reglages/donnees/", retention.data_settings, name="data-settings"),
    path("reglages/conservation/", retention.retention, name="retention"),
    path("reglages/conservation/habitants/", retention.leaving_residents, name="retention-residents"),
    path("reglages/conservation/<int:pk>/continuer/", retention.purge_anyway, name="purge-anyway"),
]
