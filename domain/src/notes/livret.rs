//! What the ministry's livrets take of frozen bulletins, and what a pupil lacks for them.
//!
//! The livret scolaire unique (collège) and the livret scolaire du lycée are files in grammars
//! of the ministry. A bulletin says what a family was told; a livret asks for numbers of SIECLE
//! and STS besides, and for words in other measures. What is not known is not made up: each
//! thing that lacks is said, pupil by pupil, before a file leaves the house. Sources: code de
//! l'éducation, art. D311-6 and D311-7 (livret scolaire), D334-10 (the jury of the baccalauréat
//! has the livret before it); arrêté du 24 octobre 2017 (livret scolaire unique numérique).

mod lsl;
mod lsu;
#[cfg(test)]
mod tests;

pub use lsl::*;
pub use lsu::*;

use super::{ContenuBulletin, Cycle, EnseignementDuBulletin, moyenne_de_matiere};
use crate::annuaire::NumeroSts;
use crate::refusal::refusals;
use crate::{AnneeScolaire, PersonneId};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

/// A version of a grammar that files are written in.
#[derive(Debug, PartialEq, Eq)]
pub struct VersionDeLivret {
    /// Which livret.
    pub livret: Livret,
    /// Its version, as the file states it.
    pub version: &'static str,
    /// Its namespace.
    pub espace: &'static str,
    /// What a file of this program lacks in it, in French.
    pub manque: &'static [&'static str],
}

/// A livret of the ministry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Livret {
    /// Livret scolaire unique, up to the end of collège.
    Lsu,
    /// Livret scolaire du lycée.
    Lsl,
}

/// Every version that is written. The ministry's own, now the 13th of the LSU, are added as its
/// grammars come: a line here, and what differs where the file is written.
pub const VERSIONS: &[VersionDeLivret] = &[
    VersionDeLivret {
        livret: Livret::Lsu,
        version: "7.0",
        espace: "urn:fr:edu:scolarite:lsun:bilans:import",
        manque: &[
            "les éléments de programme, les EPI, l'accompagnement personnalisé et les parcours, que l'ENT ne tient pas",
            "l'INE et la date de naissance, que cette version ne demande pas : SIECLE connaît l'élève par son numéro",
            "la modalité d'élection : un enseignement de division est du tronc commun",
            "l'adresse des responsables, que SIECLE a déjà",
            "la date d'arrivée en cours d'année : la scolarité commence à la rentrée",
        ],
    },
    VersionDeLivret {
        livret: Livret::Lsl,
        version: "1.0",
        espace: "urn:ac-grenoble.fr:lsl:import",
        manque: &[
            "l'avis en vue de l'examen, les engagements et les avis d'investissement, que l'ENT ne tient pas",
            "les compétences par enseignement",
            "la répartition annuelle des moyennes de la division : aucun conseil ne l'a arrêtée",
            "la modalité d'élection : un enseignement de division est du tronc commun",
            "l'appréciation annuelle d'un enseignement sans mot à la dernière période : c'est la dernière que la famille a lue, ou la mention qu'il n'y en a pas",
        ],
    },
];

impl Livret {
    /// Whether it takes a class, by its formation: the ministry's codes of collège begin with 1,
    /// those of lycée with 2. A class whose formation nobody has said is taken.
    pub fn prend(self, mef: Option<&str>) -> bool {
        let first = match self {
            Self::Lsu => '1',
            Self::Lsl => '2',
        };
        mef.is_none_or(|mef| mef.starts_with(first))
    }

    /// The version of this name, or the newest that is written.
    pub fn version(self, name: Option<&str>) -> Option<&'static VersionDeLivret> {
        let mut known = VERSIONS.iter().filter(|one| one.livret == self);
        match name {
            Some(name) => known.find(|one| one.version == name),
            None => known.next_back(),
        }
    }
}

refusals! {
    /// What a pupil lacks for a livret.
    pub enum Manque {
        NumeroSiecleInconnu = "NUMERO_SIECLE_INCONNU":
            "l'annuaire ne connaît pas son numéro dans SIECLE : importez l'annuaire fédérateur ou SIECLE.",
        BulletinAbsent { rang: u16 } = "BULLETIN_ABSENT":
            "aucun bulletin n'est publié pour sa période {rang} : publiez-le d'abord.",
        NumeroSieclePartage { numero: u64 } = "NUMERO_SIECLE_PARTAGE":
            "un autre élève a le même numéro {numero} dans SIECLE : fusionnez leurs fiches si c'est le même.",
        SyntheseAbsente = "SYNTHESE_ABSENTE":
            "le conseil de classe n'a pas écrit de synthèse.",
        SyntheseTropLongue { max: usize } = "SYNTHESE_TROP_LONGUE":
            "la synthèse du conseil dépasse les {max} caractères que le livret admet.",
        AssiduiteAbsente = "ASSIDUITE_ABSENTE":
            "personne n'a suivi les absences de sa division dans la période, et l'établissement n'a pas donné les siennes : elles ne sont pas connues.",
        AcquisAbsents = "ACQUIS_ABSENTS":
            "aucun enseignement n'a de moyenne ni d'appréciation.",
        MatiereSansCode { matiere: String } = "MATIERE_SANS_CODE":
            "la matière « {matiere} » n'a pas de code national à six signes : corrigez-le dans STS.",
        EnseignantAbsent { matiere: String } = "ENSEIGNANT_ABSENT":
            "personne n'enseignait « {matiere} » le jour du bulletin.",
        EnseignantSansNumero { enseignant: String } = "ENSEIGNANT_SANS_NUMERO":
            "l'annuaire ne connaît pas le numéro STS de {enseignant} : importez STS.",
        AppreciationAbsente { matiere: String } = "APPRECIATION_ABSENTE":
            "« {matiere} » n'a pas encore d'appréciation à la dernière période : ses enseignants l'écrivent jusqu'à la publication des bulletins.",
        AppreciationTropLongue { matiere: String, max: usize } = "APPRECIATION_TROP_LONGUE":
            "l'appréciation de « {matiere} » dépasse les {max} caractères que le livret admet.",
        SocleIncomplet = "SOCLE_INCOMPLET":
            "son cycle finit et les huit domaines du socle ne sont pas tous positionnés.",
        ConseilSansDate = "CONSEIL_SANS_DATE":
            "l'ENT ne sait pas quand son conseil de classe s'est réuni.",
        RentreeInconnue = "RENTREE_INCONNUE":
            "l'année scolaire n'a pas de premier jour : fixez-la dans le calendrier.",
        DecoupageInconnu = "DECOUPAGE_INCONNU":
            "le livret veut des trimestres ou des semestres : fixez les périodes de sa division.",
        ResponsableInconnu = "RESPONSABLE_INCONNU":
            "nul ne dirige l'établissement dans l'ENT : dites qui en est le chef.",
    }
}

refusals! {
    /// Why there is no file.
    pub enum RefusLivret {
        LivretIncomplet { liste: String } = "LIVRET_INCOMPLET":
            "Ce livret ne peut partir : complétez ce qui manque, puis recommencez.\n{liste}",
        LivretVide = "LIVRET_VIDE":
            "Aucun élève n'est de ce livret : vérifiez l'année, la période et la division.",
        VersionDeLivretInconnue { connues: String } = "VERSION_DE_LIVRET_INCONNUE" at "version":
            "Cette version de livret ne s'écrit pas : demandez {connues}.",
    }
}

/// What holds for everybody in a livret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CadreDuLivret {
    /// Of which school year.
    pub annee: AnneeScolaire,
    /// Who is at the head of the établissement, as he or she is called.
    pub chef: Option<String>,
    /// First day of the school year there.
    pub rentree: Option<NaiveDate>,
    /// By what STS knows each teacher.
    pub enseignants: BTreeMap<PersonneId, NumeroSts>,
}

/// A bulletin as it was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulletinFige {
    /// What it says.
    pub contenu: ContenuBulletin,
    /// When it was frozen.
    pub le: DateTime<Utc>,
}

/// A period of a division, as a livret asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodeDuLivret {
    /// Which one in the year, from 1.
    pub rang: u16,
    /// How many the year has.
    pub total: u16,
    /// School day on which its conseil de classe met.
    pub conseil: Option<NaiveDate>,
    /// The division's professeurs principaux on its last day.
    pub principaux: Vec<PersonneId>,
}

/// What may still be written of a pupil for the end of the year, by code of the matière: the words
/// that are there so far.
pub type Redigeables = BTreeMap<String, Option<String>>;

/// A pupil with what the house knows of him or her for a livret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EleveDuLivret {
    /// Who.
    pub eleve: PersonneId,
    /// By which number SIECLE knows him or her.
    pub siecle: Option<u64>,
    /// The bulletins of the year that were published, by period.
    pub bulletins: BTreeMap<u16, BulletinFige>,
    /// Nothing, once the year has been told or where a livret asks for no words that end it.
    pub redigeables: Redigeables,
}

/// The cycle of a class, by its formation (MEF: 100 to 103 are 6e to 3e), and whether the class
/// ends it. Other formations are of no cycle that is known here.
fn cycle(mef: Option<&str>) -> Option<(Cycle, bool)> {
    match mef?.get(..3)? {
        "100" => Some((Cycle::Cycle3, true)),
        "101" | "102" => Some((Cycle::Cycle4, false)),
        "103" => Some((Cycle::Cycle4, true)),
        _ => None,
    }
}

/// Whether a bulletin says anything of an enseignement.
fn said(one: &EnseignementDuBulletin) -> bool {
    one.moyenne.moyenne.is_some() || one.appreciation.is_some() || one.division.is_some()
}

/// What a bulletin says, by matière: a livret has one line for each.
fn matieres(contenu: &ContenuBulletin) -> Vec<EnseignementDuBulletin> {
    let mut found: Vec<EnseignementDuBulletin> = Vec::new();
    for one in contenu.enseignements.iter().filter(|one| said(one)) {
        match found.iter_mut().find(|known| known.matiere_code == one.matiere_code) {
            Some(known) => reunir(known, one),
            None => found.push(one.clone()),
        }
    }
    found
}

/// Adds another enseignement of the same matière. The average is made from the results of both, as
/// it would have been if they had been of one; how a class that was of neither alone is spread,
/// nobody knows.
fn reunir(known: &mut EnseignementDuBulletin, other: &EnseignementDuBulletin) {
    let told = &known.moyenne;
    let lignes = told.lignes.iter().chain(&other.moyenne.lignes);
    let mut entrees: Vec<_> = lignes.map(|ligne| ligne.entree.clone()).collect();
    entrees.sort_by_key(|entree| entree.date);
    known.moyenne = moyenne_de_matiere(&told.politique, &known.matiere_code, told.au, entrees);
    known.division = None;
    known.appreciation = match (known.appreciation.take(), &other.appreciation) {
        (Some(one), Some(other)) => Some(format!("{one}\n{other}")),
        (one, other) => one.or_else(|| other.clone()),
    };
    for enseignant in &other.enseignants {
        if !known.enseignants.contains(enseignant) {
            known.enseignants.push(enseignant.clone());
        }
    }
}

/// The six signs by which the ministry knows a matière, where the directory has them.
fn code_national(one: &EnseignementDuBulletin, allowed: fn(char) -> bool) -> Result<String, Manque> {
    let code = &one.matiere_code;
    let fits = code.len() == 6 && code.chars().all(allowed);
    fits.then(|| code.clone()).ok_or_else(|| Manque::MatiereSansCode { matiere: one.matiere.clone() })
}

/// As many characters of a name as the file takes, and none that XML forbids.
fn ecrit(text: &str, max: usize) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).take(max).collect()
}

/// The same of a text, whose lines stay.
fn redige(text: &str) -> String {
    let kept =
        |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.chars().filter(kept).collect()
}

/// What is there, or a note of what lacks.
fn exiger<T>(found: Option<T>, manque: Manque, manques: &mut Vec<Manque>) -> Option<T> {
    if found.is_none() && !manques.contains(&manque) {
        manques.push(manque);
    }
    found
}
