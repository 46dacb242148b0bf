//! Groupes in GraphQL.

use super::situation::jour;
use super::{Division, Enseignement, Personne};
use crate::graphql::absences::Appel;
use crate::graphql::context::{Here, fault};
use crate::graphql::errors::Refus;
use crate::graphql::ids::{global, key};
use crate::graphql::named::{fiche_id, groupe_id};
use crate::graphql::payload::{payload, tell};
use crate::graphql::position::Position;
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::annuaire::GroupeDemande;
use commands::rights::Action;
use commands::rights_of;
use domain::annuaire::{Ensemble, Membre, Uai};
use domain::{AnneeScolaire, DivisionId, GroupeId, PersonneId};
use projections::annuaire::{self as views, Groupes};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Groupes::NAME, Groupes::VERSION);

/// Queries of groupes.
#[derive(Default)]
pub struct GroupeQuery;

#[Object]
impl GroupeQuery {
    /// Un groupe.
    async fn groupe(&self, ctx: &Context<'_>, id: ID, apres: Option<Position>) -> Result<Option<Groupe>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        match key("Groupe", &id) {
            Some(id) => Groupe::load(ctx, id).await,
            None => Ok(None),
        }
    }
}

/// Un groupe : tout rassemblement qui n'est pas une division.
pub struct Groupe(pub views::Groupe);

#[Object]
/// Un groupe : tout rassemblement qui n'est pas une division.
impl Groupe {
    pub async fn id(&self) -> ID {
        global("Groupe", self.0.id)
    }

    /// Code dans l'établissement.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Libellé.
    async fn libelle(&self) -> &str {
        &self.0.libelle
    }

    /// Année scolaire, par son année de début.
    async fn annee(&self) -> i16 {
        self.0.annee
    }

    /// Il a pris fin avec son année, ou la source qui le déclarait ne le déclare plus.
    async fn clos(&self) -> bool {
        self.0.clos
    }

    /// Il a été créé à la main, et se change ici ; sinon, seule une source le déclare.
    async fn saisi(&self) -> bool {
        self.0.saisi
    }

    /// Qui l'encadre.
    async fn encadrants(&self, ctx: &Context<'_>) -> Result<Vec<Personne>> {
        let ids = self.0.encadrants.clone();
        let rows = ctx.requete()?.loaders().personnes.load_many(ids.clone()).await.map_err(fault)?;
        Ok(ids.iter().filter_map(|id| rows.get(id).cloned()).map(Personne).collect())
    }

    /// Qui en fait partie, par lui-même, d'après une source, par sa division ou par un groupe, dans l'ordre d'une liste.
    #[graphql(complexity = "30 * child_complexity + 1")]
    async fn personnes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Un jour passé ; aujourd'hui, par défaut.")] le: Option<NaiveDate>,
        apres: Option<Position>,
    ) -> Result<Vec<Personne>> {
        let requete = ctx.requete()?;
        let rows = if le.is_some() {
            let le = jour(ctx, le, apres.as_ref()).await?;
            views::Histoire::membres(requete.views(), self.0.id, le).await.map_err(fault)?
        } else {
            requete.reach(VIEW, apres.as_ref()).await?;
            requete.loaders().personnes_of.load_one(self.0.id).await.map_err(fault)?.unwrap_or_default()
        };
        Ok(rows.into_iter().map(Personne).collect())
    }

    /// Les divisions qui en font partie : celles que l'on peut lire.
    async fn divisions(&self, ctx: &Context<'_>) -> Result<Vec<Division>> {
        let mut readable = Vec::new();
        for id in self.parts(ctx, "division").await? {
            readable.extend(Division::load(ctx, id).await?);
        }
        Ok(readable)
    }

    /// Les divisions dont viennent ses membres, où une source le dit : celles que l'on peut lire.
    async fn divisions_d_origine(&self, ctx: &Context<'_>) -> Result<Vec<Division>> {
        let mut readable = Vec::new();
        for id in &self.0.provenances {
            readable.extend(Division::load(ctx, *id).await?);
        }
        Ok(readable)
    }

    /// Ce qu'on lui enseigne.
    #[graphql(complexity = "12 * child_complexity + 1")]
    async fn enseignements(&self, ctx: &Context<'_>) -> Result<Vec<Enseignement>> {
        Enseignement::of(ctx, self.0.id).await
    }

    /// Les appels d'un jour, pour qui peut les lire.
    async fn appels(
        &self,
        ctx: &Context<'_>,
        date: NaiveDate,
        apres: Option<Position>,
    ) -> Result<Vec<Appel>> {
        Appel::of(ctx, self.0.id, date, apres.as_ref()).await
    }

    /// Les groupes qui en font partie : ceux que l'on peut lire.
    async fn groupes(&self, ctx: &Context<'_>) -> Result<Vec<Groupe>> {
        let mut readable = Vec::new();
        for id in self.parts(ctx, "groupe").await? {
            readable.extend(Groupe::load(ctx, id).await?);
        }
        Ok(readable)
    }
}

impl Groupe {
    /// The groupe, for who may read it.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let row = ctx.requete()?.loaders().groupes.load_one(id).await.map_err(fault)?;
        Ok(Self::readable(ctx, row.into_iter().collect()).await?.pop())
    }

    /// The groupes of an établissement that are open, or were on a past day, and that who asks may read.
    pub async fn of(
        ctx: &Context<'_>,
        etablissement: Uuid,
        le: Option<NaiveDate>,
        apres: Option<&Position>,
    ) -> Result<Vec<Self>> {
        let requete = ctx.requete()?;
        let rows = if le.is_some() {
            let le = jour(ctx, le, apres).await?;
            let ids = views::Histoire::groupes(requete.views(), etablissement, le).await.map_err(fault)?;
            let mut rows = Groupes::by_ids(requete.views(), &ids).await.map_err(fault)?;
            rows.sort_by(|one, other| (&one.code, one.id).cmp(&(&other.code, other.id)));
            rows
        } else {
            requete.reach(VIEW, apres).await?;
            requete.loaders().groupes_of.load_one(etablissement).await.map_err(fault)?.unwrap_or_default()
        };
        Self::readable(ctx, rows).await
    }

    /// The groupes of which who asks is.
    pub async fn mine(ctx: &Context<'_>) -> Result<Vec<Self>> {
        let requete = ctx.requete()?;
        let ids: Vec<_> = requete.acteur().await?.groupes.iter().map(|groupe| groupe.0).collect();
        let rows = requete.loaders().groupes.load_many(ids.clone()).await.map_err(fault)?;
        Self::readable(ctx, ids.iter().filter_map(|id| rows.get(id).cloned()).collect()).await
    }

    async fn readable(ctx: &Context<'_>, rows: Vec<views::Groupe>) -> Result<Vec<Self>> {
        let mut readable = Vec::new();
        for row in rows {
            if ctx.requete()?.may(Action::LireGroupe, &rights_of::groupe(&row)).await? {
                readable.push(Self(row));
            }
        }
        Ok(readable)
    }

    async fn parts(&self, ctx: &Context<'_>, nature: &str) -> Result<Vec<Uuid>> {
        let rows = ctx.requete()?.loaders().membres_of.load_one(self.0.id).await.map_err(fault)?;
        let parts = rows.unwrap_or_default().into_iter().filter(|row| row.nature == nature);
        Ok(parts.map(|row| row.membre).collect())
    }
}

/// Le groupe à créer.
#[derive(InputObject)]
pub struct CreerGroupeInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement.
    uai: String,
    /// Année scolaire, par son année de début.
    annee: i16,
    code: String,
    libelle: String,
}

/// Le groupe à renommer.
#[derive(InputObject)]
pub struct RenommerGroupeInput {
    client_mutation_id: Option<Uuid>,
    groupe_id: ID,
    libelle: String,
}

/// Qui entre dans un groupe.
#[derive(InputObject)]
pub struct AjouterAuGroupeInput {
    client_mutation_id: Option<Uuid>,
    groupe_id: ID,
    /// Des personnes, des divisions ou d'autres groupes.
    membres: Vec<ID>,
}

/// Qui sort d'un groupe.
#[derive(InputObject)]
pub struct RetirerDuGroupeInput {
    client_mutation_id: Option<Uuid>,
    groupe_id: ID,
    /// Des personnes, des divisions ou d'autres groupes.
    membres: Vec<ID>,
}

/// Qui encadre un groupe.
#[derive(InputObject)]
pub struct NommerEncadrantInput {
    client_mutation_id: Option<Uuid>,
    groupe_id: ID,
    encadrant_id: ID,
}

/// Qui n'encadre plus un groupe.
#[derive(InputObject)]
pub struct RetirerEncadrantInput {
    client_mutation_id: Option<Uuid>,
    groupe_id: ID,
    encadrant_id: ID,
}

payload!(
    /// Réponse de `creerGroupe`.
    CreerGroupePayload, groupe: Groupe, GroupeId, VIEW, load
);
payload!(
    /// Réponse des mutations qui changent un groupe.
    GroupePayload, groupe: Groupe, GroupeId, VIEW, load
);

async fn load(ctx: &Context<'_>, groupe: GroupeId) -> Result<Option<Groupe>> {
    Groupe::load(ctx, groupe.0).await
}

fn membre(id: &ID) -> Result<Membre, Refus> {
    let personne = key("Personne", id).or_else(|| key("Eleve", id)).map(PersonneId).map(Membre::Personne);
    let division = || key("Division", id).map(|key| Ensemble::Division { division: DivisionId(key) });
    let groupe = || key("Groupe", id).map(|key| Ensemble::Groupe { groupe: GroupeId(key) });
    personne.or_else(|| division().or_else(groupe).map(Membre::Ensemble)).ok_or_else(|| {
        Refus::invalid(
            "membres",
            "Un membre est une personne, une division ou un groupe : l'un n'est rien de cela.",
        )
    })
}

/// Mutations of groupes.
#[derive(Default)]
pub struct GroupeMutation;

#[Object]
impl GroupeMutation {
    /// Crée un groupe, que l'on encadre.
    async fn creer_groupe(&self, ctx: &Context<'_>, input: CreerGroupeInput) -> Result<CreerGroupePayload> {
        tell!(ctx, "creerGroupe", input, CreerGroupePayload, |commands, demande| {
            let uai: Uai = input.uai.parse().map_err(|error| Refus::invalid("uai", error))?;
            let (annee, code) = (AnneeScolaire(input.annee), input.code.clone());
            let asked = GroupeDemande { annee, code, libelle: input.libelle.clone() };
            Ok(commands.creer_groupe(demande, &uai, asked).await?)
        })
    }

    /// Renomme un groupe.
    async fn renommer_groupe(&self, ctx: &Context<'_>, input: RenommerGroupeInput) -> Result<GroupePayload> {
        tell!(ctx, "renommerGroupe", input, GroupePayload, |commands, demande| {
            let groupe = groupe_id(&input.groupe_id)?;
            Ok((groupe, commands.renommer_groupe(demande, groupe, input.libelle.clone()).await?))
        })
    }

    /// Fait entrer des personnes, des divisions ou des groupes dans un groupe.
    async fn ajouter_au_groupe(
        &self,
        ctx: &Context<'_>,
        input: AjouterAuGroupeInput,
    ) -> Result<GroupePayload> {
        tell!(ctx, "ajouterAuGroupe", input, GroupePayload, |commands, demande| {
            let groupe = groupe_id(&input.groupe_id)?;
            let membres = input.membres.iter().map(membre).collect::<Result<_, _>>()?;
            Ok((groupe, commands.ajouter_membres(demande, groupe, membres).await?))
        })
    }

    /// Fait sortir d'un groupe ce qui y est.
    async fn retirer_du_groupe(
        &self,
        ctx: &Context<'_>,
        input: RetirerDuGroupeInput,
    ) -> Result<GroupePayload> {
        tell!(ctx, "retirerDuGroupe", input, GroupePayload, |commands, demande| {
            let groupe = groupe_id(&input.groupe_id)?;
            let membres = input.membres.iter().map(membre).collect::<Result<_, _>>()?;
            Ok((groupe, commands.retirer_membres(demande, groupe, membres).await?))
        })
    }

    /// Fait encadrer un groupe par un personnel.
    async fn nommer_encadrant(
        &self,
        ctx: &Context<'_>,
        input: NommerEncadrantInput,
    ) -> Result<GroupePayload> {
        tell!(ctx, "nommerEncadrant", input, GroupePayload, |commands, demande| {
            let (groupe, encadrant) =
                (groupe_id(&input.groupe_id)?, fiche_id("encadrantId", &input.encadrant_id)?);
            Ok((groupe, commands.nommer_encadrant(demande, groupe, encadrant).await?))
        })
    }

    /// Ne fait plus encadrer un groupe par une personne.
    async fn retirer_encadrant(
        &self,
        ctx: &Context<'_>,
        input: RetirerEncadrantInput,
    ) -> Result<GroupePayload> {
        tell!(ctx, "retirerEncadrant", input, GroupePayload, |commands, demande| {
            let (groupe, encadrant) =
                (groupe_id(&input.groupe_id)?, fiche_id("encadrantId", &input.encadrant_id)?);
            Ok((groupe, commands.retirer_encadrant(demande, groupe, encadrant).await?))
        })
    }
}
