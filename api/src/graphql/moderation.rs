//! Moderation in GraphQL: notices and decisions (DSA, art. 16 and 17), and how spaces are moderated.

mod chronologie;
mod espaces;
mod mutations;

pub use espaces::{EspaceModere, ModeDeModeration};
pub use mutations::ModerationMutation;

use super::annuaire::Personne;
use super::context::{Here, fault};
use super::ids::{global, key};
use super::pagination::Page;
use super::position::Position;
use super::publications::Publication;
use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use chronologie::Etape;
use commands::rights::Action;
use commands::rights_of;
use domain::publications::{self as domaine, Decision, MotifSignalement};
use domain::{PersonneId, PortailId};
use projections::portails as carriers;
use projections::publications::{self as views, Signalements};
use serde::de::value::Error as WordError;
use serde::de::{Deserialize, IntoDeserializer};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Signalements::NAME, Signalements::VERSION);

/// Queries of notices.
#[derive(Default)]
pub struct ModerationQuery;

#[Object]
impl ModerationQuery {
    /// Un signalement, pour qui l'a fait et pour qui modère.
    async fn signalement(
        &self,
        ctx: &Context<'_>,
        id: ID,
        apres: Option<Position>,
    ) -> Result<Option<Signalement>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        match key("Signalement", &id) {
            Some(id) => Signalement::load(ctx, id).await,
            None => Ok(None),
        }
    }
}

/// Le signalement d'un contenu.
pub struct Signalement {
    row: views::Signalement,
    /// Who asks may know who gave notice.
    signalant_connu: bool,
}

#[Object]
/// Le signalement d'un contenu.
impl Signalement {
    pub async fn id(&self) -> ID {
        global("Signalement", self.row.id)
    }

    /// La publication signalée, pour qui peut encore la lire.
    async fn publication(&self, ctx: &Context<'_>) -> Result<Option<Publication>> {
        Publication::load(ctx, self.row.publication).await
    }

    /// La version vue.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// SHA-256 du contenu exact qui a été vu, en hexadécimal.
    async fn empreinte(&self) -> &str {
        &self.row.empreinte
    }

    /// Ce qui est reproché.
    async fn motif(&self) -> Result<MotifDeSignalement> {
        of_word::<MotifSignalement>(&self.row.motif).map(Into::into)
    }

    /// Pourquoi.
    async fn explication(&self) -> &str {
        &self.row.explication
    }

    /// Qui a signalé ; jamais pour l'auteur du contenu.
    async fn signalant(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        match self.signalant_connu {
            true => Personne::named(ctx, self.row.signalant).await,
            false => Ok(None),
        }
    }

    /// Instant de la réception.
    async fn recu_le(&self) -> DateTime<Utc> {
        self.row.recu_le
    }

    /// Première connaissance par qui modère.
    async fn connu_du_moderateur_le(&self) -> Option<DateTime<Utc>> {
        self.row.connu_du_moderateur_le
    }

    /// Première connaissance par le directeur de la publication.
    async fn connu_du_directeur_le(&self) -> Option<DateTime<Utc>> {
        self.row.connu_du_directeur_le
    }

    /// Ce qui a été décidé ; rien tant que ce n'est pas tranché.
    async fn decision(&self) -> Result<Option<DecisionDeModeration>> {
        let decision = self.row.decision.as_deref().map(of_word::<Decision>).transpose()?;
        Ok(decision.map(Into::into))
    }

    /// Les motifs de la décision.
    async fn motifs(&self) -> Option<MotifsDeDecision> {
        self.row.motifs.clone().map(Into::into)
    }

    /// Instant de la décision.
    async fn decide_le(&self) -> Option<DateTime<Utc>> {
        self.row.decide_le
    }

    /// Qui a su quoi, quand : de la mise en ligne à la décision et à ses suites. Pour qui
    /// modère le portail.
    async fn chronologie(&self, ctx: &Context<'_>) -> Result<Option<Vec<Etape>>> {
        let all = rights_of::signalements(self.row.portail.parse().map_err(fault)?);
        if !ctx.requete()?.may(Action::LireSignalement, &all).await? {
            return Ok(None);
        }
        chronologie::of(ctx, &self.row).await.map(Some)
    }
}

impl Signalement {
    /// The notice, for who may read it.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let row = ctx.requete()?.loaders().signalements.load_one(id).await.map_err(fault)?;
        Ok(Self::permitted(ctx, row.into_iter().collect()).await?.pop())
    }

    /// The notices received on a portal, for who asks.
    pub async fn received(
        ctx: &Context<'_>,
        portail: &carriers::Portail,
        undecided: bool,
        page: Page<(DateTime<Utc>, Uuid)>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Self>>> {
        let requete = ctx.requete()?;
        requete.reach(VIEW, apres.as_ref()).await?;
        let all = rights_of::signalements(portail.id.parse().map_err(fault)?);
        let (views, after, limit) = (requete.views(), page.after, page.limit());
        let rows = if requete.may(Action::LireSignalement, &all).await? {
            Signalements::of_portail(views, &portail.id, undecided, after, limit).await
        } else if let Some(signalant) = requete.acteur().await?.personne {
            Signalements::of_signalant(views, &portail.id, signalant.0, undecided, after, limit).await
        } else {
            return Ok(None);
        };
        let signalements = Self::permitted(ctx, rows.map_err(fault)?).await?;
        Ok(Some(page.connection(signalements, |one| (one.row.recu_le, one.row.id), |one| one)))
    }

    /// Of these notices, those that who asks may read. Who may decide may know who gave
    /// notice: never the author of the content, whatever office he or she holds.
    async fn permitted(ctx: &Context<'_>, rows: Vec<views::Signalement>) -> Result<Vec<Self>> {
        let requete = ctx.requete()?;
        let (acteur, commands) = (requete.acteur().await?, requete.commands());
        let read = |row: views::Signalement| {
            let portail: PortailId = row.portail.parse().ok()?;
            let resource = rights_of::signalement(&row, portail);
            commands.permit(acteur, Action::LireSignalement, &resource).ok()?;
            let decides = commands.permit(acteur, Action::RendreDecision, &resource).is_ok();
            let signalant_connu = decides || acteur.is(PersonneId(row.signalant));
            Some(Self { row, signalant_connu })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }
}

/// Ce qui est reproché à un contenu.
#[derive(Enum, Copy, Clone, PartialEq, Eq, Debug)]
#[graphql(remote = "MotifSignalement")]
pub enum MotifDeSignalement {
    /// Harcèlement (code pénal, art. 222-33-2-3).
    Harcelement,
    /// Incitation à la haine (loi du 29 juillet 1881, art. 24).
    Haine,
    /// Atteinte à la vie privée (code civil, art. 9).
    AtteinteViePrivee,
    /// Inapproprié pour les élèves qui peuvent le lire.
    ContenuInapproprie,
    /// Œuvre d'un autre.
    DroitDAuteur,
    /// Autre chose, que l'explication dit.
    Autre,
}

/// Ce que devient un contenu signalé.
#[derive(Enum, Copy, Clone, PartialEq, Eq, Debug)]
#[graphql(remote = "Decision")]
pub enum DecisionDeModeration {
    /// Il reste.
    Maintien,
    /// Il est retiré pour toujours.
    Retrait,
    /// Il est caché.
    Masquage,
}

/// Sur quoi une décision se fonde.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum NatureDuFondement {
    /// La loi.
    Illegal,
    /// Les conditions d'utilisation.
    Conditions,
}

/// Le fondement d'une décision.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "FondementInput")]
pub struct Fondement {
    nature: NatureDuFondement,
    /// L'article de loi, ou la clause des conditions d'utilisation.
    texte: String,
}

/// Les motifs d'une décision (règlement (UE) 2022/2065, art. 17 §3).
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "MotifsDeDecisionInput")]
pub struct MotifsDeDecision {
    /// Les faits retenus.
    faits: String,
    fondement: Fondement,
    /// L'étendue et la durée de la mesure, si elle est limitée.
    portee: Option<String>,
    /// Des moyens automatisés ont servi à trouver ou à décider.
    moyens_automatises: bool,
    /// Comment contester la décision.
    voies_de_recours: String,
}

impl From<domaine::MotifsDeDecision> for MotifsDeDecision {
    fn from(motifs: domaine::MotifsDeDecision) -> Self {
        let domaine::MotifsDeDecision { faits, fondement, portee, moyens_automatises, voies_de_recours } =
            motifs;
        let (nature, texte) = match fondement {
            domaine::Fondement::Illegal { texte } => (NatureDuFondement::Illegal, texte),
            domaine::Fondement::Conditions { clause } => (NatureDuFondement::Conditions, clause),
        };
        let fondement = Fondement { nature, texte };
        Self { faits, fondement, portee, moyens_automatises, voies_de_recours }
    }
}

impl From<MotifsDeDecision> for domaine::MotifsDeDecision {
    fn from(motifs: MotifsDeDecision) -> Self {
        let MotifsDeDecision { faits, fondement, portee, moyens_automatises, voies_de_recours } = motifs;
        let Fondement { nature, texte } = fondement;
        let fondement = match nature {
            NatureDuFondement::Illegal => domaine::Fondement::Illegal { texte },
            NatureDuFondement::Conditions => domaine::Fondement::Conditions { clause: texte },
        };
        Self { faits, fondement, portee, moyens_automatises, voies_de_recours }
    }
}

/// The choice that a view stores under the word of the record.
fn of_word<'a, T: Deserialize<'a>>(word: &'a str) -> Result<T> {
    let deserializer: serde::de::value::StrDeserializer<'a, WordError> = word.into_deserializer();
    T::deserialize(deserializer).map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_back_from_the_word_of_the_record() {
        assert_eq!(of_word::<MotifSignalement>("droit_d_auteur").unwrap(), MotifSignalement::DroitDAuteur);
        assert_eq!(of_word::<Decision>("masquage").unwrap(), Decision::Masquage);
        assert!(of_word::<Decision>("oubli").is_err());
    }

    #[test]
    fn reasons_are_the_same_on_both_sides_of_the_door() {
        for fondement in [
            domaine::Fondement::Illegal { texte: "code pénal, art. 222-33-2-3".to_owned() },
            domaine::Fondement::Conditions { clause: "art. 4".to_owned() },
        ] {
            let motifs = domaine::MotifsDeDecision {
                faits: "Le texte se moque d'une élève.".to_owned(),
                fondement,
                portee: None,
                moyens_automatises: false,
                voies_de_recours: "Recours auprès du chef d'établissement.".to_owned(),
            };
            assert_eq!(domaine::MotifsDeDecision::from(MotifsDeDecision::from(motifs.clone())), motifs);
        }
    }
}
