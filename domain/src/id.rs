//! Identities. Every id is opaque and pseudonymous: the record keeps ids for ever
//! in the clear, so none may be computed back to a person by who reads it.

use crate::annuaire::{Academie, Uai};
use crate::portails::Partenaire;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Declares newtypes over [`Uuid`], so that a pupil is never passed for a class.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id that `parts` always give: the same thing seen twice is one thing.
            pub fn derived(parts: &[&str]) -> Self {
                Self(derived_uuid(stringify!($name), parts))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

/// UUID v5 (RFC 9562 §5.5) under a namespace of the project's own; parts are joined
/// by the unit separator, which no source format contains.
fn derived_uuid(kind: &str, parts: &[&str]) -> Uuid {
    const NAMESPACE: Uuid = Uuid::from_u128(0x7c1b_2a54_90cf_5d0e_9b0e_6d2f_21f3_ae01);
    let name = std::iter::once(kind).chain(parts.iter().copied()).collect::<Vec<_>>().join("\u{1f}");
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

ids! {
    /// A human being, whatever his or her profils.
    PersonneId,
    /// What signs in. A personal compte has the id of its person; an office that
    /// must be held apart (administrateur ENT) has a compte of its own.
    CompteId,
    /// An établissement.
    EtablissementId,
    /// A class of pupils.
    DivisionId,
    /// A gathering of persons that is no division.
    GroupeId,
    /// The turn of a school year in an établissement.
    BasculeId,
    /// Who teaches which matière to which division or groupe.
    EnseignementId,
    /// The deliveries of one source of the directory.
    AlimentationId,
    /// A roll of one séance.
    AppelId,
    /// The file of an absence.
    DossierAbsenceId,
    /// An absence of a whole group.
    CollectiveId,
    /// A dispense from an enseignement.
    DispenseId,
    /// The assiduité of a pupil in a school year.
    AssiduiteId,
    /// A graded piece of work.
    EvaluationId,
    /// A period of a division, as something that is marked, locked and published.
    PeriodeId,
    /// The appreciations of an enseignement in a period.
    AppreciationsId,
    /// The bulletin of a pupil for a period.
    BulletinId,
    /// Something made, or to be made, public.
    PublicationId,
    /// A notice about a content.
    SignalementId,
    /// A reading of a portal's journal.
    ConsultationId,
    /// The delegation of an office.
    DelegationId,
    /// What an administrateur tells a directeur.
    MiseEnGardeId,
    /// The designation of a personne habilitée.
    HabilitationId,
    /// What a personne habilitée does on a portal.
    InterventionId,
    /// A legal hold.
    GelId,
    /// A destruction of contents.
    DestructionId,
    /// An external identity that opens a compte.
    LiaisonId,
    /// A sign-in of a browser.
    SessionId,
    /// A sign-in that failed.
    TentativeId,
    /// A command, chosen by the client: a retry with the same id is the same command.
    CommandeId,
    /// What someone asks to have set right about a person.
    RectificationId,
    /// One announcement to one person by one way.
    EnvoiId,
    /// A browser that takes messages for somebody.
    AppareilId,
    /// A handing over of a person's data.
    RemiseId,
    /// The emploi du temps of an établissement in a school year.
    EmploiDuTempsId,
    /// A course of an emploi du temps.
    CoursId,
    /// What the cahier de textes says of a séance.
    SeanceId,
    /// What is to be done for a day.
    TravailId,
    /// What a pupil makes of a travail.
    CopieId,
    /// A file that was deposited.
    PieceId,
    /// An event of the record.
    EvenementId,
    /// A data key.
    CleId,
    /// Something that happened at school.
    IncidentId,
    /// A punition scolaire.
    PunitionId,
    /// A disciplinary procedure, and the sanction that it ends with.
    SanctionId,
    /// A word of the carnet de correspondance.
    MotId,
    /// A passage at the infirmerie.
    PassageId,
    /// A stage en entreprise.
    StageId,
}

impl CompteId {
    /// No compte: the platform itself.
    pub const NONE: Self = Self(Uuid::nil());

    /// The personal compte of a person.
    pub fn personnel(personne: PersonneId) -> Self {
        Self(personne.0)
    }
}

/// The first label of a portal's host: an UAI in lower case, or a partner's name
/// (`ac-lyon`, `www`). It names the portal's journals, so it never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct PortailId(String);

impl PortailId {
    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The Région's portal.
    pub fn region() -> Self {
        Self("www".to_owned())
    }
}

/// A label that no host name could carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("« {0} » n'est pas un nom de portail : lettres minuscules, chiffres et tirets, 40 au plus")]
pub struct InvalidPortail(String);

impl FromStr for PortailId {
    type Err = InvalidPortail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = (1..=40).contains(&text.len()) && text.chars().all(allowed);
        if fits && !text.starts_with('-') && !text.ends_with('-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPortail(text.chars().take(60).collect()))
        }
    }
}

impl From<&Uai> for PortailId {
    /// Seven digits and a letter are a host label once in lower case.
    fn from(uai: &Uai) -> Self {
        Self(uai.as_str().to_ascii_lowercase())
    }
}

impl From<&Partenaire> for PortailId {
    fn from(partenaire: &Partenaire) -> Self {
        Self(partenaire.hote.to_owned())
    }
}

impl From<Academie> for PortailId {
    fn from(academie: Academie) -> Self {
        Self(academie.label().to_owned())
    }
}

impl<'de> Deserialize<'de> for PortailId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for PortailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_id_and_other_kinds_give_others() {
        assert_eq!(PersonneId::derived(&["a", "1"]), PersonneId::derived(&["a", "1"]));
        assert_ne!(PersonneId::derived(&["a", "1"]).0, DivisionId::derived(&["a", "1"]).0);
        assert_ne!(PersonneId::derived(&["a1"]), PersonneId::derived(&["a", "1"]));
    }

    #[test]
    fn a_portal_is_a_host_label() {
        for label in ["www", "ac-lyon", "0690001d"] {
            assert!(label.parse::<PortailId>().is_ok(), "{label}");
        }
        for label in ["", "-a", "a-", "0690001D", "a.b", "é", &"a".repeat(41)] {
            assert!(label.parse::<PortailId>().is_err(), "{label}");
        }
    }
}
