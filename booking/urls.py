from django.urls import path

from booking.views import appointment, desk, my_day, residents, today, waiting

urlpatterns = [
    path("rendez-vous/", desk.desk, name="desk"),
    path("rendez-vous/recherche/", desk.desk_search, name="desk-search"),
    path("rendez-vous/tenir/", desk.desk_hold, name="desk-hold"),
    path("rendez-vous/confirmer/", desk.desk_confirm, name="desk-confirm"),
    path("rendez-vous/premier/", desk.desk_next_free, name="desk-next-free"),
    path("rendez-vous/<int:pk>/", appointment.appointment, name="appointment"),
    path("rendez-vous/<int:pk>/fiche/", appointment.slip, name="slip"),
    path("rendez-vous/<int:pk>/deplacer/", desk.desk_move, name="desk-move"),
    path("rendez-vous/<int:pk>/annuler/", appointment.cancel, name="appointment-cancel"),
    path("rendez-vous/<int:pk>/retablir/", appointment.restore, name="appointment-restore"),
    path("rendez-vous/<int:pk>/confirme/", appointment.confirm, name="appointment-confirm"),
    path("rendez-vous/<int:pk>/arrivee/", appointment.check_in, name="appointment-check-in"),
    path(
        "rendez-vous/<int:pk>/arrivee/annuler/", appointment.undo_check_in, name="appointment-undo-check-in"
    ),
    path("rendez-vous/<int:pk>/absence/", appointment.no_show, name="appointment-no-show"),
    path("rendez-vous/<int:pk>/absence/annuler/", appointment.undo_no_show, name="appointment-undo-no-show"),
    path("habitants/nouveau/", residents.resident_create, name="resident-create"),
    path("habitants/<int:pk>/", residents.resident, name="resident"),
    path("habitants/<int:pk>/doublons/", residents.resident_duplicates, name="resident-duplicates"),
    path("habitants/<int:pk>/fusionner/", residents.resident_merge, name="resident-merge"),
    path("aujourdhui/", today.today, name="today"),
    path("attente/", waiting.waiting_list, name="waiting-list"),
    path("attente/ajouter/", waiting.waiting_join, name="waiting-join"),
    path("attente/<int:pk>/accepter/", waiting.waiting_accept, name="waiting-accept"),
    path("attente/<int:pk>/refuser/", waiting.waiting_decline, name="waiting-decline"),
    path("attente/<int:pk>/retirer/", waiting.waiting_leave, name="waiting-leave"),
    path("ma-journee/", my_day.my_day, name="my-day"),
    path("ma-journee/<int:pk>/arrivee/", my_day.check_in, name="my-day-check-in"),
    path("ma-journee/<int:pk>/arrivee/annuler/", my_day.undo_check_in, name="my-day-undo-check-in"),
    path("ma-journee/<int:pk>/commencer/", my_day.start, name="my-day-start"),
    path("ma-journee/<int:pk>/commencer/annuler/", my_day.undo_start, name="my-day-undo-start"),
    path("ma-journee/<int:pk>/prolonger/", my_day.extend, name="my-day-extend"),
    path("ma-journee/<int:pk>/terminer/", my_day.end, name="my-day-end"),
    path("ma-journee/<int:pk>/terminer/annuler/", my_day.undo_end, name="my-day-undo-end"),
    path("ma-journee/<int:pk>/absence/", my_day.no_show, name="my-day-no-show"),
    path("ma-journee/<int:pk>/absence/annuler/", my_day.undo_no_show, name="my-day-undo-no-show"),
    path("ma-journee/<int:pk>/suite/", my_day.follow_up, name="my-day-follow-up"),
]
