"""« Pannes »: faults of cabins."""

from django.urls import path

from communes.views import faults

urlpatterns = [
    path("pannes/", faults.faults, name="faults"),
    path("pannes/nouvelle/", faults.fault_new, name="fault-new"),
    path("pannes/historique/", faults.fault_history, name="fault-history"),
    path("pannes/<int:pk>/", faults.fault, name="fault"),
    path("pannes/<int:pk>/prise-en-charge/", faults.fault_take, name="fault-take"),
    path("pannes/<int:pk>/confirmation/", faults.fault_confirm, name="fault-confirm"),
    path("pannes/<int:pk>/fin/", faults.fault_end, name="fault-end"),
    path("pannes/<int:pk>/cloture/", faults.fault_close, name="fault-close"),
    path("lieux/cabines/<int:pk>/pannes/", faults.fault_history, name="cabin-faults"),
]
