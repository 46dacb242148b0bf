"""Two families of one division: nothing that one has of his own is the other's to read or change."""

from house import House, Person

MINE = """{ moi {
  personne { id }
  eleve { id absences(first: 20) { nodes { date etat motif } } notes(first: 20) { nodes { titre resultat { note } } } }
} }"""

PRIVATE = """query($id: ID!) {
  eleve(id: $id) { absences(first: 20) { nodes { date } } notes(first: 20) { nodes { titre } } }
  node(id: $id) { ... on Eleve { absences(first: 20) { nodes { date } } notes(first: 20) { nodes { titre } } } }
}"""

CHANGE = """mutation($eleve: ID!, $appel: ID!, $evaluation: ID!, $compte: UUID!) {
  pointerEleves(input: {appelId: $appel, pointages: [{eleveId: $eleve, etat: PRESENT}]}) { userErrors { code } }
  corrigerAppel(input: {appelId: $appel, pointage: {eleveId: $eleve, etat: PRESENT}, motif: "essai"}) {
    userErrors { code } }
  noterIncident(input: {appelId: $appel, eleveId: $eleve, nature: OUBLI_DE_CARNET, motif: "essai"}) {
    userErrors { code } }
  saisirNotes(input: {evaluationId: $evaluation,
    lignes: [{eleveId: $eleve, resultat: {etat: NOTE, note: "20"}}]}) { userErrors { code } }
  corrigerNote(input: {evaluationId: $evaluation, motif: "essai",
    ligne: {eleveId: $eleve, resultat: {etat: NOTE, note: "20"}}}) { userErrors { code } }
  importerNotes(input: {evaluationId: $evaluation, csv: "nom;prenom;resultat"}) { userErrors { code } }
  verrouillerCompte(input: {compte: $compte, motif: "essai"}) { userErrors { code } }
  lierIdentite(input: {compte: $compte, fournisseur: "essai", nature: IDENTIFIANT, cle: "essai"}) {
    userErrors { code } }
}"""


def of_the_class(house: House) -> tuple[str, str]:
    """A roll and an evaluation of one class, as who works there sees them."""
    days = " ".join(f'd{day}: appels(date: "2026-09-{day:02}") {{ id }}' for day in range(1, 15))
    query = "query($id: ID!) { division(id: $id) { %s } }" % days
    taught = "{ moi { enseignements { division { id } evaluations(first: 1) { nodes { id } } } } }"
    known = house.ask(house.roles["enseignant"], taught)
    for one in known["data"]["moi"]["enseignements"]:
        seen = house.ask(house.roles["vie scolaire"], query, id=one["division"]["id"])
        rolls = [roll for day in seen["data"]["division"].values() for roll in day]
        works = one["evaluations"]["nodes"]
        if rolls and works:
            return rolls[0]["id"], works[0]["id"]
    raise SystemExit("the demonstration has no class with a roll and an evaluation")


def empty(answer: dict, path: str) -> list[str]:
    """Complaints about each list or object of the answer that holds something."""
    found = []
    for name, value in (answer or {}).items():
        if name == "nodes" and value:
            found.append(f"{path} shows {len(value)} rows")
        elif isinstance(value, dict):
            found += empty(value, f"{path}.{name}")
    return found


def attempts(house: House, victim: Person, intruder: Person) -> list[str]:
    """What the intruder could read or change of the victim's."""
    mine = house.ask(victim, MINE)["data"]["moi"]
    own = mine["eleve"]
    if not own["notes"]["nodes"] or not own["absences"]["nodes"]:
        return [f"{victim.name} has no marks or no absences: nothing was tried"]
    control = empty(house.ask(victim, PRIVATE, id=own["id"])["data"], "")
    if not control:
        return [f"{victim.name} cannot read what is his: the trial proves nothing"]
    found = empty(house.ask(intruder, PRIVATE, id=own["id"])["data"], f"{intruder.name} → {victim.name}")
    roll, work = of_the_class(house)
    answer = house.ask(
        intruder, CHANGE, eleve=own["id"], appel=roll, evaluation=work, compte=victim.compte
    )
    if answer.get("errors"):
        found.append(f"changes were not tried: {answer['errors'][0]['message']}")
    for field, payload in (answer.get("data") or {}).items():
        if [error["code"] for error in payload["userErrors"]] != ["INTERDIT"]:
            found.append(f"{intruder.name} was not refused {field} on {victim.name}: {payload}")
    if house.ask(victim, MINE)["data"]["moi"] != mine:
        found.append(f"what {victim.name} has is no longer what it was")
    return found
