from django.urls import path

from privacy.views import rights

urlpatterns = [
    path("habitants/<int:pk>/droits/", rights.rights, name="resident-rights"),
]
