//! What is written in the cahiers, what pupils make of it, and who has seen it.

use crate::annuaire::Colonnes;
use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::cahier_de_textes::{
    Cahier, CahierEvent, Copie, CopieEvent, FicheTravail, QualiteDuVisa, Seance, SeanceEvent, Travail,
    TravailEvent,
};
use domain::{Aggregate, CopieId, Event, PersonneId, TravailId};
use ledger::feed::Fact;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// The view of cahiers.
pub struct Cahiers;

#[async_trait]
impl Projection for Cahiers {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["seance", "travail", "copie", "visa"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Seance::TYPE, Travail::TYPE, Copie::TYPE, Cahier::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget { kind: Seance::TYPE, sql: "DELETE FROM seance WHERE id = ANY ($1::text[]::uuid[])" },
            Forget { kind: Travail::TYPE, sql: "DELETE FROM travail WHERE id = ANY ($1::text[]::uuid[])" },
            Forget { kind: Copie::TYPE, sql: "DELETE FROM copie WHERE id = ANY ($1::text[]::uuid[])" },
            Forget {
                kind: Cahier::TYPE,
                sql: "DELETE FROM visa WHERE enseignement = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        match fact.event() {
            Some(Event::Seance(event)) => seance(fact, event, tx).await,
            Some(Event::Travail(event)) => travail(fact, event, tx).await,
            Some(Event::Copie(event)) => copie(fact.envelope.recorded_at, event, tx).await,
            Some(Event::Cahier(event)) => vise(fact.envelope.recorded_at, event, tx).await,
            Some(_) | None => Ok(()),
        }
    }
}

impl Cahiers {
    /// Frozen name of the view.
    pub const NAME: &'static str = "cahier_de_textes.cahiers";
    /// Version of its tables.
    pub const VERSION: i32 = 1;
}

async fn seance(fact: &Fact, event: &SeanceEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let id = crate::stream_uuid(fact)?;
    let query = match event {
        SeanceEvent::SeanceRedigee { fiche, contenu, auteur, reprise_de } => {
            let Colonnes { division, groupe } = fiche.auditoire.into();
            sqlx::query(
                "INSERT INTO seance (id, portail, enseignement, division, date, debut, fin, titre, avant,
                                     apres, auteur, reprise_de, groupe)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            )
            .bind(id)
            .bind(fact.position.portail.as_str())
            .bind(fiche.enseignement.0)
            .bind(division)
            .bind(fiche.date)
            .bind(fiche.debut)
            .bind(fiche.fin)
            .bind(&contenu.titre)
            .bind(&contenu.avant)
            .bind(&contenu.apres)
            .bind(auteur.0)
            .bind(reprise_de.map(|seance| seance.0))
            .bind(groupe)
        }
        SeanceEvent::SeanceModifiee { contenu } => {
            sqlx::query("UPDATE seance SET titre = $2, avant = $3, apres = $4 WHERE id = $1")
                .bind(id)
                .bind(&contenu.titre)
                .bind(&contenu.avant)
                .bind(&contenu.apres)
        }
        SeanceEvent::SeancePubliee {} => sqlx::query("UPDATE seance SET publiee_le = $2 WHERE id = $1")
            .bind(id)
            .bind(fact.envelope.recorded_at),
        // Which files accompany it is told by the view of files.
        SeanceEvent::SeanceDocumentee { .. } => return Ok(()),
    };
    query.execute(tx).await?;
    Ok(())
}

async fn travail(fact: &Fact, event: &TravailEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let id = crate::stream_uuid(fact)?;
    match event {
        TravailEvent::TravailDonne { fiche, auteur } => {
            write_travail(id, fact.position.portail.as_str(), fiche, Some(*auteur), tx).await
        }
        TravailEvent::TravailModifie { fiche } => {
            write_travail(id, fact.position.portail.as_str(), fiche, None, tx).await
        }
        TravailEvent::TravailPublie {} => {
            let query = sqlx::query("UPDATE travail SET publie_le = $2 WHERE id = $1");
            query.bind(id).bind(fact.envelope.recorded_at).execute(tx).await?;
            Ok(())
        }
        TravailEvent::TravailAnnule {} => {
            sqlx::query("UPDATE travail SET annule = true WHERE id = $1").bind(id).execute(tx).await?;
            Ok(())
        }
        TravailEvent::TravailDocumente { .. } => Ok(()),
    }
}

/// A travail as it is given, or as it has changed; who gave it stays its author.
async fn write_travail(
    id: Uuid,
    portail: &str,
    fiche: &FicheTravail,
    auteur: Option<PersonneId>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let sql = match auteur {
        Some(_) => {
            "INSERT INTO travail (id, portail, enseignement, division, donne_le, pour_le, titre, consigne,
                                  minutes, a_rendre, auteur, groupe)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        }
        None => {
            "UPDATE travail SET portail = $2, enseignement = $3, division = $4, donne_le = $5, pour_le = $6,
                                titre = $7, consigne = $8, minutes = $9, a_rendre = $10,
                                auteur = coalesce($11, auteur), groupe = $12
             WHERE id = $1"
        }
    };
    let Colonnes { division, groupe } = fiche.auditoire.into();
    sqlx::query(sql)
        .bind(id)
        .bind(portail)
        .bind(fiche.enseignement.0)
        .bind(division)
        .bind(fiche.donne_le)
        .bind(fiche.pour_le)
        .bind(&fiche.titre)
        .bind(&fiche.consigne)
        .bind(i32::from(fiche.minutes))
        .bind(fiche.a_rendre)
        .bind(auteur.map(|auteur| auteur.0))
        .bind(groupe)
        .execute(tx)
        .await?;
    Ok(())
}

async fn copie(le: DateTime<Utc>, event: &CopieEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    match event {
        CopieEvent::TravailFait { travail, eleve } => mark(*travail, *eleve, true, tx).await,
        CopieEvent::TravailRepris { travail, eleve } => mark(*travail, *eleve, false, tx).await,
        CopieEvent::CopieRendue { travail, eleve, piece, contenu } => {
            mark(*travail, *eleve, true, tx).await?;
            sqlx::query(
                "UPDATE copie SET piece = $2, octets = decode($3, 'hex'), rendue_le = $4 WHERE id = $1",
            )
            .bind(CopieId::de(*travail, *eleve).0)
            .bind(Json(piece))
            .bind(contenu)
            .bind(le)
            .execute(tx)
            .await?;
            Ok(())
        }
        // Which files these are is told by the view of files.
        CopieEvent::CopieDeposee { travail, eleve, .. } => {
            mark(*travail, *eleve, true, tx).await?;
            sqlx::query("UPDATE copie SET piece = NULL, octets = NULL, rendue_le = $2 WHERE id = $1")
                .bind(CopieId::de(*travail, *eleve).0)
                .bind(le)
                .execute(tx)
                .await?;
            Ok(())
        }
        CopieEvent::CopieAnnotee { travail, eleve, annotation, .. } => {
            sqlx::query("UPDATE copie SET annotation = $2, annotee_le = $3 WHERE id = $1")
                .bind(CopieId::de(*travail, *eleve).0)
                .bind(annotation)
                .bind(le)
                .execute(tx)
                .await?;
            Ok(())
        }
    }
}

async fn mark(
    travail: TravailId,
    eleve: PersonneId,
    fait: bool,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO copie (id, travail, eleve, fait) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET fait = excluded.fait",
    )
    .bind(CopieId::de(travail, eleve).0)
    .bind(travail.0)
    .bind(eleve.0)
    .bind(fait)
    .execute(tx)
    .await?;
    Ok(())
}

async fn vise(le: DateTime<Utc>, event: &CahierEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let CahierEvent::CahierVise { enseignement, par, qualite, jusqu_au } = event;
    let qualite = match qualite {
        QualiteDuVisa::Direction => "direction",
        QualiteDuVisa::Inspection => "inspection",
    };
    sqlx::query(
        "INSERT INTO visa (enseignement, qualite, jusqu_au, par, le) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (enseignement, qualite, jusqu_au) DO NOTHING",
    )
    .bind(enseignement.0)
    .bind(qualite)
    .bind(jusqu_au)
    .bind(par.0)
    .bind(le)
    .execute(tx)
    .await?;
    Ok(())
}
