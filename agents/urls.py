from django.contrib.auth.views import LogoutView
from django.urls import path

from agents.views import account, accounts, invitations, service_helpers

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
    path("compte/nouvelles/", account.news_by_email, name="account-news"),
    path("compte/portable/", account.phone, name="account-phone"),
    path("compte/coupures/", account.digest, name="account-digest"),
    path("compte/son/", account.sound, name="account-sound"),
    path("compte/commune/", account.switch_commune, name="switch-commune"),
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
    path("prestations/<int:pk>/aidants/", service_helpers.service_helpers, name="service-helpers"),
    path("compte/sessions/", account.other_sessions, name="other-sessions"),
]
