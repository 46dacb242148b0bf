//! What administrateurs tell directeurs, in GraphQL.

use super::Portail;
use super::maison::portail_id;
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use crate::graphql::ids::global;
use crate::graphql::named::mise_en_garde_id;
use crate::graphql::pagination::Page;
use crate::graphql::payload::{payload, tell};
use crate::graphql::position::Position;
use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use commands::portails::MiseEnGardeDemandee;
use commands::rights::Action;
use domain::MiseEnGardeId;
use domain::portails::Gravite;
use projections::portails::{self as views, MisesEnGarde};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (MisesEnGarde::NAME, MisesEnGarde::VERSION);

/// Ce qu'est ce que l'administrateur dit au directeur, du moins grave au plus grave.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Gravite")]
pub enum GraviteDeMiseEnGarde {
    Conseil,
    Information,
    Recommandation,
    Alerte,
    MiseEnGarde,
}

/// Ce que l'administrateur ENT a dit au directeur de la publication.
pub struct MiseEnGarde {
    row: views::MiseEnGarde,
    /// Who asks may read what it says: who wrote it, or a directeur who has read it on the record.
    ouverte: bool,
}

#[Object]
/// Ce que l'administrateur ENT a dit au directeur de la publication.
impl MiseEnGarde {
    pub async fn id(&self) -> ID {
        global("MiseEnGarde", self.row.id)
    }

    /// Ce qu'elle est.
    async fn gravite(&self) -> GraviteDeMiseEnGarde {
        match self.row.gravite.as_str() {
            "conseil" => GraviteDeMiseEnGarde::Conseil,
            "information" => GraviteDeMiseEnGarde::Information,
            "recommandation" => GraviteDeMiseEnGarde::Recommandation,
            "alerte" => GraviteDeMiseEnGarde::Alerte,
            _ => GraviteDeMiseEnGarde::MiseEnGarde,
        }
    }

    /// Ce dont elle traite, en une ligne.
    async fn objet(&self) -> &str {
        &self.row.objet
    }

    /// Ce qu'elle dit ; pour le directeur, une fois que sa lecture est inscrite.
    async fn texte(&self) -> Option<&str> {
        self.ouverte.then_some(self.row.texte.as_str())
    }

    /// Qui l'a adressée.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.row.par).await
    }

    /// À qui : le directeur de la publication alors en fonction.
    async fn directeur(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.row.directeur).await
    }

    /// Quand.
    async fn adressee_le(&self) -> DateTime<Utc> {
        self.row.adressee_le
    }

    /// Quand elle a été lue pour la première fois.
    async fn lue_le(&self) -> Option<DateTime<Utc>> {
        self.row.lue_le
    }

    /// Ce que le directeur a répondu.
    async fn reponse(&self) -> Option<&str> {
        self.row.reponse.as_deref()
    }

    /// Quand il l'a fait.
    async fn repondue_le(&self) -> Option<DateTime<Utc>> {
        self.row.repondue_le
    }
}

impl MiseEnGarde {
    /// Those of a portal, for who warns there and who is warned.
    pub(super) async fn on(
        ctx: &Context<'_>,
        portail: &Portail,
        page: Page<(DateTime<Utc>, Uuid)>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Self>>> {
        let requete = ctx.requete()?;
        requete.reach(VIEW, apres.as_ref()).await?;
        if !portail.may(ctx, Action::LireMisesEnGarde).await? {
            return Ok(None);
        }
        let rows = MisesEnGarde::of_portail(requete.views(), &portail.0.id, page.after, page.limit()).await;
        let directs = portail.may(ctx, Action::RepondreMiseEnGarde).await?;
        let shown = rows.map_err(fault)?.into_iter().map(|row| Self::seen(row, directs)).collect();
        Ok(Some(page.connection(shown, |one| (one.row.adressee_le, one.row.id), |one| one)))
    }

    /// One, for who may read it.
    async fn load(ctx: &Context<'_>, id: MiseEnGardeId) -> Result<Option<Self>> {
        let found = MisesEnGarde::by_ids(ctx.requete()?.views(), &[id.0]).await.map_err(fault)?.pop();
        let Some(row) = found else { return Ok(None) };
        let Some(portail) = Portail::load(ctx, &row.portail).await? else { return Ok(None) };
        if !portail.may(ctx, Action::LireMisesEnGarde).await? {
            return Ok(None);
        }
        let directs = portail.may(ctx, Action::RepondreMiseEnGarde).await?;
        Ok(Some(Self::seen(row, directs)))
    }

    fn seen(row: views::MiseEnGarde, directs: bool) -> Self {
        Self { ouverte: !directs || row.lue_le.is_some(), row }
    }
}

/// La mise en garde à adresser au directeur de la publication.
#[derive(InputObject)]
pub struct MettreEnGardeInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    /// Identifiant choisi pour la mise en garde.
    mise_en_garde: Uuid,
    gravite: GraviteDeMiseEnGarde,
    objet: String,
    texte: String,
}

/// La mise en garde à lire.
#[derive(InputObject)]
pub struct LireMiseEnGardeInput {
    client_mutation_id: Option<Uuid>,
    mise_en_garde_id: ID,
}

/// La réponse à une mise en garde.
#[derive(InputObject)]
pub struct RepondreMiseEnGardeInput {
    client_mutation_id: Option<Uuid>,
    mise_en_garde_id: ID,
    reponse: String,
}

payload!(
    /// Réponse de `mettreEnGarde`.
    MettreEnGardePayload, mise_en_garde: MiseEnGarde, MiseEnGardeId, VIEW, MiseEnGarde::load,
    sealed "portails.mise_en_garde.adressee"
);
payload!(
    /// Réponse de `lireMiseEnGarde`.
    LireMiseEnGardePayload, mise_en_garde: MiseEnGarde, MiseEnGardeId, VIEW, MiseEnGarde::load
);
payload!(
    /// Réponse de `repondreMiseEnGarde`.
    RepondreMiseEnGardePayload, mise_en_garde: MiseEnGarde, MiseEnGardeId, VIEW, MiseEnGarde::load,
    sealed "portails.mise_en_garde.repondue"
);

/// Mutations of mises en garde.
#[derive(Default)]
pub struct MisesEnGardeMutation;

#[Object]
impl MisesEnGardeMutation {
    /// Conseille, informe, alerte ou met en garde le directeur de la publication.
    async fn mettre_en_garde(
        &self,
        ctx: &Context<'_>,
        input: MettreEnGardeInput,
    ) -> Result<MettreEnGardePayload> {
        tell!(ctx, "mettreEnGarde", input, MettreEnGardePayload, |commands, demande| {
            let (portail, id) = (portail_id(&input.portail)?, MiseEnGardeId(input.mise_en_garde));
            let asked = MiseEnGardeDemandee {
                mise_en_garde: id,
                gravite: input.gravite.into(),
                objet: input.objet.clone(),
                texte: input.texte.clone(),
            };
            Ok((id, commands.mettre_en_garde(demande, portail, asked).await?))
        })
    }

    /// Inscrit que le directeur lit une mise en garde, et la lui montre.
    async fn lire_mise_en_garde(
        &self,
        ctx: &Context<'_>,
        input: LireMiseEnGardeInput,
    ) -> Result<LireMiseEnGardePayload> {
        tell!(ctx, "lireMiseEnGarde", input, LireMiseEnGardePayload, |commands, demande| {
            let id = mise_en_garde_id(&input.mise_en_garde_id)?;
            Ok((id, commands.lire_mise_en_garde(demande, id).await?))
        })
    }

    /// Répond à une mise en garde.
    async fn repondre_mise_en_garde(
        &self,
        ctx: &Context<'_>,
        input: RepondreMiseEnGardeInput,
    ) -> Result<RepondreMiseEnGardePayload> {
        tell!(ctx, "repondreMiseEnGarde", input, RepondreMiseEnGardePayload, |commands, demande| {
            let id = mise_en_garde_id(&input.mise_en_garde_id)?;
            Ok((id, commands.repondre_mise_en_garde(demande, id, input.reponse.clone()).await?))
        })
    }
}
