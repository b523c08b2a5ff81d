from django.urls import path

from planning.views import replacements, week

urlpatterns = [
    path("equipe/", week.team, name="team"),
    path("equipe/a-replacer/", replacements.replacements, name="replacements"),
]
