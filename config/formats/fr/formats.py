"""French dates and times as the product writes them: « mardi 24 novembre », « 10:30 »."""

TIME_FORMAT = "G:i"
DATE_FORMAT = "l j F"
SHORT_DATE_FORMAT = "j b"
DATETIME_FORMAT = "l j F, G:i"
