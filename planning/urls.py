from django.urls import path

from planning.views import feeds, impact, month, patterns, replacements, week

urlpatterns = [
    path("equipe/", week.team, name="team"),
    path("equipe/mois/", month.month, name="team-month"),
    path("agendas/", feeds.feeds, name="feeds"),
    path("agendas/le-mien/", feeds.feed_own, name="feed-own"),
    path("agendas/lieux/<int:pk>/", feeds.feed_site, name="feed-site"),
    path("agendas/autres/", feeds.calendar_add, name="calendar-add"),
    path("agendas/autres/<int:pk>/oublier/", feeds.calendar_forget, name="calendar-forget"),
    path("agendas/<str:token>.ics", feeds.calendar, name="calendar"),
    path("equipe/semaines-types/", patterns.patterns, name="patterns"),
    path("equipe/semaines-types/nouvelle/", patterns.pattern_new, name="pattern-new"),
    path("equipe/semaines-types/publier/", patterns.patterns_publish, name="patterns-publish"),
    path("equipe/semaines-types/<int:pk>/", patterns.pattern_edit, name="pattern-edit"),
    path("equipe/a-replacer/", replacements.replacements, name="replacements"),
    path("equipe/a-replacer/combien/", impact.replacements_notice, name="replacements-notice"),
    path("equipe/a-replacer/si/absence/", impact.absence_impact, name="absence-impact"),
    path("equipe/a-replacer/si/demande/<int:pk>/", impact.request_impact, name="request-impact"),
    path("equipe/a-replacer/si/presence/<int:pk>/", impact.shift_impact, name="shift-impact"),
    path("equipe/a-replacer/si/fermeture/<int:pk>/", impact.closure_impact, name="closure-impact"),
    path("equipe/a-replacer/si/horaires/<int:pk>/", impact.hours_impact, name="hours-impact"),
    path("equipe/a-replacer/si/cabine/<int:pk>/", impact.cabin_impact, name="cabin-impact"),
]
