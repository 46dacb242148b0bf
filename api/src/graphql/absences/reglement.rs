//! How an établissement treats absences, in GraphQL.

use crate::graphql::jour::JourDeSemaine;
use async_graphql::{InputObject, Object, SimpleObject};
use chrono::{NaiveDate, NaiveTime};
use domain::absences::{
    Fermeture, MotifDAbsence, PolitiqueDemiJournees as Politique, PolitiqueEnVigueur, Vacances,
};
use uuid::Uuid;

/// Un motif d'absence, et ce qui en découle.
pub struct MotifAbsence(pub MotifDAbsence);

#[Object]
/// Un motif d'absence, et ce qui en découle.
impl MotifAbsence {
    async fn code(&self) -> &str {
        &self.0.code
    }

    async fn libelle(&self) -> &str {
        &self.0.libelle
    }

    /// Fixé par le code de l'éducation (art. L131-8).
    async fn legal(&self) -> bool {
        MotifDAbsence::est_legal(&self.0.code)
    }

    /// C'est une bonne raison d'être absent.
    async fn legitime(&self) -> bool {
        self.0.legitime
    }

    /// Compté sur le bulletin.
    async fn bulletin(&self) -> bool {
        self.0.bulletin
    }

    /// Compté pour les seuils.
    async fn alertes(&self) -> bool {
        self.0.compte_pour_alertes()
    }
}

/// Un moment de chaque semaine où l'établissement est fermé.
#[derive(SimpleObject)]
pub struct FermetureHebdomadaire {
    jour: JourDeSemaine,
    /// Rien : depuis le matin.
    debut: Option<NaiveTime>,
    /// Rien : jusqu'au soir.
    fin: Option<NaiveTime>,
}

/// Des jours sans école, premier et dernier compris.
#[derive(SimpleObject)]
pub struct JoursDeVacances {
    du: NaiveDate,
    au: NaiveDate,
}

/// Comment un établissement compte les demi-journées.
pub struct PolitiqueDemiJournees {
    politique: Politique,
    depuis: Option<NaiveDate>,
}

#[Object]
/// Comment un établissement compte les demi-journées.
impl PolitiqueDemiJournees {
    async fn nom(&self) -> &str {
        &self.politique.nom
    }

    /// À partir de 1 ; 0 est celle de qui n'en a fixé aucune.
    async fn version(&self) -> u32 {
        self.politique.version
    }

    /// Premier jour où elle est en vigueur.
    async fn depuis(&self) -> Option<NaiveDate> {
        self.depuis
    }

    /// Où commence l'après-midi.
    async fn limite(&self) -> NaiveTime {
        self.politique.limite
    }

    /// Minutes d'absence qu'une demi-journée tolère.
    async fn tolerance(&self) -> u16 {
        self.politique.tolerance
    }

    async fn fermetures(&self) -> Vec<FermetureHebdomadaire> {
        let slots = self.politique.fermetures.iter();
        slots
            .map(|slot| FermetureHebdomadaire { jour: slot.jour.into(), debut: slot.debut, fin: slot.fin })
            .collect()
    }

    /// Minutes après le début d'une séance au-delà desquelles son appel, que personne n'a ouvert, est
    /// oublié.
    async fn delai_d_appel(&self) -> u16 {
        self.politique.delai_d_appel
    }

    /// Jours sans école, en plus de ceux du calendrier national : dimanches, jours fériés et vacances
    /// de la zone ne comptent jamais.
    async fn vacances(&self) -> Vec<JoursDeVacances> {
        let days = self.politique.vacances.iter();
        days.map(|days| JoursDeVacances { du: days.du, au: days.au }).collect()
    }
}

impl From<PolitiqueEnVigueur> for PolitiqueDemiJournees {
    fn from(one: PolitiqueEnVigueur) -> Self {
        Self { politique: one.politique, depuis: Some(one.depuis) }
    }
}

impl From<Politique> for PolitiqueDemiJournees {
    fn from(politique: Politique) -> Self {
        Self { politique, depuis: None }
    }
}

/// Comment un établissement traite les absences.
#[derive(SimpleObject)]
pub struct ReglementAbsences {
    /// Ses décomptes de demi-journées, dans l'ordre où ils ont été fixés.
    pub politiques: Vec<PolitiqueDemiJournees>,
    /// Les motifs d'absence : ceux de la loi d'abord.
    pub motifs: Vec<MotifAbsence>,
}

/// Un moment de fermeture.
#[derive(InputObject)]
pub struct FermetureInput {
    jour: JourDeSemaine,
    debut: Option<NaiveTime>,
    fin: Option<NaiveTime>,
}

/// Des jours sans école.
#[derive(InputObject)]
pub struct VacancesInput {
    du: NaiveDate,
    au: NaiveDate,
}

/// Le décompte à fixer.
#[derive(InputObject)]
pub struct FixerPolitiqueDemiJourneesInput {
    pub client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement.
    pub uai: String,
    nom: String,
    /// Où commence l'après-midi, heure locale.
    limite: NaiveTime,
    /// Minutes d'absence qu'une demi-journée tolère.
    #[graphql(default)]
    tolerance: u16,
    #[graphql(validator(max_items = 100))]
    fermetures: Vec<FermetureInput>,
    /// Jours sans école, en plus de ceux du calendrier national.
    #[graphql(validator(max_items = 100))]
    vacances: Vec<VacancesInput>,
    /// Minutes après le début d'une séance au-delà desquelles son appel est oublié ; 15, par défaut.
    delai_d_appel: Option<u16>,
    /// Premier jour où il est en vigueur.
    pub depuis: NaiveDate,
}

impl FixerPolitiqueDemiJourneesInput {
    /// What it says.
    pub fn politique(&self) -> Politique {
        let slot =
            |slot: &FermetureInput| Fermeture { jour: slot.jour.into(), debut: slot.debut, fin: slot.fin };
        Politique {
            nom: self.nom.clone(),
            version: 0,
            limite: self.limite,
            tolerance: self.tolerance,
            fermetures: self.fermetures.iter().map(slot).collect(),
            vacances: self.vacances.iter().map(|days| Vacances { du: days.du, au: days.au }).collect(),
            delai_d_appel: self.delai_d_appel.unwrap_or(Politique::default().delai_d_appel),
        }
    }
}

/// Le motif à définir.
#[derive(InputObject)]
pub struct DefinirMotifAbsenceInput {
    pub client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement.
    pub uai: String,
    /// Lettres minuscules, chiffres et traits bas.
    code: String,
    libelle: String,
    legitime: bool,
    /// Compté sur le bulletin.
    bulletin: bool,
    /// Compté pour les seuils ; un motif légitime ne l'est jamais.
    alertes: bool,
}

impl DefinirMotifAbsenceInput {
    /// What it says.
    pub fn motif(&self) -> MotifDAbsence {
        MotifDAbsence {
            code: self.code.clone(),
            libelle: self.libelle.clone(),
            legitime: self.legitime,
            bulletin: self.bulletin,
            alertes: self.alertes,
        }
    }
}

/// Le motif à retirer de l'usage.
#[derive(InputObject)]
pub struct RetirerMotifAbsenceInput {
    pub client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement.
    pub uai: String,
    pub code: String,
}
