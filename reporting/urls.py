from django.urls import path

from reporting import activity_views, views

urlpatterns = [
    path("ma-journee/comptes-rendus/", activity_views.my_activities, name="my-activities"),
    path("ma-journee/comptes-rendus.csv", activity_views.my_activities_csv, name="my-activities-csv"),
    path("chiffres/", views.figures, name="figures"),
    path("chiffres/besoins/", views.figures_needs, name="figures-needs"),
    path("chiffres/nombres.csv", views.figures_csv, name="figures-csv"),
    path("chiffres/nombres.xlsx", views.figures_xlsx, name="figures-xlsx"),
]
