//! The journal of a portal in GraphQL.

use super::annuaire::{Personne, portail_resource};
use super::context::{Here, fault};
use super::ids::key;
use super::position::Position;
use async_graphql::futures_util::{Stream, stream};
use async_graphql::{Context, ID, InputObject, Object, Result, Subscription};
use chrono::{DateTime, NaiveDate, Utc};
use commands::rights::Action;
use domain::AnneeScolaire;
use projections::audit::{self as views, Filtre, JournalDuPortail};
use std::collections::VecDeque;
use uuid::Uuid;

/// Une ligne du journal : qui a fait quoi, quand, de quel droit.
pub struct EntreeDuJournal(pub views::Entree);

#[Object]
/// Une ligne du journal : qui a fait quoi, quand, de quel droit.
impl EntreeDuJournal {
    /// Place dans le journal, à partir de 1, sans trou.
    async fn position(&self) -> i64 {
        self.0.position
    }

    /// Type de l'événement, tel que le journal le garde.
    #[graphql(name = "type")]
    async fn event_type(&self) -> &str {
        &self.0.event_type
    }

    /// Instant de l'enregistrement.
    async fn enregistre_le(&self) -> DateTime<Utc> {
        self.0.enregistre_le
    }

    /// Jour auquel l'acte prend effet.
    async fn date_metier(&self) -> NaiveDate {
        self.0.date_metier
    }

    /// Compte qui a agi.
    async fn compte(&self) -> Uuid {
        self.0.compte
    }

    /// Personne derrière ce compte, si l'annuaire la connaît.
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        match self.0.personne {
            Some(personne) => Personne::named(ctx, personne).await,
            None => Ok(None),
        }
    }

    /// En quelle qualité.
    async fn office(&self) -> &str {
        &self.0.office
    }

    /// De quel droit : les règles qui l'ont permis.
    async fn politiques(&self) -> &[String] {
        &self.0.politiques
    }

    /// Empreinte SHA-256 de l'ensemble des règles alors en vigueur.
    async fn empreinte_des_politiques(&self) -> &str {
        &self.0.politique_empreinte
    }

    /// Nature de l'objet de l'acte.
    async fn nature_de_l_objet(&self) -> &str {
        &self.0.flux_nature
    }

    /// Identifiant de l'objet de l'acte.
    async fn objet(&self) -> &str {
        &self.0.flux_id
    }

    /// Commande qui l'a causé.
    async fn commande(&self) -> Uuid {
        self.0.commande
    }

    /// Empreinte de l'enveloppe (RFC 6962), en hexadécimal.
    async fn empreinte(&self) -> &str {
        &self.0.empreinte
    }
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
    pub(super) fn read(self) -> Filtre {
        Filtre {
            nature: self.nature,
            // An id of another type is nobody's: no line.
            personne: self.personne_id.map(|id| key("Personne", &id).unwrap_or_default()),
            objet: self.objet,
            du: self.du,
            au: self.au,
        }
    }
}

/// Subscriptions to journals.
#[derive(Default)]
pub struct AuditSubscription;

#[Subscription]
impl AuditSubscription {
    /// Suit le journal d'un portail, à partir de maintenant ou d'une place. Le droit est
    /// vérifié à chaque envoi.
    async fn journal<'a>(
        &self,
        ctx: &'a Context<'a>,
        portail: String,
        depuis: Option<Position>,
    ) -> Result<impl Stream<Item = EntreeDuJournal> + 'a> {
        let requete = ctx.requete()?;
        let annee = AnneeScolaire::at(requete.commands().now()).0;
        let last = match depuis {
            Some(Position(position)) => position.position,
            None => {
                let (views, all) = (requete.views(), Filtre::default());
                let newest =
                    JournalDuPortail::page(views, &portail, annee, &all, None, 1).await.map_err(fault)?;
                newest.first().map_or(0, |row| row.position)
            }
        };
        let state = (requete.progress().moves(), last, VecDeque::new(), portail);
        Ok(stream::unfold(state, move |(mut moves, mut last, mut waiting, portail)| async move {
            loop {
                let acteur = requete.acteur_now().await.ok()?;
                let resource = portail_resource(ctx, &portail).await.ok()??;
                requete.commands().permit(&acteur, Action::SuivreJournal, &resource).ok()?;
                if let Some(row) = waiting.pop_front() {
                    return Some((EntreeDuJournal(row), (moves, last, waiting, portail)));
                }
                moves.mark_unchanged();
                let rows = JournalDuPortail::after(requete.views(), &portail, annee, last, 100).await.ok()?;
                match rows.last() {
                    Some(row) => {
                        last = row.position;
                        waiting.extend(rows);
                    }
                    None => moves.changed().await.ok()?,
                }
            }
        }))
    }
}
