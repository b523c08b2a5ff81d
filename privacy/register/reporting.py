"""Tables of what is published."""

from privacy.register.table import Goes, RegisteredTable

TABLES = (
    RegisteredTable(
        "reporting.CabinDay",
        "figures: how long a cabin could be used on a day",
        Goes.STAYS,
        other="id commune day_on site_ref site_name cabin_ref cabin_name open_min closed_min out_min "
        "booked_min",
    ),
    RegisteredTable(
        "reporting.PublishedPlace",
        "since which month the visits of a place are published",
        Goes.STAYS,
        other="id commune site_ref site_name since_on",
    ),
    RegisteredTable(
        "reporting.Edition",
        "which months of the publication are closed, and since when",
        Goes.STAYS,
        other="id commune month_on closed_on",
    ),
    RegisteredTable(
        "reporting.PublishedNumber",
        "what is public of visits: sums of eleven or more, by eleven people or more; never changed",
        Goes.STAYS,
        other="id edition commune site_ref site_name first_on last_on table category number",
    ),
)
