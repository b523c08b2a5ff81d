from django.urls import path

from kiosk.views import arrival, help, offline, screen, screens, stream, walk_in

urlpatterns = [
    # The screen itself. Its cookie is sent to /ecran/ only.
    path("ecran/", screen.screen, name="screen"),
    path("ecran/jumelage/", screen.pairing_state, name="screen-pairing"),
    path("ecran/tableau/", screen.board_fragment, name="screen-board"),
    path("ecran/flux/", stream.screen_stream, name="screen-stream"),
    path("ecran/arrivee/", arrival.arrival, name="screen-arrival"),
    path("ecran/arrivee/nom/", arrival.arrival_confirm, name="screen-arrival-confirm"),
    path("ecran/arrivee/numero/", arrival.arrival_number, name="screen-arrival-number"),
    path("ecran/arrivee/annuler/", arrival.arrival_undo, name="screen-arrival-undo"),
    path("ecran/arrivees/", arrival.arrivals, name="screen-arrivals"),
    path("ecran/aide/", help.help_call, name="screen-help"),
    path("ecran/aide/fin/", help.help_end, name="screen-help-end"),
    path("ecran/cabine/", walk_in.walk_in, name="screen-walk-in"),
    path("ecran/cabine/<int:pk>/", walk_in.walk_in_service, name="screen-walk-in-service"),
    path("ecran/cabine/<int:pk>/plus-tard/", walk_in.walk_in_book, name="screen-walk-in-book"),
    path("ecran/numero/", walk_in.text_number, name="screen-text-number"),
    path("ecran/seance/<int:pk>/fin/", walk_in.session_end, name="screen-session-end"),
    path("ecran/seance/<int:pk>/plus/", walk_in.session_extend, name="screen-session-extend"),
    path("ecran/avis/", walk_in.face, name="screen-face"),
    path("ecran/langues/", walk_in.languages, name="screen-languages"),
    path("ecran/service-worker.js", offline.worker, name="screen-worker"),
    path("ecran/application.webmanifest", offline.manifest, name="screen-manifest"),
    # For agents.
    path("ecrans/", screens.screens, name="screens"),
    path("ecrans/<int:pk>/", screens.screen_edit, name="screen-edit"),
    path("ecrans/<int:pk>/revoquer/", screens.screen_revoke, name="screen-revoke"),
    path("ecrans/appels/", help.help_calls, name="help-calls"),
    path("ecrans/appels/<int:pk>/", help.help_answer, name="help-call-answer"),
    path("flux/lieux/", stream.sites_stream, name="sites-stream"),
    path("flux/lieux/etat/", stream.sites_state, name="sites-state"),
]
