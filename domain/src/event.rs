//! Events: what they are called in the record, and what the law needs to know of them.

use crate::PersonneId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::fmt;

/// How long, and under which key, the content of an event is kept. A property of
/// the event type: changing the class of a type changes its contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retention {
    /// Who is who: as long as the person is in the directory.
    Annuaire,
    /// Life at school: the school year and what the law adds to it.
    Scolarite,
    /// What was made public, and who answered for it.
    Publication,
    /// Notices and decisions about contents (DSA, art. 16 and 17).
    Moderation,
    /// Offices and delegations: as long as someone may have to answer for them.
    Office,
    /// An avertissement (code de l'éducation, art. R511-13).
    SanctionAvertissement,
    /// A blâme or a mesure de responsabilisation.
    SanctionBlame,
    /// An exclusion temporaire.
    SanctionExclusion,
    /// An exclusion définitive.
    SanctionExclusionDefinitive,
    /// Who connected, when and from where.
    Connexion,
    /// Legal holds and destructions: the proof of what was destroyed.
    Conservation,
    /// Health data of the infirmerie (RGPD, art. 9).
    Sante,
}

impl Retention {
    /// Every class.
    pub const ALL: &'static [Self] = &[
        Self::Annuaire,
        Self::Scolarite,
        Self::Publication,
        Self::Moderation,
        Self::Office,
        Self::SanctionAvertissement,
        Self::SanctionBlame,
        Self::SanctionExclusion,
        Self::SanctionExclusionDefinitive,
        Self::Connexion,
        Self::Conservation,
        Self::Sante,
    ];

    /// The frozen name under which keys are filed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Annuaire => "annuaire",
            Self::Scolarite => "scolarite",
            Self::Publication => "publication",
            Self::Moderation => "moderation",
            Self::Office => "office",
            Self::SanctionAvertissement => "sanction_avertissement",
            Self::SanctionBlame => "sanction_blame",
            Self::SanctionExclusion => "sanction_exclusion",
            Self::SanctionExclusionDefinitive => "sanction_exclusion_definitive",
            Self::Connexion => "connexion",
            Self::Conservation => "conservation",
            Self::Sante => "sante",
        }
    }

    /// The class that is filed under this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.as_str() == name)
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The contract of one event type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EventSpec {
    /// Frozen ASCII name, `context.aggregate.past_participle`.
    pub name: &'static str,
    /// Version in which the type is written today; older ones are upcast when read.
    pub version: u32,
    /// Retention class of its content.
    pub retention: Retention,
}

/// The events of one aggregate.
///
/// Serialised as `{"type": name, "data": {…}}`: a payload tells its own type.
pub trait DomainEvent:
    Serialize + DeserializeOwned + Clone + PartialEq + fmt::Debug + Send + Sync + 'static
{
    /// The contracts of all its types.
    const SPECS: &'static [EventSpec];

    /// The contract of this one.
    fn spec(&self) -> &'static EventSpec;

    /// The one person that the content is about, under whose key it is sealed.
    /// Without one it is sealed under the portal's.
    fn subject(&self) -> Option<PersonneId>;

    /// Rewrites the data of an older version of a type into the next version's.
    /// `None`: there is no such version.
    fn upcast(name: &str, version: u32, data: Value) -> Option<Value>;

    /// Rewrites a stored payload of any version into today's.
    fn upgrade(name: &str, version: u32, mut payload: Value) -> Result<Value, UnreadableEvent> {
        let unreadable = |reason: String| UnreadableEvent { name: name.to_owned(), version, reason };
        let spec = Self::SPECS
            .iter()
            .find(|spec| spec.name == name)
            .ok_or_else(|| unreadable("unknown event type".to_owned()))?;
        if version == 0 || version > spec.version {
            return Err(unreadable(format!("this program reads versions 1 to {}", spec.version)));
        }
        for from in version..spec.version {
            let data = payload.get_mut("data").map(Value::take).unwrap_or_default();
            let data = Self::upcast(name, from, data)
                .ok_or_else(|| unreadable(format!("no upcast from version {from}")))?;
            payload = serde_json::json!({ "type": name, "data": data });
        }
        Ok(payload)
    }

    /// Reads a stored payload of any version.
    fn decode(name: &str, version: u32, payload: Value) -> Result<Self, UnreadableEvent> {
        let payload = Self::upgrade(name, version, payload)?;
        // Not the error's own text: it quotes values, which are somebody's.
        serde_json::from_value(payload).map_err(|error| UnreadableEvent {
            name: name.to_owned(),
            version,
            reason: format!("its content does not fit the type ({:?})", error.classify()),
        })
    }
}

/// A stored event that this program cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {name} v{version} cannot be read: {reason}")]
pub struct UnreadableEvent {
    /// The stored type.
    pub name: String,
    /// The stored version.
    pub version: u32,
    /// What was wrong; never the content.
    pub reason: String,
}

/// Declares the events of an aggregate, each with its contract on the line of its name:
/// `"frozen.name" vN Retention`, then `of field` when the content has a data subject.
macro_rules! events {
    (
        $(#[$doc:meta])*
        pub enum $enum:ident {
            $(
                $(#[$variant_doc:meta])*
                $variant:ident = $name:literal v $version:literal $retention:ident $(of $subject:ident)?
                { $($(#[$field_doc:meta])* $field:ident : $type:ty),* $(,)? }
            ),* $(,)?
        }
        $(upcast { $($from_name:literal v $from:literal => $upcast:path),* $(,)? })?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(tag = "type", content = "data")]
        #[allow(missing_docs)]
        pub enum $enum {
            $($(#[$variant_doc])* #[serde(rename = $name)] $variant { $($(#[$field_doc])* $field: $type),* },)*
        }

        impl $crate::DomainEvent for $enum {
            const SPECS: &'static [$crate::EventSpec] = &[$($crate::EventSpec {
                name: $name,
                version: $version,
                retention: $crate::Retention::$retention,
            }),*];

            fn spec(&self) -> &'static $crate::EventSpec {
                let name = match self { $(Self::$variant { .. } => $name),* };
                // Both lists come from this one declaration.
                Self::SPECS.iter().find(|spec| spec.name == name).unwrap_or(&Self::SPECS[0])
            }

            fn subject(&self) -> Option<$crate::PersonneId> {
                match self { $($crate::event::events!(@pattern $variant $($subject)?)
                    => $crate::event::events!(@subject $($subject)?)),* }
            }

            fn upcast(name: &str, version: u32, data: serde_json::Value) -> Option<serde_json::Value> {
                match (name, version) {
                    $($(($from_name, $from) => $upcast(data),)*)?
                    _ => { let _ = data; None }
                }
            }
        }
    };
    (@pattern $variant:ident) => { Self::$variant { .. } };
    (@pattern $variant:ident $subject:ident) => { Self::$variant { $subject, .. } };
    (@subject) => { None };
    (@subject $subject:ident) => { Some(*$subject) };
}
pub(crate) use events;

/// Declares [`Event`], the sum of all aggregates' events.
macro_rules! every_aggregate {
    ($($variant:ident($aggregate:ty)),* $(,)?) => {
        /// Any event of the record, as projections read it.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs)]
        pub enum Event { $($variant(<$aggregate as crate::Aggregate>::Event)),* }

        impl Event {
            /// Reads a stored event of a stream of the kind `aggregate_type`.
            pub fn decode(
                aggregate_type: &str, name: &str, version: u32, payload: Value,
            ) -> Result<Self, UnreadableEvent> {
                match aggregate_type {
                    $(<$aggregate as crate::Aggregate>::TYPE =>
                        DomainEvent::decode(name, version, payload).map(Self::$variant),)*
                    _ => Err(unknown_stream(aggregate_type, name, version)),
                }
            }

            /// Rewrites a stored payload of any version into today's.
            pub fn upgrade(
                aggregate_type: &str, name: &str, version: u32, payload: Value,
            ) -> Result<Value, UnreadableEvent> {
                match aggregate_type {
                    $(<$aggregate as crate::Aggregate>::TYPE =>
                        <$aggregate as crate::Aggregate>::Event::upgrade(name, version, payload),)*
                    _ => Err(unknown_stream(aggregate_type, name, version)),
                }
            }

            /// The contract of its type.
            pub fn spec(&self) -> &'static EventSpec {
                match self { $(Self::$variant(event) => event.spec()),* }
            }

            /// Its content as it is stored, `{"type": name, "data": {…}}`.
            pub fn to_json(&self) -> serde_json::Result<Value> {
                match self { $(Self::$variant(event) => serde_json::to_value(event)),* }
            }

            /// The person whom its content is about.
            pub fn subject(&self) -> Option<PersonneId> {
                match self { $(Self::$variant(event) => event.subject()),* }
            }
        }

        /// Every event type of every aggregate, by kind of stream, and what makes the JSON schema
        /// of their payloads: few ask for it, and making it is long.
        pub fn catalogue() -> Vec<(&'static str, &'static [EventSpec], fn() -> schemars::Schema)> {
            vec![$((
                <$aggregate as crate::Aggregate>::TYPE,
                <$aggregate as crate::Aggregate>::Event::SPECS,
                (|| schemars::schema_for!(<$aggregate as crate::Aggregate>::Event)) as fn() -> _,
            )),*]
        }
    };
}

fn unknown_stream(aggregate_type: &str, name: &str, version: u32) -> UnreadableEvent {
    UnreadableEvent {
        name: name.to_owned(),
        version,
        reason: format!("unknown kind of stream {aggregate_type}"),
    }
}

every_aggregate! {
    Etablissement(crate::annuaire::Etablissement),
    Personne(crate::annuaire::Personne),
    Alimentation(crate::annuaire::Alimentation),
    Groupes(crate::annuaire::Groupes),
    Calendrier(crate::annuaire::Calendrier),
    Remplacements(crate::annuaire::Remplacements),
    Identite(crate::annuaire::Identite),
    Inscription(crate::annuaire::Inscription),
    Bascule(crate::annuaire::Bascule),
    Portail(crate::portails::Portail),
    Adhesion(crate::portails::Adhesion),
    Catalogue(crate::portails::Catalogue),
    Theme(crate::portails::Theme),
    MiseEnGarde(crate::portails::MiseEnGarde),
    Habilitation(crate::portails::Habilitation),
    Intervention(crate::portails::Intervention),
    Appel(crate::absences::Appel),
    DossierAbsence(crate::absences::DossierAbsence),
    Collective(crate::absences::Collective),
    Dispense(crate::absences::Dispense),
    Reglement(crate::absences::Reglement),
    Assiduite(crate::absences::Assiduite),
    Evaluation(crate::notes::Evaluation),
    Politiques(crate::notes::Politiques),
    PeriodeDeNotes(crate::notes::PeriodeDeNotes),
    Appreciations(crate::notes::Appreciations),
    ConseilDeClasse(crate::notes::ConseilDeClasse),
    Bulletin(crate::notes::Bulletin),
    Positionnements(crate::notes::Positionnements),
    EmploiDuTemps(crate::cahier_de_textes::EmploiDuTemps),
    Seance(crate::cahier_de_textes::Seance),
    Travail(crate::cahier_de_textes::Travail),
    Copie(crate::cahier_de_textes::Copie),
    Cahier(crate::cahier_de_textes::Cahier),
    Abonnement(crate::cahier_de_textes::Abonnement),
    Piece(crate::pieces::Piece),
    Publication(crate::publications::Publication),
    Signalement(crate::publications::Signalement),
    Espaces(crate::publications::Espaces),
    Gels(crate::conservation::Gels),
    Destruction(crate::conservation::Destruction),
    Remise(crate::protection::Remise),
    Rectification(crate::protection::Rectification),
    Consultation(crate::journal::Consultation),
    Verification(crate::journal::Verification),
    Liaison(crate::identite::Liaison),
    Session(crate::identite::Session),
    Compte(crate::identite::Compte),
    Tentative(crate::identite::Tentative),
    Preferences(crate::notifications::Preferences),
    Envoi(crate::notifications::Envoi),
    Incident(crate::vie_de_l_eleve::Incident),
    Punition(crate::vie_de_l_eleve::Punition),
    Sanction(crate::vie_de_l_eleve::Sanction),
    Mot(crate::vie_de_l_eleve::Mot),
    Passage(crate::vie_de_l_eleve::Passage),
    Stage(crate::vie_de_l_eleve::Stage),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_name_is_frozen_ascii_and_begins_with_its_stream() {
        let mut seen = std::collections::BTreeSet::new();
        for (stream, specs, _) in catalogue() {
            for spec in specs {
                assert!(spec.name.starts_with(&format!("{stream}.")), "{}", spec.name);
                assert!(spec.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'.' || b == b'_'));
                assert!(spec.version > 0 && seen.insert(spec.name), "{}", spec.name);
            }
        }
    }

    #[test]
    fn an_event_of_a_later_program_is_said_to_be_unreadable() {
        let error = Event::decode("absences.appel", "absences.appel.clos", 99, Value::Null).unwrap_err();
        assert!(error.reason.contains("versions 1 to"), "{error}");
        assert!(Event::decode("absences.appel", "absences.appel.dissous", 1, Value::Null).is_err());
        assert!(Event::decode("cantine.repas", "cantine.repas.servi", 1, Value::Null).is_err());
    }
}
