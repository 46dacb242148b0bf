"""Two families of one division: nothing that one has of his own is the other's to read or change."""

import uuid

from house import House, Person

MINE = """{ moi {
  personne { id }
  eleve { id absences(first: 20) { nodes { date etat motif } } notes(first: 20) { nodes { titre resultat { note } } } }
} }"""

PRIVATE = """query($id: ID!) {
  eleve(id: $id) { absences(first: 20) { nodes { date } } notes(first: 20) { nodes { titre } }
    competences(first: 20) { nodes { titre } } }
  node(id: $id) { ... on Eleve { absences(first: 20) { nodes { date } } notes(first: 20) { nodes { titre } } } }
  cahierEleve(eleveId: $id, du: "2026-09-01", au: "2026-11-30") { travaux { id titre } }
  vieDeLEleve(eleveId: $id) { carnet(first: 20) { nodes { id texte } } }
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
  positionnerCompetences(input: {evaluationId: $evaluation, motif: "essai",
    lignes: [{eleveId: $eleve, cycle: CYCLE_3, domaine: LANGUE_FRANCAISE, niveau: 4}]}) { userErrors { code } }
  verrouillerCompte(input: {compte: $compte, motif: "essai"}) { userErrors { code } }
  lierIdentite(input: {compte: $compte, fournisseur: "essai", nature: IDENTIFIANT, cle: "essai"}) {
    userErrors { code } }
}"""

LIFE = """mutation($eleve: ID!, $travail: ID!, $mot: ID!, $enseignement: ID!, $division: ID!, $dispense: UUID!) {
  donnerPunition(input: {eleveId: $eleve, nature: TRAVAIL_SUPPLEMENTAIRE, le: "2026-11-20", motif: "essai",
    travail: "essai"}) { userErrors { code } }
  engagerProcedure(input: {eleveId: $eleve, griefs: "essai"}) { userErrors { code } }
  ecrireMot(input: {eleveId: $eleve, nature: INFORMATION, texte: "essai"}) { userErrors { code } }
  ecrireALEcole(input: {eleveId: $eleve, texte: "essai"}) { userErrors { code } }
  signerMot(input: {motId: $mot}) { userErrors { code } }
  ouvrirPassage(input: {eleveId: $eleve}) { userErrors { code } }
  annoterCopie(input: {travailId: $travail, eleveId: $eleve, annotation: "essai"}) { userErrors { code } }
  documenterTravail(input: {travailId: $travail, pieces: []}) { userErrors { code } }
  donnerAssiduites(input: {divisionId: $division, annee: 2026, rang: 1,
    lignes: [{eleveId: $eleve, justifiees: 1, injustifiees: 1, retards: 1}]}) { userErrors { code } }
  accorderDispense(input: {dispense: $dispense, eleveId: $eleve, enseignementId: $enseignement,
    du: "2026-11-01", au: "2026-12-01"}) { userErrors { code } }
}"""


def of_the_class(house: House) -> tuple[str, str, str, str]:
    """A roll, an evaluation, the enseignement and the division of one class, as who works there sees them."""
    days = " ".join(f'd{day}: appels(date: "2026-09-{day:02}") {{ id }}' for day in range(1, 15))
    query = "query($id: ID!) { division(id: $id) { %s } }" % days
    taught = "{ moi { enseignements { id division { id } evaluations(first: 1) { nodes { id } } } } }"
    known = house.ask(house.roles["enseignant"], taught)
    for one in known["data"]["moi"]["enseignements"]:
        seen = house.ask(house.roles["vie scolaire"], query, id=one["division"]["id"])
        rolls = [roll for day in seen["data"]["division"].values() for roll in day]
        works = one["evaluations"]["nodes"]
        if rolls and works:
            return rolls[0]["id"], works[0]["id"], one["id"], one["division"]["id"]
    raise SystemExit("the demonstration has no class with a roll and an evaluation")


def empty(answer: dict, path: str) -> list[str]:
    """Complaints about each list or object of the answer that holds something."""
    found = []
    for name, value in (answer or {}).items():
        if isinstance(value, list) and value:
            found.append(f"{path}.{name} shows {len(value)} rows")
        elif isinstance(value, dict):
            found += empty(value, f"{path}.{name}")
    return found


def attempts(house: House, victim: Person, intruder: Person) -> list[str]:
    """What the intruder could read or change of the victim's."""
    mine = house.ask(victim, MINE)["data"]["moi"]
    own = mine["eleve"]
    if not own["notes"]["nodes"] or not own["absences"]["nodes"]:
        return [f"{victim.name} has no marks or no absences: nothing was tried"]
    private = house.ask(victim, PRIVATE, id=own["id"])["data"]
    works, words = private["cahierEleve"]["travaux"], private["vieDeLEleve"]["carnet"]["nodes"]
    if not empty(private, "") or not works or not words:
        return [f"{victim.name} cannot read what is his: the trial proves nothing"]
    found = empty(house.ask(intruder, PRIVATE, id=own["id"])["data"], f"{intruder.name} → {victim.name}")
    roll, work, taught, division = of_the_class(house)
    of_the_school = {"appel": roll, "evaluation": work, "compte": victim.compte}
    of_a_life = {
        "travail": works[0]["id"],
        "mot": words[0]["id"],
        "enseignement": taught,
        "division": division,
        "dispense": str(uuid.UUID(int=1)),
    }
    for changes, named in ((CHANGE, of_the_school), (LIFE, of_a_life)):
        answer = house.ask(intruder, changes, eleve=own["id"], **named)
        if answer.get("errors"):
            found.append(f"changes were not tried: {answer['errors'][0]['message']}")
        for field, payload in (answer.get("data") or {}).items():
            if [error["code"] for error in payload["userErrors"]] != ["INTERDIT"]:
                found.append(f"{intruder.name} was not refused {field} on {victim.name}: {payload}")
    if house.ask(victim, MINE)["data"]["moi"] != mine:
        found.append(f"what {victim.name} has is no longer what it was")
    return found
