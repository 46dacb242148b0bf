//! `raconter`: the life of one object, act by act, as French sentences with their proofs.

mod prevenus;

use crate::cli::{self, Nature};
use crate::connection::Source;
use crate::date::spoken;
use crate::obstacle::Obstacle;
use crate::recit::{Noms, intitule, office, phrase};
use crate::verdict::Verdict;
use chrono::{DateTime, Utc};
use domain::absences::{Appel, AppelEvent, DossierAbsence};
use domain::annuaire::{BasculeEvent, GroupeEvent};
use domain::cahier_de_textes::{EmploiDuTempsEvent, Modification};
use domain::conservation::GelEvent;
use domain::journal::Consultation;
use domain::notes::{Evaluation, EvaluationEvent};
use domain::notifications::EnvoiEvent;
use domain::portails::{Portail, PortailEvent};
use domain::publications::{Publication, PublicationEvent, Signalement, SignalementEvent};
use domain::vie_de_l_eleve::IncidentEvent;
use domain::{Aggregate, CompteId, Event, PersonneId};
use ledger::envelope::Stream;
use ledger::feed::{Content, Fact, facts_of, facts_of_kind};
use ledger::keys::KeyRing;
use ledger::seal::hex;
use serde_json::json;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::io::{self, Write};
use uuid::Uuid;

/// The act that puts a version online, as the record calls it.
const PUBLIEE: &str = "publications.publication.publiee";

/// Runs the subcommand.
pub async fn run(source: &Source, options: &cli::Raconter, out: &mut dyn Write) -> Result<Verdict, Obstacle> {
    let mut connection = source.reader().await?;
    let keys = source.keys(&mut connection).await?.ok_or(Obstacle::NoKek)?;
    let facts = life(&mut connection, &keys, &options.objet, None).await?;
    if facts.is_empty() {
        return Err(Obstacle::NoObject);
    }
    let noms = Noms::of(&mut connection, &facts).await?;
    for fact in &facts {
        let line = Acte { fact, noms: &noms };
        if options.json { line.write_json(out)? } else { line.write(out)? }
    }
    let unreadable = facts.iter().any(|fact| matches!(fact.content, Content::Unreadable(_)));
    Ok(if unreadable { Verdict::Indetermine } else { Verdict::Valide })
}

/// The acts that make the life of the object, in the order in which they were recorded: those that
/// were on record at an instant, if one is given. The life of a notice begins when what it is
/// against was put online; that of a roll or of marks goes on with who was told of them.
pub async fn life(
    connection: &mut PgConnection,
    keys: &KeyRing,
    objet: &cli::Objet,
    au: Option<DateTime<Utc>>,
) -> Result<Vec<Fact>, Obstacle> {
    let (kind, concerned) = match objet.nature {
        Nature::Appel => (Appel::TYPE, objet.eleve),
        Nature::Absence => (DossierAbsence::TYPE, None),
        Nature::Evaluation => (Evaluation::TYPE, objet.eleve),
        Nature::Publication => (Publication::TYPE, None),
        Nature::Signalement => (Signalement::TYPE, None),
        Nature::Consultation => (Consultation::TYPE, None),
        Nature::Office => (Portail::TYPE, Some(objet.id)),
    };
    let mut facts = match objet.nature {
        Nature::Office => facts_of_kind(connection, keys, kind).await?,
        Nature::Appel
        | Nature::Absence
        | Nature::Evaluation
        | Nature::Publication
        | Nature::Signalement
        | Nature::Consultation => {
            let stream = Stream { kind: kind.to_owned(), id: objet.id.to_string() };
            facts_of(connection, keys, &[stream]).await?
        }
    };
    if let Some(personne) = concerned {
        let subjects = subjects(connection, &facts).await?;
        let personne = PersonneId(personne);
        facts.retain(|fact| match fact.event() {
            Some(event) => concerns(event, personne),
            // Of an erased content only its key's subject is left to tell whom it was about.
            None => subjects.get(&fact.envelope.key_id.0).is_some_and(|subject| {
                let of_the_object = objet.nature != Nature::Office && subject.starts_with("portail:");
                of_the_object || *subject == format!("personne:{personne}")
            }),
        });
    }
    let mut facts = known(facts, au)?;
    let parutions = parutions(connection, keys, &facts).await?;
    if objet.nature.se_dit_aux_familles() {
        let mut envois = prevenus::envois(connection, keys, &facts).await?;
        envois.retain(|fact| au.is_none_or(|au| fact.envelope.recorded_at <= au));
        facts.extend(envois);
    }
    facts.extend(parutions);
    facts.sort_by(|a, b| (a.envelope.recorded_at, &a.position).cmp(&(b.envelope.recorded_at, &b.position)));
    Ok(facts)
}

/// Of these facts, those that were on record at an instant.
fn known(mut facts: Vec<Fact>, au: Option<DateTime<Utc>>) -> Result<Vec<Fact>, Obstacle> {
    let Some(au) = au else { return Ok(facts) };
    let any = !facts.is_empty();
    facts.retain(|fact| fact.envelope.recorded_at <= au);
    if any && facts.is_empty() { Err(Obstacle::NotKnownThen(spoken(au))) } else { Ok(facts) }
}

/// What put online the version that a notice among these facts is against, before the notice was
/// received: each says how the space was moderated then, and so who answers for what.
async fn parutions(
    connection: &mut PgConnection,
    keys: &KeyRing,
    facts: &[Fact],
) -> Result<Vec<Fact>, Obstacle> {
    let received = facts.iter().find_map(|fact| {
        let Some(Event::Signalement(SignalementEvent::SignalementRecu { contenu, .. })) = fact.event() else {
            return None;
        };
        Some((contenu, fact.envelope.recorded_at))
    });
    let Some((signale, recu_le)) = received else { return Ok(Vec::new()) };
    let stream = Stream { kind: Publication::TYPE.to_owned(), id: signale.publication.to_string() };
    let mut acts = facts_of(connection, keys, &[stream]).await?;
    acts.retain(|act| {
        let of_it = match act.event() {
            Some(Event::Publication(PublicationEvent::PublicationPubliee { version, .. })) => {
                *version == signale.version
            }
            Some(_) => false,
            // Of an erased one nothing tells the version: it is shown, and said to be erased.
            None => act.envelope.event_type == PUBLIEE,
        };
        of_it && act.envelope.recorded_at <= recu_le
    });
    Ok(acts)
}

/// Whom the key of each fact belongs to.
async fn subjects(connection: &mut PgConnection, facts: &[Fact]) -> sqlx::Result<BTreeMap<Uuid, String>> {
    let ids: Vec<_> = facts.iter().map(|fact| fact.envelope.key_id.0).collect();
    let rows: Vec<(Uuid, String)> = sqlx::query_as("SELECT id, subject FROM ledger.keys WHERE id = ANY ($1)")
        .bind(ids)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Whether an act touches this person, or the object as a whole.
fn concerns(event: &Event, personne: PersonneId) -> bool {
    match event {
        Event::Appel(event) => match event {
            AppelEvent::AppelOuvert { .. }
            | AppelEvent::AppelClos { .. }
            | AppelEvent::AppelRappele { .. } => true,
            AppelEvent::AbsenceConstatee { eleve }
            | AppelEvent::RetardConstate { eleve, .. }
            | AppelEvent::PresenceRetablie { eleve }
            | AppelEvent::AppelCorrige { eleve, .. }
            | AppelEvent::IncidentNote { eleve, .. }
            | AppelEvent::IncidentRetire { eleve, .. } => *eleve == personne,
        },
        Event::Evaluation(event) => match event {
            EvaluationEvent::EvaluationCreee { .. } | EvaluationEvent::EvaluationPubliee { .. } => true,
            EvaluationEvent::NoteSaisie { eleve, .. }
            | EvaluationEvent::NoteCorrigee { eleve, .. }
            | EvaluationEvent::CompetencePositionnee { eleve, .. } => *eleve == personne,
        },
        Event::EmploiDuTemps(event) => match event {
            EmploiDuTempsEvent::CoursPlace { cours, .. } => {
                cours.enseignants.iter().any(|one| one.qui == personne)
            }
            EmploiDuTempsEvent::OccurrenceModifiee { modification, .. } => match modification {
                Modification::Changee { enseignants, .. } => {
                    enseignants.iter().flatten().any(|one| *one == personne)
                }
                Modification::Annulee { .. } => false,
            },
            EmploiDuTempsEvent::CoursRetire { .. }
            | EmploiDuTempsEvent::OccurrenceRetablie { .. }
            | EmploiDuTempsEvent::SemainesAFixees { .. } => false,
        },
        Event::Portail(event) => match event {
            PortailEvent::PortailOuvert { .. } => false,
            PortailEvent::DirectionPrise { directeur, delegant, .. } => {
                *directeur == personne || *delegant == Some(personne)
            }
            PortailEvent::DirectionTerminee { directeur, .. } => *directeur == personne,
            PortailEvent::DelegationAccordee { administrateur, par, .. } => {
                *administrateur == personne || *par == personne
            }
            PortailEvent::DelegationRevoquee { administrateur, .. } => *administrateur == personne,
        },
        Event::Gels(event) => match event {
            GelEvent::GelPose { portee, .. } => portee.personne.is_none_or(|protegee| protegee == personne),
            GelEvent::GelLeve { .. } => true,
        },
        Event::Groupes(event) => match event {
            GroupeEvent::PersonneInscrite { personne: qui, .. }
            | GroupeEvent::PersonneDesinscrite { personne: qui, .. }
            | GroupeEvent::EncadrantNomme { encadrant: qui, .. }
            | GroupeEvent::EncadrantRetire { encadrant: qui, .. } => *qui == personne,
            GroupeEvent::GroupeCree { .. }
            | GroupeEvent::GroupeRenomme { .. }
            | GroupeEvent::EnsembleInclus { .. }
            | GroupeEvent::EnsembleExclu { .. }
            | GroupeEvent::GroupeReconduit { .. }
            | GroupeEvent::GroupeClos { .. } => false,
        },
        Event::Bascule(event) => match event {
            BasculeEvent::AffectationPrevue { eleve: qui, .. }
            | BasculeEvent::EnseignementPrevu { enseignant: qui, .. } => *qui == personne,
            BasculeEvent::BasculePreparee { .. }
            | BasculeEvent::DivisionsPrevues { .. }
            | BasculeEvent::EnseignementsRepris { .. }
            | BasculeEvent::GroupesGardes { .. }
            | BasculeEvent::AnneeBasculee { .. }
            | BasculeEvent::BasculeAchevee { .. } => false,
        },
        Event::Appreciations(_)
        | Event::ConseilDeClasse(_)
        | Event::Bulletin(_)
        | Event::Positionnements(_) => event.subject() == Some(personne),
        Event::Incident(event) => match event {
            IncidentEvent::ProtagonisteImplique { personne: qui, .. }
            | IncidentEvent::ProtagonisteSuivi { personne: qui, .. } => *qui == personne,
            IncidentEvent::IncidentSignale { .. }
            | IncidentEvent::InstanceAvertie { .. }
            | IncidentEvent::IncidentClos { .. } => false,
        },
        Event::Politiques(_)
        | Event::PeriodeDeNotes(_)
        | Event::Punition(_)
        | Event::Sanction(_)
        | Event::Mot(_)
        | Event::Passage(_)
        | Event::Stage(_)
        | Event::Etablissement(_)
        | Event::Personne(_)
        | Event::Alimentation(_)
        | Event::Seance(_)
        | Event::Travail(_)
        | Event::Copie(_)
        | Event::Cahier(_)
        | Event::Abonnement(_)
        | Event::Piece(_)
        | Event::Adhesion(_)
        | Event::Catalogue(_)
        | Event::Theme(_)
        | Event::MiseEnGarde(_)
        | Event::Habilitation(_)
        | Event::Intervention(_)
        | Event::Calendrier(_)
        | Event::Remplacements(_)
        | Event::Identite(_)
        | Event::Inscription(_)
        | Event::Remise(_)
        | Event::Rectification(_)
        | Event::DossierAbsence(_)
        | Event::Collective(_)
        | Event::Dispense(_)
        | Event::Reglement(_)
        | Event::Assiduite(_)
        | Event::Publication(_)
        | Event::Signalement(_)
        | Event::Espaces(_)
        | Event::Destruction(_)
        | Event::Consultation(_)
        | Event::Verification(_)
        | Event::Liaison(_)
        | Event::Session(_)
        | Event::Compte(_)
        | Event::Tentative(_)
        | Event::Preferences(_)
        | Event::Envoi(_) => true,
    }
}

/// One act, told.
pub struct Acte<'a> {
    /// As it stands on the record.
    pub fact: &'a Fact,
    /// Who is who in it.
    pub noms: &'a Noms,
}

impl Acte<'_> {
    /// Who acted.
    pub fn author(&self) -> String {
        let actor = &self.fact.envelope.actor;
        if let Some(personne) = actor.personne {
            return self.noms.personne(personne);
        }
        match self.noms.get(actor.compte.0) {
            Some(name) => name.to_owned(),
            None if actor.compte == CompteId::NONE => "La plateforme".to_owned(),
            None => format!("Le compte {}", actor.compte),
        }
    }

    /// What was done, or what is left of it.
    pub fn sentence(&self) -> String {
        let title = intitule(&self.fact.envelope.event_type);
        match &self.fact.content {
            Content::Opened(event) => match self.envoi(event) {
                Some(envoi) => format!("{} ({envoi})", phrase(event, self.noms)),
                None => phrase(event, self.noms),
            },
            Content::Erased => format!("a accompli un acte dont le contenu a été effacé : {title}"),
            Content::Unreadable(_) => {
                format!("a accompli un acte que cette version du programme ne sait pas lire : {title}")
            }
        }
    }

    /// Which envoi this became of: only the act that prepared it says to whom it is.
    fn envoi(&self, event: &Event) -> Option<&str> {
        match event {
            Event::Envoi(EnvoiEvent::EnvoiPrepare { .. }) => None,
            Event::Envoi(_) => self.noms.get(Uuid::parse_str(&self.fact.envelope.stream.id).ok()?),
            _ => None,
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Fact { position, envelope, leaf_hash, .. } = self.fact;
        let (when, who, what) = (spoken(envelope.recorded_at), self.author(), self.sentence());
        writeln!(out, "Le {when}, {} ({}) {}.", calm(&who), office(&envelope.actor.office), calm(&what))?;
        let rules = match envelope.authority.policies.as_slice() {
            [] => "aucune règle".to_owned(),
            policies => policies.join(", "),
        };
        writeln!(out, "    De quel droit : {rules} (jeu de règles {})", envelope.authority.policy_set)?;
        writeln!(out, "    Au journal : {position}, feuille {}", hex(leaf_hash))
    }

    /// Writes it as one line of JSON.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let Fact { position, envelope, leaf_hash, content } = self.fact;
        let contenu = match content {
            Content::Opened(_) => "ouvert",
            Content::Erased => "efface",
            Content::Unreadable(_) => "illisible",
        };
        let told = json!({
            "enregistre_le": envelope.recorded_at,
            "date_metier": envelope.business_date,
            "compte": envelope.actor.compte,
            "personne": envelope.actor.personne,
            "auteur": self.author(),
            "office": envelope.actor.office,
            "politiques": envelope.authority.policies,
            "jeu_de_politiques": envelope.authority.policy_set,
            "type": envelope.event_type,
            "phrase": self.sentence(),
            "contenu": contenu,
            "evenement": envelope.event_id,
            "place": position.to_string(),
            "empreinte": hex(leaf_hash),
        });
        writeln!(out, "{told}")
    }
}

/// Contents come from users: what would move a terminal's cursor is shown as a dot.
pub fn calm(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}
