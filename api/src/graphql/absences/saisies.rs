//! What is asked about absences: the inputs of the mutations.

use super::dossier::{MoyenDeContact, NatureDePiece, SupportDeJustificatif};
use crate::graphql::errors::Refus;
use crate::graphql::ids::key;
use crate::graphql::jour::JourDeSemaine;
use crate::graphql::named::{personne_id, pieces_id};
use async_graphql::{Enum, ID, InputObject};
use chrono::{NaiveDate, NaiveTime};
use commands::absences::RaisonDonnee;
use domain::absences::{
    Creneau, Incident, NatureCollective as Collective, NatureDIncident as Nature, Piece, Scolarite,
};
use domain::annuaire::Uai;
use uuid::Uuid;

/// Ce qui arrive à un élève pendant une séance.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Nature")]
pub enum NatureIncidentDAppel {
    DepartAnticipe,
    /// Passage à l'infirmerie, sans sa cause.
    Infirmerie,
    OubliDeCarnet,
}

/// Ce qui emmène un groupe.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Collective")]
pub enum NatureCollective {
    Sortie,
    Voyage,
    Stage,
    Autre,
}

/// Ce qui est arrivé à un élève.
#[derive(InputObject)]
pub struct NoterIncidentInput {
    pub client_mutation_id: Option<Uuid>,
    pub appel_id: ID,
    pub eleve_id: ID,
    pub nature: NatureIncidentDAppel,
    /// Heure locale, pour un départ ou un passage à l'infirmerie.
    heure: Option<NaiveTime>,
    /// Demandé si l'appel est clos.
    pub motif: Option<String>,
}

impl NoterIncidentInput {
    /// What it says.
    pub fn incident(&self) -> Result<Incident, Refus> {
        let heure = self.heure.ok_or_else(|| Refus::invalid("heure", "Dites à quelle heure."));
        Ok(match self.nature {
            NatureIncidentDAppel::DepartAnticipe => Incident::DepartAnticipe { heure: heure? },
            NatureIncidentDAppel::Infirmerie => Incident::Infirmerie { heure: heure? },
            NatureIncidentDAppel::OubliDeCarnet => Incident::OubliDeCarnet,
        })
    }
}

/// Ce qui, en fait, n'est pas arrivé.
#[derive(InputObject)]
pub struct RetirerIncidentInput {
    pub client_mutation_id: Option<Uuid>,
    pub appel_id: ID,
    pub eleve_id: ID,
    pub nature: NatureIncidentDAppel,
    /// Demandé si l'appel est clos.
    pub motif: Option<String>,
}

/// L'appel à rappeler à qui l'a ouvert.
#[derive(InputObject)]
pub struct RappelerAppelInput {
    pub client_mutation_id: Option<Uuid>,
    pub appel_id: ID,
}

/// La journée dont les appels clos disent les absences.
#[derive(InputObject)]
pub struct ConstaterAbsencesInput {
    pub client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement.
    pub uai: String,
    pub date: NaiveDate,
}

/// Une absence qu'aucun appel ne montre.
#[derive(InputObject)]
pub struct SaisirAbsenceInput {
    pub client_mutation_id: Option<Uuid>,
    /// Identifiant choisi pour le dossier.
    pub dossier: Uuid,
    /// Numéro UAI de l'établissement.
    pub uai: String,
    pub eleve_id: ID,
    pub creneau: CreneauInput,
}

/// Un moment, à l'heure locale.
#[derive(InputObject)]
pub struct CreneauInput {
    date: NaiveDate,
    debut: NaiveTime,
    /// Le même jour, si rien n'est dit.
    date_fin: Option<NaiveDate>,
    fin: NaiveTime,
}

impl CreneauInput {
    /// From when to when.
    pub fn creneau(&self) -> Creneau {
        let last = self.date_fin.unwrap_or(self.date);
        Creneau { debut: self.date.and_time(self.debut), fin: last.and_time(self.fin) }
    }
}

/// Un document que la famille garde : son empreinte.
#[derive(InputObject)]
pub struct PieceInput {
    /// SHA-256 de ses octets, en hexadécimal.
    empreinte: String,
    nom: String,
    nature: NatureDePiece,
    octets: u32,
}

/// Ce que dit la famille.
#[derive(InputObject)]
pub struct JustificationInput {
    /// Code d'un motif en usage dans l'établissement.
    motif: String,
    /// Avec ses mots.
    texte: Option<String>,
    piece: Option<PieceInput>,
    /// Dix pièces au plus, déposées à `/pieces` pour cet élève ; elles remplacent celles d'avant.
    #[graphql(default)]
    pieces: Vec<ID>,
}

impl JustificationInput {
    /// What it says.
    pub fn raison(&self) -> Result<RaisonDonnee, Refus> {
        let piece = self.piece.as_ref().map(|piece| Piece {
            empreinte: piece.empreinte.clone(),
            nom: piece.nom.clone(),
            nature: piece.nature.into(),
            octets: piece.octets,
        });
        let (motif, texte, pieces) = (self.motif.clone(), self.texte.clone(), pieces_id(&self.pieces)?);
        Ok(RaisonDonnee { motif, texte, piece, pieces })
    }
}

/// Une absence à venir.
#[derive(InputObject)]
pub struct AnnoncerAbsenceInput {
    pub client_mutation_id: Option<Uuid>,
    /// Identifiant choisi pour le dossier.
    pub dossier: Uuid,
    /// Numéro UAI de l'établissement.
    pub uai: String,
    pub eleve_id: ID,
    pub creneau: CreneauInput,
    pub justification: JustificationInput,
}

/// L'absence à justifier.
#[derive(InputObject)]
pub struct JustifierAbsenceInput {
    pub client_mutation_id: Option<Uuid>,
    pub dossier_absence_id: ID,
    pub justification: JustificationInput,
}

/// Le justificatif qu'une famille a remis hors de l'ENT.
#[derive(InputObject)]
pub struct EnregistrerJustificatifInput {
    pub client_mutation_id: Option<Uuid>,
    pub dossier_absence_id: ID,
    /// Qui l'a remis : un responsable informé de l'élève, ou l'élève majeur.
    pub remis_par_id: ID,
    pub support: SupportDeJustificatif,
    /// Ce que dit la famille ; ses pièces sont déposées à `/pieces` pour cet élève, par qui l'enregistre.
    pub justification: JustificationInput,
}

/// La prise de contact à inscrire.
#[derive(InputObject)]
pub struct ContacterFamilleInput {
    pub client_mutation_id: Option<Uuid>,
    pub dossier_absence_id: ID,
    pub moyen: MoyenDeContact,
    /// Ce qui s'est dit.
    pub resume: Option<String>,
}

/// L'absence sur laquelle se prononcer.
#[derive(InputObject)]
pub struct ReglerAbsenceInput {
    pub client_mutation_id: Option<Uuid>,
    pub dossier_absence_id: ID,
    pub recevable: bool,
    /// Code du motif retenu ; celui de la famille, si rien n'est dit.
    pub motif: Option<String>,
    /// Pourquoi : la famille le lit. Demandé si elle n'est pas recevable.
    pub raison: Option<String>,
}

/// Un groupe qui s'absente.
#[derive(InputObject)]
pub struct DeclarerAbsenceCollectiveInput {
    pub client_mutation_id: Option<Uuid>,
    /// Identifiant choisi pour elle.
    pub collective: Uuid,
    /// Numéro UAI de l'établissement.
    pub uai: String,
    pub nature: NatureCollective,
    pub libelle: String,
    pub creneau: CreneauInput,
    #[graphql(default, validator(max_items = 100))]
    pub division_ids: Vec<ID>,
    #[graphql(default, validator(max_items = 100))]
    pub groupe_ids: Vec<ID>,
}

/// L'absence collective qui n'a pas lieu.
#[derive(InputObject)]
pub struct AnnulerAbsenceCollectiveInput {
    pub client_mutation_id: Option<Uuid>,
    pub collective_id: ID,
    pub motif: String,
}

/// La dispense à accorder.
#[derive(InputObject)]
pub struct AccorderDispenseInput {
    pub client_mutation_id: Option<Uuid>,
    /// Identifiant choisi pour elle.
    pub dispense: Uuid,
    pub eleve_id: ID,
    pub enseignement_id: ID,
    /// Premier jour.
    pub du: NaiveDate,
    /// Dernier jour.
    pub au: NaiveDate,
    /// Tous, si rien n'est dit.
    #[graphql(default)]
    pub jours: Vec<JourDeSemaine>,
}

/// La dispense à terminer.
#[derive(InputObject)]
pub struct TerminerDispenseInput {
    pub client_mutation_id: Option<Uuid>,
    pub dispense_id: ID,
    /// Dernier jour.
    pub le: NaiveDate,
}

/// Le mois dont on constate les seuils.
#[derive(InputObject)]
pub struct ConstaterSeuilsInput {
    pub client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement.
    pub uai: String,
    /// Un jour du mois.
    pub mois: NaiveDate,
}

/// Le suivi à ouvrir.
#[derive(InputObject)]
pub struct OuvrirSuiviInput {
    pub client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement.
    pub uai: String,
    pub eleve_id: ID,
    /// Un personnel de l'établissement.
    pub referent_id: ID,
    /// Ce qui est convenu.
    pub objectif: String,
}

/// Le suivi à clore.
#[derive(InputObject)]
pub struct CloreSuiviInput {
    pub client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement.
    pub uai: String,
    pub eleve_id: ID,
    /// Ce qui en est résulté.
    pub bilan: String,
}

/// The établissement of an input.
pub fn etablissement(uai: &str) -> Result<Uai, Refus> {
    uai.parse().map_err(|error| Refus::invalid("uai", error))
}

/// A pupil of an input, in an établissement.
pub fn scolarite(uai: &Uai, eleve: &ID) -> Result<Scolarite, Refus> {
    Ok(Scolarite { eleve: personne_id("eleveId", eleve)?, etablissement: uai.etablissement() })
}

/// The key of an id of this kind.
pub fn cle(kind: &str, field: &'static str, id: &ID) -> Result<Uuid, Refus> {
    key(kind, id).ok_or_else(|| Refus::invalid(field, "Cet identifiant n'est pas de la bonne sorte."))
}
