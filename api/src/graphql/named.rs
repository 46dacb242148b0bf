//! What the ids of an input name: the key of each, or the refusal that says which field is wrong.

use super::errors::Refus;
use super::ids::key;
use async_graphql::ID;
use domain::{
    AppareilId, AppelId, BulletinId, CoursId, DestructionId, DivisionId, EnseignementId, EnvoiId,
    EtablissementId, EvaluationId, GroupeId, IncidentId, MiseEnGardeId, MotId, PassageId, PersonneId,
    PieceId, PublicationId, PunitionId, RectificationId, SanctionId, SeanceId, SignalementId, StageId,
    TravailId,
};

/// Declares how ids are read: of which kind, from which field, and what is said of one that is of
/// another.
macro_rules! named {
    ($($name:ident: $id:ident = $kind:literal at $field:literal, $message:literal;)*) => {$(
        pub fn $name(id: &ID) -> Result<$id, Refus> {
            key($kind, id).map($id).ok_or_else(|| Refus::invalid($field, $message))
        }
    )*};
}

named! {
    appareil_id: AppareilId = "Appareil" at "appareilId", "Ce n'est pas l'identifiant d'un appareil.";
    appel_id: AppelId = "Appel" at "appelId", "Ce n'est pas l'identifiant d'un appel.";
    bulletin_id: BulletinId = "Bulletin" at "bulletinId", "Ce n'est pas l'identifiant d'un bulletin.";
    cours_id: CoursId = "Cours" at "coursId", "Ce n'est pas l'identifiant d'un cours.";
    destruction_id: DestructionId = "Destruction" at "destructionId", "Ce n'est pas l'identifiant d'une destruction.";
    division_id: DivisionId = "Division" at "divisionId", "Ce n'est pas l'identifiant d'une division.";
    enseignement_id: EnseignementId = "Enseignement" at "enseignementId", "Ce n'est pas l'identifiant d'un enseignement.";
    envoi_id: EnvoiId = "Envoi" at "envoiId", "Ce n'est pas l'identifiant d'un envoi.";
    etablissement_id: EtablissementId = "Etablissement" at "etablissementId", "Ce n'est pas l'identifiant d'un établissement.";
    evaluation_id: EvaluationId = "Evaluation" at "evaluationId", "Ce n'est pas l'identifiant d'une évaluation.";
    groupe_id: GroupeId = "Groupe" at "groupeId", "Ce n'est pas l'identifiant d'un groupe.";
    incident_id: IncidentId = "Incident" at "incidentId", "Ce n'est pas l'identifiant d'un incident.";
    mise_en_garde_id: MiseEnGardeId = "MiseEnGarde" at "miseEnGardeId", "Ce n'est pas l'identifiant d'une mise en garde.";
    mot_id: MotId = "Mot" at "motId", "Ce n'est pas l'identifiant d'un mot.";
    passage_id: PassageId = "Passage" at "passageId", "Ce n'est pas l'identifiant d'un passage.";
    publication_id: PublicationId = "Publication" at "publicationId", "Ce n'est pas l'identifiant d'une publication.";
    punition_id: PunitionId = "Punition" at "punitionId", "Ce n'est pas l'identifiant d'une punition.";
    rectification_id: RectificationId = "Rectification" at "rectificationId", "Ce n'est pas l'identifiant d'une demande de rectification.";
    sanction_id: SanctionId = "Sanction" at "sanctionId", "Ce n'est pas l'identifiant d'une procédure.";
    seance_id: SeanceId = "Seance" at "seanceId", "Ce n'est pas l'identifiant d'une séance.";
    signalement_id: SignalementId = "Signalement" at "signalementId", "Ce n'est pas l'identifiant d'un signalement.";
    stage_id: StageId = "Stage" at "stageId", "Ce n'est pas l'identifiant d'un stage.";
    travail_id: TravailId = "Travail" at "travailId", "Ce n'est pas l'identifiant d'un travail.";
}

/// A pupil, by the id of the pupil or of the person.
pub fn eleve_id(id: &ID) -> Result<PersonneId, Refus> {
    let key = key("Eleve", id).or_else(|| key("Personne", id)).map(PersonneId);
    key.ok_or_else(|| Refus::invalid("eleveId", "Ce n'est pas l'identifiant d'un élève."))
}

/// A person, by the id of the person or of the pupil that he or she is.
pub fn personne_id(field: &'static str, id: &ID) -> Result<PersonneId, Refus> {
    let key = key("Eleve", id).or_else(|| key("Personne", id)).map(PersonneId);
    key.ok_or_else(|| Refus::invalid(field, "Ce n'est pas l'identifiant d'une personne."))
}

/// A person, by the id of the person alone: one who is asked for as a pupil is not meant.
pub fn fiche_id(field: &'static str, id: &ID) -> Result<PersonneId, Refus> {
    let key = key("Personne", id).map(PersonneId);
    key.ok_or_else(|| Refus::invalid(field, "Ce n'est pas l'identifiant d'une personne."))
}

/// Files that were deposited.
pub fn pieces_id(ids: &[ID]) -> Result<Vec<PieceId>, Refus> {
    let found: Option<Vec<_>> = ids.iter().map(|id| key("Piece", id).map(PieceId)).collect();
    found.ok_or_else(|| Refus::invalid("pieces", "Ce n'est pas l'identifiant d'une pièce déposée."))
}
