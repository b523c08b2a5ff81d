"""A line of a file of places, after the national standard."""

ROW = {
    "id": "pq-1",
    "nom": "Hôtel de ville",
    "commune": "Petit-Quevilly",
    "code_postal": "76140",
    "code_insee": "76498",
    "adresse": "Place de la mairie",
    "telephone": "02 61 91 00 01",
    "horaires": "Mo-Fr 09:00-12:00; PH off",
}
