//! Who is who in the demo: one compte of each profil, and a question that it may ask.

use super::decor::Decor;
use super::{ErreurDemo, exploitant};
use crate::graphql::ids;
use commands::Commands;
use domain::{CompteId, PersonneId};
use projections::annuaire::Annuaire;
use serde::{Deserialize, Serialize};

/// What a filled demo offers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoScene {
    /// One of each profil.
    pub roles: Vec<Role>,
}

/// Someone to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Role {
    /// As what, in French.
    pub profil: String,
    /// The compte to sign in with.
    pub compte: CompteId,
    /// Who it is, and where.
    pub nom: String,
    /// A GraphQL query that this compte may ask.
    pub requete: String,
}

/// Presents the people of the first division of the first établissement.
pub async fn presenter(commands: &Commands, decor: &Decor) -> Result<DemoScene, ErreurDemo> {
    let ecole = decor.ecoles.first().ok_or(ErreurDemo::Manque("un établissement"))?;
    let division = ecole.divisions.first().ok_or(ErreurDemo::Manque("une division"))?;
    let eleve = *division.eleves.first().ok_or(ErreurDemo::Manque("un élève"))?;
    let parent = *decor.parents.get(&eleve).ok_or(ErreurDemo::Manque("un responsable"))?;
    let cours = division.enseignements.first().ok_or(ErreurDemo::Manque("un enseignement"))?;
    let portail = ecole.uai.portail();
    let id_division = ids::global("Division", division.id.0).to_string();
    let id_eleve = ids::global("Eleve", eleve.0).to_string();
    let personnel =
        |profil, personne, requete: String| (profil, personne, CompteId::personnel(personne), requete);
    let vecus = [
        personnel("élève", eleve, requete_eleve(&id_eleve)),
        personnel("responsable", parent, requete_responsable(&id_eleve)),
        personnel("enseignant", cours.enseignant, ENSEIGNANT.to_owned()),
        personnel("direction", ecole.chef, direction(portail.as_str())),
        personnel("vie scolaire", ecole.cpe, vie_scolaire(&id_division, ecole.uai.as_str())),
        ("administrateur ENT", ecole.documentaliste, ecole.administrateur, moderation(portail.as_str())),
    ];
    let mut roles = Vec::new();
    for (profil, personne, compte, requete) in vecus {
        let nom = format!("{}, {}", nom(commands, personne).await?, ecole.nom);
        roles.push(Role { profil: profil.to_owned(), compte, nom, requete });
    }
    roles.push(Role {
        profil: "exploitant".to_owned(),
        compte: exploitant(),
        nom: "Exploitant de la plateforme".to_owned(),
        requete: format!("{{ etablissement(uai: \"{}\") {{ nom nature commune academie }} }}", ecole.uai),
    });
    Ok(DemoScene { roles })
}

async fn nom(commands: &Commands, personne: PersonneId) -> Result<String, ErreurDemo> {
    let row = Annuaire::personnes(commands.views(), &[personne.0]).await?.pop();
    let row = row.ok_or(ErreurDemo::Manque("une personne"))?;
    Ok(format!("{} {}", row.prenom, row.nom))
}

/// His or her week, what is to be done for it, and what is told of him or her.
fn requete_eleve(eleve: &str) -> String {
    format!(
        "{{ moi {{ personne {{ prenom nom }} eleve {{ division {{ libelle }} \
         absences(first: 10) {{ nodes {{ date matiere etat minutes motif }} }} \
         notes(first: 10) {{ nodes {{ date matiere titre bareme resultat {{ etat note }} }} }} }} }} \
         semaineEleve(eleveId: \"{eleve}\", jour: \"2026-09-14\") {{ date debut fin matiere salles }} \
         cahierEleve(eleveId: \"{eleve}\", du: \"2026-09-14\", au: \"2026-09-27\") {{ \
         seances {{ date titre apresSeance }} travaux {{ pourLe titre minutes }} }} }}"
    )
}

/// Marks with their averages, and the carnet.
fn requete_responsable(eleve: &str) -> String {
    format!(
        "{{ moi {{ personne {{ prenom nom }} enfants {{ personne {{ prenom nom }} \
         absences(first: 10) {{ nodes {{ date matiere etat minutes motif }} }} \
         notes(first: 10) {{ nodes {{ date matiere titre bareme resultat {{ etat note }} \
         corrections {{ le motif }} }} }} }} }} \
         eleve(id: \"{eleve}\") {{ moyennes(annee: 2026, rang: 1) {{ generale {{ moyenne }} \
         matieres {{ matiere moyenne {{ moyenne texte }} }} }} }} \
         vieDeLEleve(eleveId: \"{eleve}\") {{ carnet(first: 10) {{ nodes {{ texte nature }} }} }} }}"
    )
}

const ENSEIGNANT: &str = "{ moi { personne { prenom nom } enseignements { matiere division { libelle } \
    evaluations(first: 5) { nodes { date titre publieeLe notes { eleve { prenom nom } \
    resultat { etat note } } } } } } }";

fn direction(portail: &str) -> String {
    format!(
        "{{ portail(nom: \"{portail}\") {{ nom directeurDePublication {{ qualite }} \
         signalements(first: 5) {{ nodes {{ motif explication decision }} }} \
         journal(first: 10, motif: \"Contrôle du directeur\") {{ nodes {{ position type enregistreLe office }} }} }} }}"
    )
}

/// A roll, and the absences that wait to be settled.
fn vie_scolaire(division: &str, uai: &str) -> String {
    format!(
        "{{ division(id: \"{division}\") {{ libelle appels(date: \"2026-09-03\") {{ debut clos absents \
         retards lignes {{ eleve {{ prenom nom }} etat minutes motif }} }} }} \
         dossiersAbsence(uai: \"{uai}\", first: 10) {{ nodes {{ id etat eleve {{ prenom nom }} \
         creneau {{ date debut fin }} }} }} }}"
    )
}

fn moderation(portail: &str) -> String {
    format!(
        "{{ portail(nom: \"{portail}\") {{ nom publications(first: 10) {{ nodes {{ titre etat }} }} \
         signalements(first: 5) {{ nodes {{ motif explication recuLe decision }} }} }} }}"
    )
}
