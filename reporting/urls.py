from django.urls import path

from reporting import activity_views, publication_views, views

urlpatterns = [
    path("ma-journee/comptes-rendus/", activity_views.my_activities, name="my-activities"),
    path("ma-journee/comptes-rendus.csv", activity_views.my_activities_csv, name="my-activities-csv"),
    path("chiffres/", views.figures, name="figures"),
    path("chiffres/besoins/", views.figures_needs, name="figures-needs"),
    path("chiffres/nombres.csv", views.figures_csv, name="figures-csv"),
    path("chiffres/comptes-rendus.csv", views.figures_activities, name="figures-activities"),
    path("chiffres/nombres.xlsx", views.figures_xlsx, name="figures-xlsx"),
    path("chiffres-publies/", publication_views.publication, name="publication"),
    path("chiffres-publies/rapport/", publication_views.report, name="publication-report"),
    path("donnees/<slug:insee_code>/<slug:name>.csv", publication_views.open_data, name="open-data"),
    path(
        "donnees/<slug:insee_code>/<slug:name>.schema.json",
        publication_views.open_data_schema,
        name="open-data-schema",
    ),
]
