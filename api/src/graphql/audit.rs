//! The journal of a portal in GraphQL.

use super::annuaire::{Personne, portail_resource};
use super::context::{Here, Requete, fault, top_level};
use super::ids::key;
use super::pagination::invalid;
use super::position::Position;
use async_graphql::futures_util::{Stream, stream};
use async_graphql::{Context, ID, InputObject, Object, Result, Subscription};
use chrono::{DateTime, NaiveDate, Utc};
use commands::UseCaseError;
use commands::rights::{Acteur, Action};
use domain::journal::{NatureConsultation, Portee};
use domain::publications::Signalement;
use domain::{Aggregate, AnneeScolaire, PersonneId};
use ledger::unit as place;
use projections::audit::{self as views, Filtre, JournalDuPortail};
use projections::progress::Moves;
use projections::publications::Signalements;
use std::collections::VecDeque;
use uuid::Uuid;

/// Puts a reading of a portal's journal on the record before anything is shown, and says where;
/// none for who may not read it, which is on the record too.
pub(super) async fn consult(
    ctx: &Context<'_>,
    portail: &str,
    action: Action,
    portee: Portee,
    motif: Option<String>,
) -> Result<Option<place::Position>> {
    let requete = ctx.requete()?;
    let Ok(id) = portail.parse() else { return Ok(None) };
    let demande = requete.demande("consulterJournal", None, String::new()).await?;
    let motif = motif.unwrap_or_default();
    match requete.commands().consulter_journal(&demande, action, id, portee, motif).await {
        Ok(recorded) => {
            requete.remember(&recorded.position);
            Ok(Some(recorded.position))
        }
        Err(UseCaseError::Interdit) => Ok(None),
        Err(error) => Err(top_level(error)),
    }
}

/// Une ligne du journal : qui a fait quoi, quand, de quel droit.
pub struct EntreeDuJournal {
    row: views::Entree,
    /// Who asks may know who acted.
    acteur_connu: bool,
}

#[Object]
/// Une ligne du journal : qui a fait quoi, quand, de quel droit.
impl EntreeDuJournal {
    /// Place dans le journal, à partir de 1, sans trou.
    async fn position(&self) -> i64 {
        self.row.position
    }

    /// Type de l'événement, tel que le journal le garde.
    #[graphql(name = "type")]
    async fn event_type(&self) -> &str {
        &self.row.event_type
    }

    /// Instant de l'enregistrement.
    async fn enregistre_le(&self) -> DateTime<Utc> {
        self.row.enregistre_le
    }

    /// Jour auquel l'acte prend effet.
    async fn date_metier(&self) -> NaiveDate {
        self.row.date_metier
    }

    /// Compte qui a agi ; rien pour l'auteur d'un contenu, de qui le signale ou en juge.
    async fn compte(&self) -> Option<Uuid> {
        self.acteur_connu.then_some(self.row.compte)
    }

    /// Personne derrière ce compte, si l'annuaire la connaît et si le compte est montré.
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        match self.row.personne.filter(|_| self.acteur_connu) {
            Some(personne) => Personne::named(ctx, personne).await,
            None => Ok(None),
        }
    }

    /// En quelle qualité.
    async fn office(&self) -> &str {
        &self.row.office
    }

    /// De quel droit : les règles qui l'ont permis.
    async fn politiques(&self) -> &[String] {
        &self.row.politiques
    }

    /// Empreinte SHA-256 de l'ensemble des règles alors en vigueur.
    async fn empreinte_des_politiques(&self) -> &str {
        &self.row.politique_empreinte
    }

    /// Nature de l'objet de l'acte.
    async fn nature_de_l_objet(&self) -> &str {
        &self.row.flux_nature
    }

    /// Identifiant de l'objet de l'acte.
    async fn objet(&self) -> &str {
        &self.row.flux_id
    }

    /// Commande qui l'a causé, si le compte est montré.
    async fn commande(&self) -> Option<Uuid> {
        self.acteur_connu.then_some(self.row.commande)
    }

    /// Empreinte de l'enveloppe (RFC 6962), en hexadécimal.
    async fn empreinte(&self) -> &str {
        &self.row.empreinte
    }
}

impl EntreeDuJournal {
    /// Place of the line in its journal.
    pub(super) fn place(&self) -> i64 {
        self.row.position
    }

    /// A page of a journal before a place, as who asks may see it.
    pub async fn page(
        ctx: &Context<'_>,
        portail: &str,
        annee: i16,
        mut filtre: Filtre,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Self>> {
        let requete = ctx.requete()?;
        let (views, acteur) = (requete.views(), requete.acteur().await?);
        // To look for a person's acts is to ask who acted.
        if filtre.personne.is_some_and(|sought| !acteur.is(PersonneId(sought))) {
            for reader in acteur.identites() {
                let notices = Signalements::against(views, portail, reader.0).await.map_err(fault)?;
                filtre.anonymes.extend(notices.iter().map(Uuid::to_string));
            }
        }
        let rows = JournalDuPortail::page(views, portail, annee, &filtre, before, limit).await;
        let mut lines = Self::shown(ctx, acteur, rows.map_err(fault)?).await?;
        lines.retain(|line| filtre.personne.is_none() || line.acteur_connu);
        Ok(lines)
    }

    /// Lines as a reader may see them: the author of a content does not learn who reported
    /// it, whatever office he or she holds. A notice that its view does not know could be
    /// about anybody's content.
    async fn shown(ctx: &Context<'_>, acteur: &Acteur, rows: Vec<views::Entree>) -> Result<Vec<Self>> {
        let requete = ctx.requete()?;
        if let Some(last) = rows.iter().filter(|row| notice(row).is_some()).max_by_key(|row| row.position) {
            let portail = last.portail.parse().map_err(fault)?;
            let place =
                place::Position { portail, annee: AnneeScolaire(last.annee), position: last.position };
            requete.reach((Signalements::NAME, Signalements::VERSION), Some(&Position(place))).await?;
        }
        let notices = rows.iter().filter_map(notice);
        let known = requete.loaders().signalements.load_many(notices).await.map_err(fault)?;
        let show = |row: views::Entree| {
            let own = acteur.compte.is_some_and(|compte| compte.0 == row.compte)
                || row.personne.is_some_and(|personne| acteur.is(PersonneId(personne)));
            let of_another = |id| {
                let auteur = known.get(&id).map(|notice| PersonneId(notice.auteur));
                auteur.is_some_and(|auteur| !acteur.is(auteur))
            };
            let acteur_connu =
                own || row.flux_nature != Signalement::TYPE || notice(&row).is_some_and(of_another);
            Self { row, acteur_connu }
        };
        Ok(rows.into_iter().map(show).collect())
    }
}

/// The notice that a line is about.
fn notice(row: &views::Entree) -> Option<Uuid> {
    let about = row.flux_nature == Signalement::TYPE;
    about.then(|| row.flux_id.parse().ok()).flatten()
}

/// Quelles lignes du journal ; ce qui est absent ne filtre pas.
#[derive(InputObject, Default)]
pub struct FiltreInput {
    /// Début du type : `absences`, `absences.appel` ou `absences.appel.clos`.
    #[graphql(name = "type")]
    nature: Option<String>,
    personne_id: Option<ID>,
    /// Identifiant de l'objet, tel que `objet` le donne.
    objet: Option<String>,
    du: Option<DateTime<Utc>>,
    /// Exclu.
    au: Option<DateTime<Utc>>,
}

impl FiltreInput {
    /// What is looked for, in one line: ids only, as the record names persons.
    pub(super) fn said(&self) -> String {
        let personne = self.personne_id.as_ref().and_then(|id| key("Personne", id));
        let parts = [
            self.nature.as_ref().map(|nature| format!("type {nature}")),
            personne.map(|personne| format!("personne {personne}")),
            self.objet.as_ref().map(|objet| format!("objet {objet}")),
            self.du.map(|du| format!("du {}", du.to_rfc3339())),
            self.au.map(|au| format!("au {}", au.to_rfc3339())),
        ];
        let said: Vec<_> = parts.into_iter().flatten().collect();
        let said = if said.is_empty() { "toutes les lignes".to_owned() } else { said.join(", ") };
        without_controls(&said).chars().take(400).collect()
    }

    pub(super) fn read(self) -> Filtre {
        Filtre {
            nature: self.nature.as_deref().map(without_controls),
            // An id of another type is nobody's: no line.
            personne: self.personne_id.map(|id| key("Personne", &id).unwrap_or_default()),
            anonymes: Vec::new(),
            objet: self.objet.as_deref().map(without_controls),
            du: self.du,
            au: self.au,
        }
    }
}

/// What is looked for, fit for the database, which knows no text with U+0000 in it: nothing of
/// the record has a control character in its name.
fn without_controls(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Subscriptions to journals.
#[derive(Default)]
pub struct AuditSubscription;

#[Subscription]
impl AuditSubscription {
    /// Suit le journal d'un portail, à partir de maintenant ou d'une place, d'une année
    /// scolaire à la suivante. Le droit est vérifié à chaque envoi. Qui suit le journal y est
    /// inscrit, avec son motif.
    async fn journal<'a>(
        &self,
        ctx: &'a Context<'a>,
        portail: String,
        depuis: Option<Position>,
        #[graphql(desc = "Pourquoi vous suivez le journal ; obligatoire.")] motif: Option<String>,
    ) -> Result<impl Stream<Item = EntreeDuJournal> + 'a> {
        let place = match depuis {
            Some(Position(place)) if place.portail.as_str() != portail => {
                return Err(invalid("« depuis » est une place du journal d'un autre portail.".to_owned()));
            }
            Some(Position(place)) => Some((place.annee, place.position)),
            None => None,
        };
        let objet = match place {
            Some((annee, position)) => format!("à partir du n° {position} de {annee}"),
            None => "à partir de maintenant".to_owned(),
        };
        let portee = Portee { nature: NatureConsultation::Suivi, annee: None, objet };
        let consulted = consult(ctx, &portail, Action::SuivreJournal, portee, motif).await?;
        let place = place.or(consulted.map(|place| (place.annee, place.position)));
        let suivi = Suivi { portail, place, waiting: VecDeque::new(), moves: None };
        Ok(stream::unfold(suivi, move |mut suivi| async move {
            let line = suivi.next(ctx).await.ok()??;
            Some((line, suivi))
        }))
    }
}

/// A journal that somebody follows.
struct Suivi {
    portail: String,
    /// Year and place of the last line read; where the journal ends, until it was looked up.
    place: Option<(AnneeScolaire, i64)>,
    /// Read, and not sent yet.
    waiting: VecDeque<views::Entree>,
    /// Of the view, on this portal; none until who follows was found to be allowed to.
    moves: Option<Moves>,
}

impl Suivi {
    /// The next line; none once who follows may not, or the program stops.
    async fn next(&mut self, ctx: &Context<'_>) -> Result<Option<EntreeDuJournal>> {
        let requete = ctx.requete()?;
        loop {
            let acteur = requete.acteur_now().await?;
            let Some(resource) = portail_resource(ctx, &self.portail).await? else { return Ok(None) };
            if requete.commands().permit(&acteur, Action::SuivreJournal, &resource).is_err() {
                return Ok(None);
            }
            if let Some(row) = self.waiting.pop_front() {
                return Ok(EntreeDuJournal::shown(ctx, &acteur, vec![row]).await?.pop());
            }
            let mut moves = match self.moves.take() {
                Some(moves) => moves,
                None => {
                    requete.progress().moves(JournalDuPortail::NAME, &self.portail.parse().map_err(fault)?)
                }
            };
            moves.mark_seen();
            if !self.read(requete).await? && !moves.next().await {
                return Ok(None);
            }
            self.moves = Some(moves);
        }
    }

    /// Reads on, into the next year where one has ended; false where there is nothing yet.
    async fn read(&mut self, requete: &dyn Requete) -> Result<bool> {
        let (views, now) = (requete.views(), AnneeScolaire::at(requete.commands().now()));
        let (annee, last) = match self.place {
            Some(place) => place,
            None => {
                let all = Filtre::default();
                let newest = JournalDuPortail::page(views, &self.portail, now.0, &all, None, 1).await;
                (now, newest.map_err(fault)?.first().map_or(0, |row| row.position))
            }
        };
        let rows = JournalDuPortail::after(views, &self.portail, annee.0, last, 100).await.map_err(fault)?;
        let ended = rows.is_empty() && annee < now;
        self.place = Some(match rows.last() {
            None if ended => (AnneeScolaire(annee.0.saturating_add(1)), 0),
            None => (annee, last),
            Some(row) => (annee, row.position),
        });
        let read = ended || !rows.is_empty();
        self.waiting.extend(rows);
        Ok(read)
    }
}
