from django.urls import path

from reporting import views

urlpatterns = [
    path("chiffres/", views.figures, name="figures"),
    path("chiffres/besoins/", views.figures_needs, name="figures-needs"),
    path("chiffres/nombres.csv", views.figures_csv, name="figures-csv"),
    path("chiffres/nombres.xlsx", views.figures_xlsx, name="figures-xlsx"),
]
