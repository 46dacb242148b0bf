//! Who was what, where, on a past school day.
//!
//! [`super::Annuaire`] knows what is so now. This view keeps what was so from one day to another,
//! by the day on which each act takes effect: the last word of a day counts, and a word about a day
//! that is past holds from that day on.

mod changements;
mod queries;

pub use queries::*;

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use changements::{Changements, Place, Trait};
use domain::annuaire::{Ensemble, EtablissementEvent, GroupeEvent, InscriptionEvent, PersonneEvent};
use domain::{Aggregate, DivisionId, EtablissementId, Event, PersonneId, annuaire};
use ledger::feed::Fact;
use sqlx::PgConnection;

/// The view of past situations.
pub struct Histoire;

#[async_trait]
impl Projection for Histoire {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["situation"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[
            annuaire::Personne::TYPE,
            annuaire::Etablissement::TYPE,
            annuaire::Groupes::TYPE,
            annuaire::Inscription::TYPE,
        ]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: annuaire::Personne::TYPE,
                sql: "DELETE FROM situation WHERE flux = ANY ($1::text[]::uuid[])
                      AND nature IN ('rattachement', 'affectation', 'responsabilite', 'suspension',
                                     'repartition')",
            },
            Forget {
                kind: annuaire::Etablissement::TYPE,
                sql: "DELETE FROM situation WHERE flux = ANY ($1::text[]::uuid[])
                      AND nature IN ('enseignement', 'abandon')",
            },
            Forget {
                kind: annuaire::Groupes::TYPE,
                sql: "DELETE FROM situation WHERE flux = ANY ($1::text[]::uuid[])
                      AND nature IN ('appartenance', 'cloture')",
            },
            Forget {
                kind: annuaire::Inscription::TYPE,
                sql: "DELETE FROM situation WHERE flux = ANY ($1::text[]::uuid[]) AND nature = 'radiation'",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.apply_all(&[fact], tx).await
    }

    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let mut changements = Changements::default();
        for fact in facts {
            let le = fact.envelope.business_date;
            let said = match fact.event() {
                Some(Event::Personne(event)) => personne(event),
                Some(Event::Etablissement(event)) => etablissement(event),
                Some(Event::Groupes(event)) => groupe(event),
                Some(Event::Inscription(event)) => inscription(event),
                // Erased, or of a stream that this view does not hear.
                Some(_) | None => continue,
            };
            let flux = stream_uuid(fact)?;
            for (place, devient) in said {
                changements.entendre(place, flux, le, devient);
            }
        }
        changements.ecrire(tx).await
    }
}

/// What an event puts in which places.
type Dits = Vec<(Place, Vec<Trait>)>;

fn personne(event: &PersonneEvent) -> Dits {
    match event {
        PersonneEvent::PersonneRattachee { personne, etablissement, profil, .. } => {
            let devient = Trait::de(etablissement.0).sous(profil.as_str());
            vec![(Place::new("rattachement", personne.0, etablissement.0), vec![devient])]
        }
        PersonneEvent::PersonneDetachee { personne, etablissement, .. } => vec![
            (Place::new("rattachement", personne.0, etablissement.0), vec![]),
            (Place::new("affectation", personne.0, etablissement.0), vec![]),
            (Place::new("repartition", personne.0, etablissement.0), vec![]),
        ],
        PersonneEvent::EleveAffecte { personne, etablissement, division, .. } => {
            vec![affectation(*personne, *etablissement, *division)]
        }
        PersonneEvent::EleveReaffecte { personne, etablissement, division, .. } => vec![
            affectation(*personne, *etablissement, *division),
            // The groupes were of the division's year, or of who has left.
            (Place::new("repartition", personne.0, etablissement.0), vec![]),
        ],
        PersonneEvent::PersonneRepartie { personne, etablissement, groupes, .. } => {
            let devient = groupes.iter().map(|groupe| Trait::de(groupe.0)).collect();
            vec![(Place::new("repartition", personne.0, etablissement.0), devient)]
        }
        PersonneEvent::ResponsabilitesEtablies { personne, responsables, .. } => {
            let line = |line: &annuaire::Responsabilite| Trait {
                droit: line.destinataire,
                ..Trait::de(line.responsable.0).sous(line.niveau.as_str())
            };
            let devient = responsables.iter().map(line).collect();
            vec![(Place::new("responsabilite", personne.0, personne.0), devient)]
        }
        PersonneEvent::PersonneSuspendue { personne } => {
            vec![(Place::new("suspension", personne.0, personne.0), vec![Trait::de(personne.0)])]
        }
        PersonneEvent::PersonneReprise { personne } => {
            vec![(Place::new("suspension", personne.0, personne.0), vec![])]
        }
        PersonneEvent::PersonneEnregistree { .. }
        | PersonneEvent::SourceReconnue { .. }
        | PersonneEvent::EtatCivilRectifie { .. }
        | PersonneEvent::EleveImmatricule { .. }
        | PersonneEvent::ParoleEntendue { .. }
        | PersonneEvent::ParoleRetiree { .. }
        | PersonneEvent::InformationOpposee { .. }
        | PersonneEvent::OppositionLevee { .. } => vec![],
    }
}

fn affectation(
    personne: PersonneId,
    etablissement: EtablissementId,
    division: Option<DivisionId>,
) -> (Place, Vec<Trait>) {
    let devient = division.iter().map(|division| Trait::de(division.0)).collect();
    (Place::new("affectation", personne.0, etablissement.0), devient)
}

fn etablissement(event: &EtablissementEvent) -> Dits {
    match event {
        EtablissementEvent::EnseignementAttribue { enseignement, enseignant, principal, .. } => {
            let devient = Trait { droit: *principal, ..Trait::de(enseignant.0) };
            vec![(Place::new("enseignement", enseignement.0, enseignant.0), vec![devient])]
        }
        EtablissementEvent::EnseignementRetire { enseignement, enseignant } => {
            vec![(Place::new("enseignement", enseignement.0, enseignant.0), vec![])]
        }
        EtablissementEvent::GroupeDeclare { groupe, .. } => {
            vec![(Place::new("abandon", groupe.0, groupe.0), vec![])]
        }
        EtablissementEvent::GroupeAbandonne { groupe } => {
            vec![(Place::new("abandon", groupe.0, groupe.0), vec![Trait::de(groupe.0)])]
        }
        EtablissementEvent::AnneeTournee { .. }
        | EtablissementEvent::EtablissementEnregistre { .. }
        | EtablissementEvent::EtablissementReconnu { .. }
        | EtablissementEvent::EtablissementActualise { .. }
        | EtablissementEvent::DivisionOuverte { .. }
        | EtablissementEvent::DivisionActualisee { .. }
        | EtablissementEvent::ParoleEntendue { .. }
        | EtablissementEvent::ParoleRetiree { .. } => vec![],
    }
}

fn groupe(event: &GroupeEvent) -> Dits {
    match event {
        GroupeEvent::PersonneInscrite { groupe, personne } => {
            let devient = Trait::de(personne.0).sous("personne");
            vec![(Place::new("appartenance", groupe.0, personne.0), vec![devient])]
        }
        GroupeEvent::PersonneDesinscrite { groupe, personne } => {
            vec![(Place::new("appartenance", groupe.0, personne.0), vec![])]
        }
        GroupeEvent::EnsembleInclus { groupe, ensemble } => {
            let devient = match ensemble {
                Ensemble::Division { division } => Trait::de(division.0).sous("division"),
                Ensemble::Groupe { groupe } => Trait::de(groupe.0).sous("groupe"),
            };
            vec![(Place::new("appartenance", groupe.0, devient.objet), vec![devient])]
        }
        GroupeEvent::EnsembleExclu { groupe, ensemble } => {
            let membre = match ensemble {
                Ensemble::Division { division } => division.0,
                Ensemble::Groupe { groupe } => groupe.0,
            };
            vec![(Place::new("appartenance", groupe.0, membre), vec![])]
        }
        GroupeEvent::GroupeClos { groupe } => {
            vec![(Place::new("cloture", groupe.0, groupe.0), vec![Trait::de(groupe.0)])]
        }
        GroupeEvent::GroupeCree { .. }
        | GroupeEvent::GroupeRenomme { .. }
        | GroupeEvent::EncadrantNomme { .. }
        | GroupeEvent::EncadrantRetire { .. }
        | GroupeEvent::GroupeReconduit { .. } => vec![],
    }
}

fn inscription(event: &InscriptionEvent) -> Dits {
    match event {
        InscriptionEvent::EleveRadie { eleve, etablissement, .. } => {
            vec![(Place::new("radiation", eleve.0, etablissement.0), vec![Trait::de(etablissement.0)])]
        }
        InscriptionEvent::EleveAccueilli { eleve, etablissement, .. } => {
            vec![(Place::new("radiation", eleve.0, etablissement.0), vec![])]
        }
    }
}

/// Whether something is so on a day, of a row of `situation` called `s`.
fn le_jour(alias: &str, parametre: &str) -> String {
    format!("{alias}.depuis <= {parametre} AND ({alias}.jusque IS NULL OR {alias}.jusque > {parametre})")
}

impl Histoire {
    /// Its name.
    pub const NAME: &'static str = "annuaire.histoire";
    /// Its version.
    pub const VERSION: i32 = 1;
}
