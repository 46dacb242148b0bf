//! Procedures and sanctions, as the pupil's file shows them.

mod mutation;

pub use mutation::SanctionMutation;

use super::incident::CasDEngagement;
use super::{may_dossier, stored};
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use crate::graphql::ids::global;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::NaiveDate;
use commands::rights::Action;
use domain::SanctionId;
use domain::vie_de_l_eleve as domaine;
use projections::vie_de_l_eleve::{self as views, Sanctions};

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Sanctions::NAME, Sanctions::VERSION);

/// Les sanctions (code de l'éducation, art. R511-13).
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum NatureDeSanction {
    Avertissement,
    Blame,
    /// Mesure de responsabilisation.
    Responsabilisation,
    ExclusionDeLaClasse,
    ExclusionDeLEtablissement,
    /// De la restauration ou de l'internat.
    ExclusionDAnnexe,
    ExclusionDefinitive,
}

/// Le degré d'une sanction dans l'échelle.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::Degre")]
pub enum DegreDeSanction {
    Avertissement,
    Blame,
    Responsabilisation,
    ExclusionTemporaire,
    ExclusionDefinitive,
}

/// Comment un élève s'est défendu.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum FormeDeDefense {
    /// Entendu.
    Orale,
    Ecrite,
    /// Il a dit n'en pas présenter.
    Renonciation,
    /// Il a laissé passer son délai.
    Absence,
}

/// Comment une décision est notifiée.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::VoieDeNotification")]
pub enum VoieDeNotification {
    MainPropre,
    LettreRecommandee,
}

/// Devant qui une décision est contestée.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::NatureRecours")]
pub enum NatureDeRecours {
    Gracieux,
    Recteur,
    TribunalAdministratif,
}

/// Pourquoi une sanction quitte le dossier (code de l'éducation, art. R511-13, IV).
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::CauseEffacement")]
pub enum CauseDEffacement {
    /// Son jour est venu.
    TermeLegal,
    /// L'élève qui change d'établissement l'a demandé.
    ChangementDEtablissement,
}

/// Le vote d'un conseil de discipline.
#[derive(SimpleObject)]
pub struct VoteDuConseil {
    presents: u16,
    pour: u16,
    contre: u16,
    blancs: u16,
}

/// La défense d'un élève.
#[derive(SimpleObject)]
pub struct DefenseDeLEleve {
    forme: FormeDeDefense,
    /// Ce qu'il a dit ou écrit.
    propos: Option<String>,
    /// Quelqu'un de son choix l'assistait.
    assiste: Option<bool>,
}

/// Une décision.
pub struct DecisionDeSanction(domaine::DecisionDeSanction);

#[Object]
/// Une décision.
impl DecisionDeSanction {
    async fn nature(&self) -> NatureDeSanction {
        match self.0.nature {
            domaine::NatureSanction::Avertissement => NatureDeSanction::Avertissement,
            domaine::NatureSanction::Blame => NatureDeSanction::Blame,
            domaine::NatureSanction::Responsabilisation { .. } => NatureDeSanction::Responsabilisation,
            domaine::NatureSanction::ExclusionDeLaClasse { .. } => NatureDeSanction::ExclusionDeLaClasse,
            domaine::NatureSanction::ExclusionDeLEtablissement { .. } => {
                NatureDeSanction::ExclusionDeLEtablissement
            }
            domaine::NatureSanction::ExclusionDAnnexe { .. } => NatureDeSanction::ExclusionDAnnexe,
            domaine::NatureSanction::ExclusionDefinitive => NatureDeSanction::ExclusionDefinitive,
        }
    }

    /// En heures pour une mesure de responsabilisation, en jours pour une exclusion temporaire.
    async fn duree(&self) -> Option<u16> {
        match self.0.nature {
            domaine::NatureSanction::Responsabilisation { heures: duree, .. }
            | domaine::NatureSanction::ExclusionDeLaClasse { jours: duree }
            | domaine::NatureSanction::ExclusionDeLEtablissement { jours: duree }
            | domaine::NatureSanction::ExclusionDAnnexe { jours: duree } => Some(duree),
            domaine::NatureSanction::Avertissement
            | domaine::NatureSanction::Blame
            | domaine::NatureSanction::ExclusionDefinitive => None,
        }
    }

    /// Les faits et les raisons.
    async fn motifs(&self) -> &str {
        &self.0.motifs
    }

    /// Le vote, si un conseil de discipline a décidé.
    async fn conseil(&self) -> Option<VoteDuConseil> {
        let domaine::Conseil { presents, pour, contre, blancs } = self.0.conseil?;
        Some(VoteDuConseil { presents, pour, contre, blancs })
    }

    /// Dernier jour où le sursis peut être révoqué, si la sanction en est assortie.
    async fn sursis(&self) -> Option<NaiveDate> {
        self.0.sursis
    }
}

/// Une procédure disciplinaire, et la sanction qui l'a close s'il y en a une.
pub struct Sanction(pub views::Sanction);

#[Object]
/// Une procédure disciplinaire, et la sanction qui l'a close s'il y en a une.
impl Sanction {
    pub async fn id(&self) -> ID {
        global("Sanction", self.0.id)
    }

    /// L'élève.
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.eleve).await
    }

    /// Les faits reprochés ; rien quand les pièces sont effacées, avant la décision.
    async fn griefs(&self) -> Option<&str> {
        self.0.griefs.as_deref()
    }

    /// Ce qui obligeait à engager la procédure, s'il y avait obligation.
    async fn engagement_obligatoire(&self) -> Result<Option<CasDEngagement>> {
        self.0.cas.as_deref().map(stored::<domaine::CasObligatoire, _>).transpose()
    }

    async fn engagee_le(&self) -> Option<NaiveDate> {
        self.0.engagee_le
    }

    /// Dernier jour du délai pour présenter une défense.
    async fn fin_du_delai(&self) -> Option<NaiveDate> {
        self.0.fin_du_delai
    }

    /// Jour de la séance du conseil de discipline, s'il est saisi.
    async fn conseil_le(&self) -> Option<NaiveDate> {
        self.0.conseil_le
    }

    /// La défense.
    async fn defense(&self) -> Option<DefenseDeLEleve> {
        Some(match self.0.defense.clone()? {
            domaine::Defense::Orale { propos, assiste } => {
                DefenseDeLEleve { forme: FormeDeDefense::Orale, propos: Some(propos), assiste: Some(assiste) }
            }
            domaine::Defense::Ecrite { propos } => {
                DefenseDeLEleve { forme: FormeDeDefense::Ecrite, propos: Some(propos), assiste: None }
            }
            domaine::Defense::Renonciation => {
                DefenseDeLEleve { forme: FormeDeDefense::Renonciation, propos: None, assiste: None }
            }
            domaine::Defense::Absence => {
                DefenseDeLEleve { forme: FormeDeDefense::Absence, propos: None, assiste: None }
            }
        })
    }

    /// La décision, une fois prononcée.
    async fn decision(&self) -> Option<DecisionDeSanction> {
        self.0.decision.clone().map(DecisionDeSanction)
    }

    async fn prononcee_le(&self) -> Option<NaiveDate> {
        self.0.prononcee_le
    }

    /// À partir de ce jour elle n'est plus au dossier ; rien pour une exclusion définitive, qui y reste
    /// jusqu'au terme de la scolarité dans le second degré.
    async fn effacement(&self) -> Option<NaiveDate> {
        self.0.effacement
    }

    /// Qui en a reçu notification, et quand.
    #[graphql(complexity = "4 * child_complexity + 1")]
    async fn notifications(&self, ctx: &Context<'_>) -> Result<Vec<NotificationDeSanction>> {
        let rows = ctx.requete()?.loaders().notifications_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(NotificationDeSanction).collect())
    }

    async fn sursis_revoque_le(&self) -> Option<NaiveDate> {
        self.0.sursis_revoque_le
    }

    /// Depuis quand elle est exécutée.
    async fn executee_du(&self) -> Option<NaiveDate> {
        self.0.executee_du
    }

    /// Le recours formé, s'il y en a un.
    async fn recours(&self) -> Result<Option<NatureDeRecours>> {
        self.0.recours.as_deref().map(stored::<domaine::NatureRecours, _>).transpose()
    }

    async fn recours_le(&self) -> Option<NaiveDate> {
        self.0.recours_le
    }

    /// Quand son effacement anticipé a été demandé, s'il l'a été.
    async fn effacement_demande_le(&self) -> Option<NaiveDate> {
        self.0.effacement_demande_le
    }
}

impl Sanction {
    /// The procedure, as long as it is in the file, for who may read it there.
    pub async fn load(ctx: &Context<'_>, id: SanctionId) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = Sanctions::by_id(requete.views(), id.0).await.map_err(fault)? else {
            return Ok(None);
        };
        if !may_dossier(ctx, Action::LireSanctions, row.eleve, &row.portail).await? {
            return Ok(None);
        }
        let today = requete.commands().today();
        let found = Sanctions::au_dossier(requete.views(), id.0, today).await.map_err(fault)?;
        Ok(found.map(Self))
    }
}

/// Qui a reçu notification d'une sanction.
pub struct NotificationDeSanction(views::NotificationDeSanction);

#[Object]
/// Qui a reçu notification d'une sanction.
impl NotificationDeSanction {
    async fn destinataire(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.destinataire).await
    }

    async fn voie(&self) -> Result<VoieDeNotification> {
        stored::<domaine::VoieDeNotification, _>(&self.0.voie)
    }

    async fn le(&self) -> NaiveDate {
        self.0.le
    }
}
