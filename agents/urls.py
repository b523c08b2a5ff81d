from django.contrib.auth.views import LogoutView
from django.urls import path

from agents.views import absences, account, accounts, invitations, team

urlpatterns = [
    path("", account.home, name="home"),
    path("connexion/", account.Login.as_view(), name="login"),
    path("connexion/sortie/", LogoutView.as_view(), name="logout"),
    path("connexion/mot-de-passe/", account.PasswordChange.as_view(), name="password-change"),
    path("connexion/oubli/", account.password_forgotten, name="password-forgotten"),
    path(
        "connexion/mot-de-passe/<uidb64>/<token>/",
        account.PasswordResetConfirm.as_view(),
        name="password-reset-confirm",
    ),
    path("invitation/<str:token>/", invitations.invitation, name="invitation"),
    path("compte/adresse/<str:token>/", account.address_confirm, name="address-confirm"),
    path("compte/", account.account, name="account"),
    path("compte/commune/", account.switch_commune, name="switch-commune"),
    path("equipe/presences/nouvelle/", team.shift_new, name="shift-new"),
    path("equipe/presences/<int:pk>/", team.shift_edit, name="shift-edit"),
    path("equipe/presences/<int:pk>/deplacer/", team.shift_move, name="shift-move"),
    path("equipe/presences/<int:pk>/supprimer/", team.shift_delete, name="shift-delete"),
    path("equipe/absences/nouvelle/", team.absence_new, name="absence-new"),
    path("equipe/absences/<int:pk>/supprimer/", team.absence_delete, name="absence-delete"),
    path("equipe/absences/", absences.my_absences, name="my-absences"),
    path("equipe/absences/demander/", absences.absence_ask, name="absence-ask"),
    path("equipe/absences/demandes/<int:pk>/", absences.absence_answer, name="absence-answer"),
    path("equipe/absences/demandes/<int:pk>/retirer/", absences.absence_withdraw, name="absence-withdraw"),
    path("equipe/comptes/", accounts.accounts, name="accounts"),
    path("equipe/comptes/nouveau/", accounts.account_new, name="account-new"),
    path("equipe/comptes/inviter/", invitations.invitation_new, name="invitation-new"),
    path(
        "equipe/comptes/invitations/<int:pk>/retirer/",
        invitations.invitation_withdraw,
        name="invitation-withdraw",
    ),
    path(
        "equipe/comptes/invitations/<int:pk>/lien/",
        invitations.invitation_link,
        name="invitation-link",
    ),
    path("equipe/comptes/<int:pk>/", accounts.account_edit, name="account-edit"),
    path("equipe/comptes/<int:pk>/mot-de-passe/", accounts.account_password, name="account-password"),
    path("equipe/comptes/<int:pk>/depart/", accounts.account_leave, name="account-leave"),
    path("compte/sessions/", account.other_sessions, name="other-sessions"),
    path("equipe/copier/", team.week_copy, name="week-copy"),
    path("equipe/annuler/", team.team_undo, name="team-undo"),
    path("equipe/<int:agent_id>/malade/", team.sick_today, name="sick-today"),
]
