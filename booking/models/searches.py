"""How many searches for free times were cut short, by day: a figure for whoever runs the product."""

from django.db import models

from communes.models import Commune


class SearchesGivenUp(models.Model):
    """Anonymous count of a day's searches that gave up at the bound of the exchange
    (`booking.engine.exchange`): there may be times that they did not find. Kept for two weeks."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["on", "id"]
        constraints = [models.UniqueConstraint(fields=["commune", "on"], name="searches_given_up_once")]

    def __str__(self) -> str:
        return f"{self.on} {self.count}"
