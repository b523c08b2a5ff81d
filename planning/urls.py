from django.urls import path

from planning.views import week

urlpatterns = [
    path("equipe/", week.team, name="team"),
]
