//! What happens in the property of erasures, and where its texts are looked for.

mod classe;
mod eleve;

pub use classe::of_a_class;
pub use eleve::of_a_pupil;

use anyhow::{Result, ensure};
use domain::absences::{AppelEvent, DossierAbsenceEvent, Seance};
use domain::cahier_de_textes::{SeanceEvent, TravailEvent};
use domain::conservation::GelEvent;
use domain::identite::SessionEvent;
use domain::notes::{BulletinEvent, EvaluationEvent, FicheEvaluation, PeriodeEvent, Regime};
use domain::notifications::EnvoiEvent;
use domain::portails::MiseEnGardeEvent;
use domain::publications::{Contenu, PublicationEvent, SignalementEvent};
use domain::vie_de_l_eleve::{PassageEvent, SanctionEvent};
use domain::{AppelId, DivisionId, EnseignementId, EvaluationId, Event, PersonneId};
use recits::{Bench, PORTAIL, portail};

/// How many things there are to write of a pupil's life, and then of the other classes.
pub const QUOI: [u8; 2] = [eleve::QUOI, classe::QUOI];

/// One of the persons who are written about.
pub fn personne_of(number: u8) -> PersonneId {
    PersonneId::derived(&["personne", &number.to_string()])
}

/// Whether it begins its stream.
pub fn begins(event: &Event) -> bool {
    matches!(
        event,
        Event::Appel(AppelEvent::AppelOuvert { .. })
            | Event::Evaluation(EvaluationEvent::EvaluationCreee { .. })
            | Event::Publication(_)
            | Event::DossierAbsence(DossierAbsenceEvent::AbsenceAnnoncee { .. })
            | Event::PeriodeDeNotes(PeriodeEvent::PeriodeVerrouillee { .. })
            | Event::Bulletin(BulletinEvent::BulletinFige { .. })
            | Event::Seance(SeanceEvent::SeanceRedigee { .. })
            | Event::Travail(TravailEvent::TravailDonne { .. })
            | Event::Sanction(SanctionEvent::ProcedureEngagee { .. })
            | Event::Envoi(EnvoiEvent::EnvoiPrepare { .. })
            | Event::Passage(PassageEvent::PassageOuvert { .. })
            | Event::Signalement(SignalementEvent::SignalementRecu { .. })
            | Event::MiseEnGarde(MiseEnGardeEvent::MiseEnGardeAdressee { .. })
            | Event::Session(SessionEvent::SessionOuverte { .. })
            | Event::Gels(GelEvent::GelPose { .. })
    )
}

/// A roll is opened.
pub fn opened(appel: AppelId) -> AppelEvent {
    let seance = Seance {
        enseignement: EnseignementId(appel.0),
        auditoire: DivisionId::derived(&["6A"]).into(),
        date: "2026-11-23".parse().unwrap(),
        debut: "08:00:00".parse().unwrap(),
        fin: "09:00:00".parse().unwrap(),
    };
    AppelEvent::AppelOuvert { seance, enseignant: personne_of(9) }
}

/// A test is created, under this title.
pub fn created(id: EvaluationId, titre: String) -> EvaluationEvent {
    let fiche = FicheEvaluation {
        enseignement: EnseignementId(id.0),
        auditoire: DivisionId::derived(&["6A"]).into(),
        titre,
        date: "2026-11-23".parse().unwrap(),
        bareme: "20".parse().unwrap(),
        coefficient: "1".parse().unwrap(),
        formative: false,
        sous_matiere: None,
        regime: Regime::Obligatoire,
    };
    EvaluationEvent::EvaluationCreee { fiche, auteur: personne_of(9) }
}

/// A news item is written, under this title.
pub fn written(titre: String) -> PublicationEvent {
    let contenu = Contenu { corps: format!("Texte de {titre}"), titre };
    PublicationEvent::ActualiteRedigee {
        portail: portail(PORTAIL),
        auteur: personne_of(9),
        version: 1,
        contenu,
    }
}

/// What is sealed of an event.
pub fn payload(event: &Event) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(&event.to_json()?)?)
}

/// In how many rows of all tables of the database a text is found, in any column: as text,
/// in JSON, or as bytes.
pub async fn found(bench: &Bench, text: &str) -> Result<i64> {
    let tables: Vec<(String, String)> = sqlx::query_as(
        "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
    )
    .fetch_all(&bench.owner)
    .await?;
    ensure!(tables.len() > 20, "only {} tables", tables.len());
    let bytes: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut rows = 0;
    for (schema, table) in tables {
        let sql = format!(
            "SELECT count(*) FROM \"{schema}\".\"{table}\" t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0"
        );
        rows += sqlx::query_scalar::<_, i64>(&sql).bind(text).bind(&bytes).fetch_one(&bench.owner).await?;
    }
    Ok(rows)
}
