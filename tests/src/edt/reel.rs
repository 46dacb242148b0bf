//! An export of EDT as large as those of real collèges: indented, commented, with masks of weeks, and
//! with pupils and families of whom an import reads nothing.
//!
//! A division has three hours a week of each matière, and one more in which two take turns: one comes
//! in weeks A, the next one in weeks B.

use crate::Ecole;
use anyhow::{Result, ensure};
use domain::annuaire::Uai;
use projections::annuaire::{Annuaire, Division, Enseignement, Personne};
use std::collections::BTreeSet;
use std::fmt::{self, Write};
use uuid::Uuid;

/// Hours of a day, from place 0 on.
const PLACES: [(&str, &str); 8] = [
    ("08:00:00", "09:00:00"),
    ("09:00:00", "10:00:00"),
    ("10:15:00", "11:15:00"),
    ("11:15:00", "12:15:00"),
    ("13:30:00", "14:30:00"),
    ("14:30:00", "15:30:00"),
    ("15:45:00", "16:45:00"),
    ("16:45:00", "17:45:00"),
];
/// The last week of school, where the first one begins on 31 August.
const DERNIERE: u32 = 44;
/// The weeks of vacances in zone A, which no course names.
const VACANCES: [u32; 8] = [8, 9, 17, 18, 25, 26, 33, 34];
/// Pupils of a division, and adults who answer for each.
const ELEVES: usize = 30;
const ADULTES: usize = 2;
/// Number of the room that is no division's own, and of the part of the first division.
const GYMNASE: usize = 99;
const PARTIES: usize = 100;
/// The week, A, from which on the first course that alternates has no teacher and is in the gymnase.
pub const CHANGEMENT: u32 = 15;
/// The week, A, in which the second one does not take place.
pub const RELACHE: u32 = 13;

/// An export.
pub struct Export {
    /// The file.
    pub texte: String,
    /// Courses that it has.
    pub cours: u64,
    /// Matières of the school's division.
    pub matieres: usize,
}

impl Export {
    /// The export of a school, in whose division some weeks are not like others.
    pub async fn de(ecole: &Ecole) -> Result<Self> {
        let etablissement = Etablissement::lire(ecole).await?;
        let matieres = etablissement.enseignes(ecole.division).count();
        ensure!(4 * matieres <= 5 * PLACES.len(), "a week has not so many hours");
        let mut export = Self { texte: String::new(), cours: 0, matieres };
        export.entete(ecole, &etablissement)?;
        export.eleves(etablissement.divisions.len())?;
        export.emploi_du_temps(ecole, &etablissement)?;
        writeln!(export.texte, "</ExportEmploiDuTemps>")?;
        Ok(export)
    }

    /// Where the nth course that alternates is: days after Monday, and hour.
    pub fn alternance(&self, rang: usize) -> (u64, &'static str) {
        let heure = 3 * self.matieres + rang;
        ((heure / PLACES.len()) as u64, PLACES[heure % PLACES.len()].0)
    }

    fn entete(&mut self, ecole: &Ecole, lu: &Etablissement) -> fmt::Result {
        let text = &mut self.texte;
        writeln!(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- Écrit pour les essais. -->")?;
        let espace = "http://www.index-education.com/exportemploidutemps";
        writeln!(text, "<ExportEmploiDuTemps xmlns=\"{espace}\" Version=\"1.1\" UAI=\"{}\">", ecole.uai)?;
        writeln!(text, "    <AnneeScolaire DateDebut=\"2026-09-01\" DateFin=\"2027-07-03\"")?;
        writeln!(text, "                   DatePremierJourSemaine1=\"2026-08-31\"/>")?;
        writeln!(text, "    <GrilleHoraire NombrePlacesParJour=\"{}\" DureePlace=\"60\">", PLACES.len())?;
        let jours: String = (1..=5).map(|jour| format!("<Jour>{jour}</Jour>")).collect();
        writeln!(text, "        <JoursOuvres>{jours}</JoursOuvres>\n        <PlacesParJour>")?;
        for (numero, (debut, fin)) in PLACES.iter().enumerate() {
            let heures = format!("LibelleHeureDebut=\"{debut}\" LibelleHeureFin=\"{fin}\"");
            writeln!(text, "            <Place Numero=\"{numero}\" {heures}/>")?;
        }
        writeln!(text, "        </PlacesParJour>\n    </GrilleHoraire>")?;
        liste(text, "Matieres", lu.matieres.iter().enumerate().map(matiere))?;
        liste(text, "Professeurs", lu.professeurs.iter().enumerate().map(professeur))?;
        liste(text, "Classes", lu.divisions.iter().enumerate().map(classe))?;
        liste(text, "Groupes", std::iter::empty())?;
        let salles = lu.divisions.iter().enumerate().map(|(numero, one)| (numero, one.code.as_str()));
        liste(text, "Salles", salles.chain([(GYMNASE, "Gymnase")]).map(salle))
    }

    fn eleves(&mut self, classes: usize) -> fmt::Result {
        writeln!(self.texte, "    <Eleves>")?;
        for ident in 0..classes * ELEVES {
            self.eleve(ident, ident / ELEVES)?;
        }
        writeln!(self.texte, "    </Eleves>")
    }

    fn eleve(&mut self, ident: usize, classe: usize) -> fmt::Result {
        let text = &mut self.texte;
        let qui = format!("Nom=\"FICTIF {ident}\" Prenom=\"Alix\" DateNaissance=\"2014-05-06\"");
        writeln!(text, "        <Eleve Ident=\"{ident}\" {qui} Sexe=\"Feminin\">")?;
        for legal in 1..=ADULTES {
            let qui = format!("Nom=\"FICTIF {ident}\" Prenom=\"Camille\" Civilite=\"Mme\"");
            let adresse = format!("Adresse1=\"{ident} rue de l'Essai &amp; de l'Erreur\"");
            let ville = "CodePostal=\"69000\" Ville=\"LYON\"";
            let numero = ident * ADULTES + legal;
            writeln!(text, "            <Responsable Ident=\"{numero}\" RespLegal=\"{legal}\" {qui}")?;
            writeln!(text, "                         {adresse} {ville}/>")?;
        }
        let jours = "DateEntree=\"2026-09-01\" DateSortie=\"2027-07-03\"";
        writeln!(text, "            <Classe Ident=\"{classe}\" {jours}/>")?;
        writeln!(text, "            <PartieDeClasse Ident=\"{}\" {jours}/>", PARTIES + classe)?;
        writeln!(text, "        </Eleve>")
    }

    fn emploi_du_temps(&mut self, ecole: &Ecole, lu: &Etablissement) -> fmt::Result {
        writeln!(self.texte, "    <Cours>")?;
        for (classe, division) in lu.divisions.iter().enumerate() {
            let enseignes: Vec<_> = lu.enseignes(division.id).collect();
            // Each division begins with another matière, lest a teacher be in all of them at once.
            let enseigne = |rang: usize| enseignes[(classe + rang) % enseignes.len()];
            for heure in 0..3 * enseignes.len() {
                let toutes = Presences::en(masque(|_| true));
                self.cours(lu, (classe, heure), enseigne(heure), &toutes)?;
            }
            for tour in 0..enseignes.len() {
                let place = (classe, 3 * enseignes.len() + tour);
                let a = Presences::en_semaines_a(tour, division.id == ecole.division);
                self.cours(lu, place, enseigne(tour), &a)?;
                let b = Presences::en(masque(|rang| rang % 2 == 1));
                self.cours(lu, place, enseigne(tour + 1), &b)?;
            }
        }
        writeln!(self.texte, "    </Cours>")
    }

    fn cours(
        &mut self,
        lu: &Etablissement,
        (classe, heure): (usize, usize),
        quoi: &Enseignement,
        presences: &Presences,
    ) -> fmt::Result {
        self.cours += 1;
        let text = &mut self.texte;
        let (jour, place) = (heure / PLACES.len() + 1, heure % PLACES.len());
        let (division, debut) = (&lu.divisions[classe].code, PLACES[place].0);
        writeln!(text, "        <!-- {division}, {} : jour {jour}, {debut} -->", quoi.matiere_libelle)?;
        let grille = format!("Jour=\"{jour}\" NumeroPlaceDebut=\"{place}\" NombrePlaces=\"1\"");
        writeln!(text, "        <Cours {grille}>")?;
        let matiere = lu.matieres.iter().position(|libelle| *libelle == quoi.matiere_libelle);
        writeln!(text, "            <Matiere Ident=\"{}\"/>", matiere.unwrap_or_default())?;
        let qui = lu.professeurs.iter().enumerate().filter(|(_, one)| quoi.attitres.contains(&one.id));
        let qui = qui.map(|(numero, _)| ("Professeur", numero, presences.professeur));
        let la = [
            ("Classe", classe, presences.classe),
            ("Salle", classe, presences.salle),
            ("Salle", GYMNASE, presences.gymnase),
        ];
        for (nom, ident, semaines) in qui.chain(la).filter(|(.., semaines)| *semaines != 0) {
            writeln!(text, "            <{nom} Ident=\"{ident}\" Semaines=\"{semaines}\"/>")?;
        }
        writeln!(text, "        </Cours>")
    }
}

/// In which weeks what is there of a course.
struct Presences {
    professeur: u64,
    classe: u64,
    salle: u64,
    gymnase: u64,
}

impl Presences {
    /// All of it, in these weeks.
    fn en(semaines: u64) -> Self {
        Self { professeur: semaines, classe: semaines, salle: semaines, gymnase: 0 }
    }

    /// Of the nth course that alternates, in a division in which some weeks are not like others.
    fn en_semaines_a(rang: usize, inegales: bool) -> Self {
        let a = masque(|rang| rang % 2 == 0);
        match (rang, inegales) {
            (0, true) => {
                let avant = a & ((1_u64 << CHANGEMENT) - 1);
                Self { professeur: avant, classe: a, salle: avant, gymnase: a & !avant }
            }
            (1, true) => Self::en(a & !(1_u64 << RELACHE)),
            _ => Self::en(a),
        }
    }
}

/// The mask of those weeks of school whose rank, from 0, is one of these: bit *i* is week *i*.
fn masque(rangs: impl Fn(usize) -> bool) -> u64 {
    let ecole = (1..=DERNIERE).filter(|semaine| !VACANCES.contains(semaine)).enumerate();
    ecole.filter(|(rang, _)| rangs(*rang)).fold(0, |all, (_, semaine)| all | (1_u64 << semaine))
}

/// What the directory says of the school.
struct Etablissement {
    divisions: Vec<Division>,
    enseignements: Vec<Enseignement>,
    matieres: BTreeSet<String>,
    professeurs: Vec<Personne>,
}

impl Etablissement {
    async fn lire(ecole: &Ecole) -> Result<Self> {
        let views = &ecole.maison.bench.views;
        let id = ecole.uai.parse::<Uai>()?.etablissement().0;
        let divisions = Annuaire::divisions_of(views, &[id]).await?;
        let ids: Vec<Uuid> = divisions.iter().map(|division| division.id).collect();
        let enseignements = Annuaire::enseignements_of(views, &ids).await?;
        let matieres = enseignements.iter().map(|one| one.matiere_libelle.clone()).collect();
        let who: BTreeSet<Uuid> = enseignements.iter().flat_map(|one| one.attitres.iter().copied()).collect();
        let who: Vec<Uuid> = who.into_iter().collect();
        let professeurs = Annuaire::personnes(views, &who).await?;
        Ok(Self { divisions, enseignements, matieres, professeurs })
    }

    /// What a division is taught.
    fn enseignes(&self, division: Uuid) -> impl Iterator<Item = &Enseignement> {
        self.enseignements.iter().filter(move |one| one.auditoire.id() == division)
    }
}

fn liste(text: &mut String, nom: &str, lignes: impl Iterator<Item = String>) -> fmt::Result {
    writeln!(text, "    <{nom}>")?;
    for ligne in lignes {
        writeln!(text, "        {ligne}")?;
    }
    writeln!(text, "    </{nom}>")
}

fn matiere((numero, libelle): (usize, &String)) -> String {
    format!("<Matiere Ident=\"{numero}\" Code=\"M{numero}\" Libelle=\"{}\"/>", ecrit(libelle))
}

fn classe((numero, division): (usize, &Division)) -> String {
    let partie = format!("<PartieDeClasse Ident=\"{}\"/>", PARTIES + numero);
    format!("<Classe Ident=\"{numero}\" Nom=\"{}\">{partie}</Classe>", ecrit(&division.code))
}

fn salle((numero, nom): (usize, &str)) -> String {
    format!("<Salle Ident=\"{numero}\" Nom=\"{}\"/>", ecrit(nom))
}

fn professeur((numero, personne): (usize, &Personne)) -> String {
    let naissance = personne.naissance.map(|jour| format!(" DateNaissance=\"{jour}\"")).unwrap_or_default();
    let (nom, prenom) = (ecrit(&personne.nom), ecrit(&personne.prenom));
    format!("<Professeur Ident=\"{numero}\" Nom=\"{nom}\" Prenom=\"{prenom}\"{naissance}/>")
}

/// A text as an attribute has it.
fn ecrit(texte: &str) -> String {
    texte.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
