//! What is written of a pupil in the property of erasures.

use anyhow::{Result, bail};
use domain::absences::{
    Creneau, DossierAbsence, DossierAbsenceEvent, Justification, MotifDAbsence, MoyenDeContact,
};
use domain::cahier_de_textes::{
    ContenuDeSeance, Copie, CopieEvent, FicheSeance, FicheTravail, Seance, SeanceEvent, Travail, TravailEvent,
};
use domain::notes::{
    Bulletin, BulletinEvent, FichePeriode, PeriodeDeNotes, PeriodeEvent, PolitiqueVersionnee,
};
use domain::notifications::{Canal, Envoi, EnvoiEvent, Theme};
use domain::vie_de_l_eleve::{Sanction, SanctionEvent};
use domain::{
    Aggregate, AnneeScolaire, DivisionId, EnseignementId, EtablissementId, EvenementId, Event, PersonneId,
    TravailId,
};
use recits::bulletin::contenu;
use uuid::Uuid;

/// How many things there are to write.
pub const QUOI: u8 = 8;

/// One of them, with a text where it has one: the kind of its stream, and what happens there. What
/// begins a stream comes before what else happens in it.
pub fn of_a_pupil(
    what: u8,
    key: Uuid,
    eleve: PersonneId,
    begun: impl Fn(&str) -> bool,
    text: &str,
) -> Result<(&'static str, Event)> {
    let texte = text.to_owned();
    let written = match what {
        0 if begun(DossierAbsence::TYPE) => {
            (DossierAbsence::TYPE, Event::DossierAbsence(contact(eleve, texte)))
        }
        0 => (DossierAbsence::TYPE, Event::DossierAbsence(annonce(eleve, texte))),
        1 if begun(PeriodeDeNotes::TYPE) => {
            (PeriodeDeNotes::TYPE, Event::PeriodeDeNotes(PeriodeEvent::PeriodeDeverrouillee { motif: texte }))
        }
        1 => {
            let politique = PolitiqueVersionnee::default();
            let event = PeriodeEvent::PeriodeVerrouillee { fiche: periode(key, texte), politique };
            (PeriodeDeNotes::TYPE, Event::PeriodeDeNotes(event))
        }
        2 => {
            let contenu = Box::new(contenu(periode(key, "Trimestre".to_owned()), text));
            let Some(empreinte) = contenu.empreinte() else { bail!("a bulletin that has no digest") };
            (Bulletin::TYPE, Event::Bulletin(BulletinEvent::BulletinFige { eleve, contenu, empreinte }))
        }
        3 if begun(Seance::TYPE) => {
            (Seance::TYPE, Event::Seance(SeanceEvent::SeanceModifiee { contenu: contenu_de_seance(texte) }))
        }
        3 => (Seance::TYPE, Event::Seance(seance(key, texte))),
        4 => {
            let event =
                TravailEvent::TravailDonne { fiche: travail(key, texte), auteur: super::personne_of(9) };
            (Travail::TYPE, Event::Travail(event))
        }
        5 => {
            let (travail, auteur) = (TravailId(key), super::personne_of(9));
            let event = CopieEvent::CopieAnnotee { travail, eleve, auteur, annotation: texte };
            (Copie::TYPE, Event::Copie(event))
        }
        6 if begun(Sanction::TYPE) => {
            let event = SanctionEvent::ProcedureClassee { eleve, motif: texte, le: le() };
            (Sanction::TYPE, Event::Sanction(event))
        }
        6 => (Sanction::TYPE, Event::Sanction(procedure(eleve, texte))),
        _ if begun(Envoi::TYPE) => (Envoi::TYPE, Event::Envoi(EnvoiEvent::EnvoiRemis { message: texte })),
        _ => (Envoi::TYPE, Event::Envoi(envoi(key, eleve))),
    };
    Ok(written)
}

fn le() -> chrono::NaiveDate {
    "2026-11-23".parse().unwrap()
}

fn annonce(eleve: PersonneId, texte: String) -> DossierAbsenceEvent {
    let at = |text: &str| text.parse().unwrap();
    DossierAbsenceEvent::AbsenceAnnoncee {
        eleve,
        etablissement: EtablissementId::derived(&["collège"]),
        creneau: Creneau { debut: at("2026-11-24T08:00:00"), fin: at("2026-11-24T09:00:00") },
        justification: Justification {
            par: super::personne_of(8),
            motif: MotifDAbsence::legaux().swap_remove(0),
            texte: Some(texte),
            piece: None,
            pieces: vec![],
            recueil: None,
        },
    }
}

fn contact(eleve: PersonneId, texte: String) -> DossierAbsenceEvent {
    DossierAbsenceEvent::FamilleContactee {
        eleve,
        moyen: MoyenDeContact::Telephone,
        resume: Some(texte),
        par: super::personne_of(9),
        le: "2026-11-23T07:00:00Z".parse().unwrap(),
    }
}

fn periode(key: Uuid, libelle: String) -> FichePeriode {
    FichePeriode {
        division: DivisionId(key),
        annee: AnneeScolaire(2026),
        rang: 1,
        libelle,
        debut: "2026-09-01".parse().unwrap(),
        fin: "2026-11-30".parse().unwrap(),
    }
}

fn contenu_de_seance(titre: String) -> ContenuDeSeance {
    ContenuDeSeance { titre, avant: String::new(), apres: String::new() }
}

fn seance(key: Uuid, titre: String) -> SeanceEvent {
    let fiche = FicheSeance {
        enseignement: EnseignementId(key),
        auditoire: DivisionId::derived(&["6A"]).into(),
        date: le(),
        debut: "08:00:00".parse().unwrap(),
        fin: "09:00:00".parse().unwrap(),
    };
    let (contenu, auteur) = (contenu_de_seance(titre), super::personne_of(9));
    SeanceEvent::SeanceRedigee { fiche, contenu, auteur, reprise_de: None }
}

fn travail(key: Uuid, titre: String) -> FicheTravail {
    FicheTravail {
        enseignement: EnseignementId(key),
        auditoire: DivisionId::derived(&["6A"]).into(),
        donne_le: le(),
        pour_le: le(),
        titre,
        consigne: String::new(),
        minutes: 20,
        a_rendre: true,
    }
}

fn procedure(eleve: PersonneId, griefs: String) -> SanctionEvent {
    let par = super::personne_of(9);
    SanctionEvent::ProcedureEngagee { eleve, griefs, cas: None, incident: None, par, le: le() }
}

fn envoi(key: Uuid, destinataire: PersonneId) -> EnvoiEvent {
    EnvoiEvent::EnvoiPrepare {
        destinataire,
        canal: Canal::Courriel,
        annonce: EvenementId(key),
        theme: Theme::Absences,
        pas_avant: "2026-11-23T07:00:00Z".parse().unwrap(),
    }
}
