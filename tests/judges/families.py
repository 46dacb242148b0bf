"""Two families of one division: nothing that one has of his own is the other's to read or change."""

import uuid

from house import House, Person

MINE = """{ moi {
  personne { id }
  eleve { id absences(first: 20) { nodes { date etat motif } } notes(first: 20) { nodes { titre resultat { note } } } }
} }"""

PRIVATE = """query($id: ID!) {
  eleve(id: $id) { absences(first: 20) { nodes { date } } notes(first: 20) { nodes { titre } } }
  node(id: $id) { ... on Eleve { absences(first: 20) { nodes { date } } notes(first: 20) { nodes { titre } } } }
}"""

CHANGES = {
    "pointerEleves": """mutation($eleve: ID!, $appel: ID!, $evaluation: ID!, $commande: UUID!) {
        pointerEleves(input: {clientMutationId: $commande, appelId: $appel,
            pointages: [{eleveId: $eleve, etat: PRESENT}]}) { userErrors { code } }
        corrigerAppel(input: {clientMutationId: $commande, appelId: $appel, eleveId: $eleve, etat: PRESENT,
            motif: "essai"}) { userErrors { code } } }""",
    "saisirNotes": """mutation($eleve: ID!, $appel: ID!, $evaluation: ID!, $commande: UUID!) {
        saisirNotes(input: {clientMutationId: $commande, evaluationId: $evaluation,
            lignes: [{eleveId: $eleve, resultat: {etat: NOTE, note: "20"}}]}) { userErrors { code } }
        corrigerNote(input: {clientMutationId: $commande, evaluationId: $evaluation, eleveId: $eleve,
            resultat: {etat: NOTE, note: "20"}, motif: "essai"}) { userErrors { code } } }""",
}


def of_the_class(house: House) -> tuple[str, str]:
    """A roll and an evaluation in which both pupils stand, as their teacher sees them."""
    query = """{ moi { enseignements {
        evaluations(first: 1) { nodes { id } }
        division { appels(date: "2026-09-03") { id } } } } }"""
    known = house.ask(house.roles["enseignant"], query)["data"]["moi"]["enseignements"]
    rolls = [appel["id"] for one in known for appel in one["division"]["appels"] or []]
    works = [work["id"] for one in known for work in one["evaluations"]["nodes"]]
    return rolls[0], works[0]


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
    for name, mutation in CHANGES.items():
        variables = {"eleve": own["id"], "appel": roll, "evaluation": work, "commande": str(uuid.uuid4())}
        answer = house.ask(intruder, mutation, **variables)
        if answer.get("errors"):
            found.append(f"{name} was not tried: {answer['errors'][0]['message']}")
        for field, payload in (answer.get("data") or {}).items():
            if [error["code"] for error in payload["userErrors"]] != ["INTERDIT"]:
                found.append(f"{intruder.name} was not refused {field} on {victim.name}: {payload}")
    if house.ask(victim, MINE)["data"]["moi"] != mine:
        found.append(f"what {victim.name} has is no longer what it was")
    return found
