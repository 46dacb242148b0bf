//! By which number each établissement knows a pupil.

use crate::ProjectionError;
use crate::lieux::{Lieux, vider};
use domain::annuaire::PersonneEvent;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The number of a pupil in an établissement, or that there is none any more; the last word
/// counts.
#[derive(Default)]
pub(super) struct Immatriculations<'a>(BTreeMap<(Uuid, Uuid), Option<&'a str>>);

impl<'a> Immatriculations<'a> {
    /// Adds what one event changes.
    pub fn hear(&mut self, event: &'a PersonneEvent) {
        match event {
            PersonneEvent::EleveImmatricule { personne, etablissement, numero } => {
                self.0.insert((personne.0, etablissement.0), Some(numero));
            }
            // Who left an établissement is not known there any more by the number he or she had.
            PersonneEvent::PersonneDetachee { personne, etablissement, .. } => {
                self.0.insert((personne.0, etablissement.0), None);
            }
            PersonneEvent::PersonneEnregistree { .. }
            | PersonneEvent::SourceReconnue { .. }
            | PersonneEvent::EtatCivilRectifie { .. }
            | PersonneEvent::PersonneRattachee { .. }
            | PersonneEvent::EleveAffecte { .. }
            | PersonneEvent::EleveReaffecte { .. }
            | PersonneEvent::PersonneRepartie { .. }
            | PersonneEvent::ResponsabilitesEtablies { .. }
            | PersonneEvent::ParoleEntendue { .. }
            | PersonneEvent::ParoleRetiree { .. }
            | PersonneEvent::InformationOpposee { .. }
            | PersonneEvent::OppositionLevee { .. }
            | PersonneEvent::PersonneSuspendue { .. }
            | PersonneEvent::PersonneReprise { .. } => {}
        }
    }

    /// Writes everything.
    pub async fn write(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let quittes = self.0.iter().filter(|(_, numero)| numero.is_none());
        vider("immatriculation", "eleve", quittes.map(|(cle, _)| *cle).unzip(), &mut *tx).await?;
        let connus = self.0.iter().filter_map(|(cle, numero)| Some((*cle, (*numero)?)));
        let (cles, numeros): (Vec<(Uuid, Uuid)>, Vec<&str>) = connus.unzip();
        inscrire(cles.into_iter().unzip(), numeros, tx).await
    }
}

async fn inscrire(
    (eleves, etablissements): Lieux,
    numeros: Vec<&str>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    if eleves.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO immatriculation (eleve, etablissement, numero)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[])
         ON CONFLICT (eleve, etablissement) DO UPDATE SET numero = excluded.numero",
    )
    .bind(eleves)
    .bind(etablissements)
    .bind(numeros)
    .execute(tx)
    .await?;
    Ok(())
}
