//! What facts change in what is known of établissements, gathered in memory and written with one
//! statement per kind of change: a delivery brings thousands of divisions and teachings.
//!
//! Each row belongs to one stream, whose facts are heard in their order. Rows are made before
//! they are changed; what is said of one before the fact that makes it is said of nothing.

use super::Colonnes;
use crate::{ProjectionError, stream_uuid};
use domain::annuaire::{Auditoire, EtablissementEvent, FicheEtablissement, Matiere, Uai};
use ledger::feed::Fact;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// See the module.
#[derive(Default)]
pub(super) struct Etablissements<'a> {
    enregistres: Vec<Enregistre<'a>>,
    actualises: BTreeMap<Uuid, &'a FicheEtablissement>,
    ouvertes: Vec<Ouverte<'a>>,
    actualisees: BTreeMap<Uuid, Intitule<'a>>,
    enseignements: BTreeMap<Uuid, Enseignement<'a>>,
    /// Who teaches what: as professeur principal or not, or no more.
    enseignants: BTreeMap<(Uuid, Uuid), Option<bool>>,
}

/// An établissement that enters the directory.
struct Enregistre<'a> {
    id: Uuid,
    uai: &'a Uai,
    fiche: &'a FicheEtablissement,
    portail: &'a str,
}

/// A division that opens.
struct Ouverte<'a> {
    id: Uuid,
    etablissement: Uuid,
    code: &'a str,
    intitule: Intitule<'a>,
}

/// Name and formation of a division.
#[derive(Clone, Copy)]
struct Intitule<'a> {
    libelle: &'a str,
    mef: Option<&'a str>,
}

/// What is taught, and to whom.
struct Enseignement<'a> {
    etablissement: Uuid,
    auditoire: Colonnes,
    code: &'a str,
    libelle: &'a str,
}

impl<'a> Etablissements<'a> {
    /// Adds what one fact changes.
    pub fn hear(&mut self, fact: &'a Fact, event: &'a EtablissementEvent) -> Result<(), ProjectionError> {
        let id = stream_uuid(fact)?;
        match event {
            EtablissementEvent::EtablissementEnregistre { uai, fiche, .. } => {
                self.actualises.remove(&id);
                let portail = fact.position.portail.as_str();
                self.enregistres.push(Enregistre { id, uai, fiche, portail });
            }
            EtablissementEvent::EtablissementActualise { fiche, .. } => {
                self.actualises.insert(id, fiche);
            }
            EtablissementEvent::DivisionOuverte { division, code, libelle, mef, .. } => {
                self.actualisees.remove(&division.0);
                let intitule = Intitule { libelle, mef: mef.as_deref() };
                self.ouvertes.push(Ouverte { id: division.0, etablissement: id, code, intitule });
            }
            EtablissementEvent::DivisionActualisee { division, libelle, mef, .. } => {
                self.actualisees.insert(division.0, Intitule { libelle, mef: mef.as_deref() });
            }
            EtablissementEvent::EnseignementAttribue {
                enseignement,
                auditoire,
                matiere,
                enseignant,
                principal,
                provenance: _,
            } => {
                self.enseigner(enseignement.0, id, *auditoire, matiere);
                self.enseignants.insert((enseignement.0, enseignant.0), Some(*principal));
            }
            EtablissementEvent::EnseignementRetire { enseignement, enseignant } => {
                self.enseignants.insert((enseignement.0, enseignant.0), None);
            }
            // Groupes are another view's: see `Repartitions`.
            EtablissementEvent::GroupeDeclare { .. }
            | EtablissementEvent::GroupeAbandonne { .. }
            | EtablissementEvent::AnneeTournee { .. } => {}
            // What is not in force shows nowhere.
            EtablissementEvent::EtablissementReconnu { .. }
            | EtablissementEvent::ParoleEntendue { .. }
            | EtablissementEvent::ParoleRetiree { .. } => {}
        }
        Ok(())
    }

    /// Of what is taught already, only the name changes.
    fn enseigner(&mut self, id: Uuid, etablissement: Uuid, auditoire: Auditoire, matiere: &'a Matiere) {
        let Matiere { code, libelle } = matiere;
        let premier = Enseignement { etablissement, auditoire: auditoire.into(), code, libelle };
        self.enseignements.entry(id).or_insert(premier).libelle = libelle;
    }

    /// Writes everything.
    pub async fn write(self, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        enregistrer(&self.enregistres, tx).await?;
        actualiser(&self.actualises, tx).await?;
        ouvrir(&self.ouvertes, tx).await?;
        renommer(&self.actualisees, tx).await?;
        enseigner(&self.enseignements, tx).await?;
        retirer(&self.enseignants, tx).await?;
        attribuer(&self.enseignants, tx).await
    }
}

async fn enregistrer(enregistres: &[Enregistre<'_>], tx: &mut PgConnection) -> Result<(), ProjectionError> {
    if enregistres.is_empty() {
        return Ok(());
    }
    let textes = |texte: fn(&FicheEtablissement) -> &str| -> Vec<&str> {
        enregistres.iter().map(|un| texte(un.fiche)).collect()
    };
    sqlx::query(
        "INSERT INTO etablissement (id, nom, nature, academie, commune, uai, portail)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])",
    )
    .bind(enregistres.iter().map(|un| un.id).collect::<Vec<_>>())
    .bind(textes(|fiche| &fiche.nom))
    .bind(textes(|fiche| &fiche.nature))
    .bind(textes(|fiche| &fiche.academie))
    .bind(textes(|fiche| &fiche.commune))
    .bind(enregistres.iter().map(|un| un.uai.as_str()).collect::<Vec<_>>())
    .bind(enregistres.iter().map(|un| un.portail).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

async fn actualiser(
    actualises: &BTreeMap<Uuid, &FicheEtablissement>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    if actualises.is_empty() {
        return Ok(());
    }
    let textes = |texte: fn(&FicheEtablissement) -> &str| -> Vec<&str> {
        actualises.values().map(|fiche| texte(fiche)).collect()
    };
    sqlx::query(
        "UPDATE etablissement e SET nom = a.nom, nature = a.nature, academie = a.academie, commune = a.commune
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
              AS a (id, nom, nature, academie, commune)
         WHERE e.id = a.id",
    )
    .bind(actualises.keys().copied().collect::<Vec<_>>())
    .bind(textes(|fiche| &fiche.nom))
    .bind(textes(|fiche| &fiche.nature))
    .bind(textes(|fiche| &fiche.academie))
    .bind(textes(|fiche| &fiche.commune))
    .execute(tx)
    .await?;
    Ok(())
}

async fn ouvrir(ouvertes: &[Ouverte<'_>], tx: &mut PgConnection) -> Result<(), ProjectionError> {
    if ouvertes.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO division (id, etablissement, code, libelle, mef)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])",
    )
    .bind(ouvertes.iter().map(|une| une.id).collect::<Vec<_>>())
    .bind(ouvertes.iter().map(|une| une.etablissement).collect::<Vec<_>>())
    .bind(ouvertes.iter().map(|une| une.code).collect::<Vec<_>>())
    .bind(ouvertes.iter().map(|une| une.intitule.libelle).collect::<Vec<_>>())
    .bind(ouvertes.iter().map(|une| une.intitule.mef).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

async fn renommer(
    actualisees: &BTreeMap<Uuid, Intitule<'_>>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    if actualisees.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE division d SET libelle = a.libelle, mef = a.mef
         FROM unnest($1::uuid[], $2::text[], $3::text[]) AS a (id, libelle, mef) WHERE d.id = a.id",
    )
    .bind(actualisees.keys().copied().collect::<Vec<_>>())
    .bind(actualisees.values().map(|intitule| intitule.libelle).collect::<Vec<_>>())
    .bind(actualisees.values().map(|intitule| intitule.mef).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

async fn enseigner(
    enseignements: &BTreeMap<Uuid, Enseignement<'_>>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    if enseignements.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO enseignement (id, etablissement, division, groupe, matiere_code, matiere_libelle)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
         ON CONFLICT (id) DO UPDATE SET matiere_libelle = excluded.matiere_libelle",
    )
    .bind(enseignements.keys().copied().collect::<Vec<_>>())
    .bind(enseignements.values().map(|un| un.etablissement).collect::<Vec<_>>())
    .bind(enseignements.values().map(|un| un.auditoire.division).collect::<Vec<_>>())
    .bind(enseignements.values().map(|un| un.auditoire.groupe).collect::<Vec<_>>())
    .bind(enseignements.values().map(|un| un.code).collect::<Vec<_>>())
    .bind(enseignements.values().map(|un| un.libelle).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

type Enseignants = BTreeMap<(Uuid, Uuid), Option<bool>>;

async fn retirer(enseignants: &Enseignants, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let retires = enseignants.iter().filter(|(_, principal)| principal.is_none());
    let (enseignements, personnes): (Vec<Uuid>, Vec<Uuid>) = retires.map(|(cle, _)| *cle).unzip();
    if enseignements.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "DELETE FROM enseignant e USING unnest($1::uuid[], $2::uuid[]) AS r (enseignement, personne)
         WHERE e.enseignement = r.enseignement AND e.personne = r.personne",
    )
    .bind(enseignements)
    .bind(personnes)
    .execute(tx)
    .await?;
    Ok(())
}

async fn attribuer(enseignants: &Enseignants, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let attribues = enseignants.iter().filter_map(|(cle, principal)| Some((*cle, (*principal)?)));
    let (cles, principaux): (Vec<(Uuid, Uuid)>, Vec<bool>) = attribues.unzip();
    if cles.is_empty() {
        return Ok(());
    }
    let (enseignements, personnes): (Vec<Uuid>, Vec<Uuid>) = cles.into_iter().unzip();
    sqlx::query(
        "INSERT INTO enseignant (enseignement, personne, principal)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bool[])
         ON CONFLICT (enseignement, personne) DO UPDATE SET principal = excluded.principal",
    )
    .bind(enseignements)
    .bind(personnes)
    .bind(principaux)
    .execute(tx)
    .await?;
    Ok(())
}
