from django.urls import path

from planning.views import patterns, replacements, week

urlpatterns = [
    path("equipe/", week.team, name="team"),
    path("equipe/semaines-types/", patterns.patterns, name="patterns"),
    path("equipe/semaines-types/nouvelle/", patterns.pattern_new, name="pattern-new"),
    path("equipe/semaines-types/publier/", patterns.patterns_publish, name="patterns-publish"),
    path("equipe/semaines-types/<int:pk>/", patterns.pattern_edit, name="pattern-edit"),
    path("equipe/a-replacer/", replacements.replacements, name="replacements"),
]
