//! The directory in GraphQL.

mod bascule;
mod calendrier;
mod doublon;
mod eleve;
mod groupe;
mod inscription;
mod moi;
mod mutations;
mod personne;
mod profil;
mod remplacement;
mod situation;

pub use bascule::{BasculeMutation, BasculeQuery};
pub use calendrier::CalendrierMutation;
pub use doublon::{DoublonMutation, DoublonQuery};
pub use eleve::Eleve;
pub use groupe::{Groupe, GroupeMutation, GroupeQuery};
pub use inscription::InscriptionMutation;
pub use moi::Moi;
pub use mutations::AnnuaireMutation;
pub use personne::Personne;
pub use profil::Profil;
pub use remplacement::RemplacementMutation;

use calendrier::{AnneeVecue, Periode};
use remplacement::Remplacement;
use situation::jour;

use super::absences::Appel;
use super::context::{Here, fault};
use super::ids::{global, key};
use super::notes::{CarnetDeMoyennes, Evaluation};
use super::pagination::page;
use super::position::Position;
use async_graphql::connection::Connection;
use async_graphql::{Context, ID, Object, Result};
use chrono::NaiveDate;
use commands::rights::{Action, Resource};
use commands::rights_of;
use domain::annuaire::{Auditoire, Uai};
use domain::{DivisionId, EtablissementId};
use projections::annuaire::{self as views, Annuaire, Histoire};
use projections::notes::Notes;
use projections::portails::Portails;
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Annuaire::NAME, Annuaire::VERSION);

/// Queries of the directory.
#[derive(Default)]
pub struct AnnuaireQuery;

#[Object]
impl AnnuaireQuery {
    /// Qui je suis pour l'école, ici et maintenant ; rien pour un visiteur ni pour un compte suspendu.
    async fn moi(&self, ctx: &Context<'_>, apres: Option<Position>) -> Result<Option<Moi>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        let acteur = ctx.requete()?.acteur().await?;
        Ok(acteur.compte.filter(|_| !acteur.suspendu).map(|compte| Moi { compte: compte.0 }))
    }

    /// L'établissement qui porte ce numéro UAI.
    async fn etablissement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Sept chiffres et une lettre, comme 0690001B.")] uai: String,
        apres: Option<Position>,
    ) -> Result<Option<Etablissement>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        match uai.parse::<Uai>() {
            Ok(uai) => Etablissement::load(ctx, uai.etablissement().0).await,
            Err(_) => Ok(None),
        }
    }

    /// Une division.
    async fn division(&self, ctx: &Context<'_>, id: ID, apres: Option<Position>) -> Result<Option<Division>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        match key("Division", &id) {
            Some(id) => Division::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// Un élève, pour qui a le droit de lire ses absences ou ses notes.
    async fn eleve(&self, ctx: &Context<'_>, id: ID, apres: Option<Position>) -> Result<Option<Eleve>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        match key("Personne", &id).or_else(|| key("Eleve", &id)) {
            Some(id) => Eleve::load(ctx, id).await,
            None => Ok(None),
        }
    }
}

/// Un établissement.
pub struct Etablissement(pub views::Etablissement);

#[Object]
/// Un établissement.
impl Etablissement {
    pub async fn id(&self) -> ID {
        global("Etablissement", self.0.id)
    }

    /// Numéro UAI.
    async fn uai(&self) -> &str {
        &self.0.uai
    }

    /// Nom courant.
    async fn nom(&self) -> &str {
        &self.0.nom
    }

    /// Collège, lycée…
    async fn nature(&self) -> &str {
        &self.0.nature
    }

    /// Commune.
    async fn commune(&self) -> &str {
        &self.0.commune
    }

    /// Académie.
    async fn academie(&self) -> &str {
        &self.0.academie
    }

    /// Ses divisions, par code.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn divisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Un jour passé : celles où il y avait alors quelqu'un ; aujourd'hui, par défaut.")]
        le: Option<NaiveDate>,
        apres: Option<Position>,
    ) -> Result<Vec<Division>> {
        let requete = ctx.requete()?;
        let rows = if le.is_some() {
            let le = jour(ctx, le, apres.as_ref()).await?;
            Histoire::divisions(requete.views(), self.0.id, le).await.map_err(fault)?
        } else {
            requete.reach(VIEW, apres.as_ref()).await?;
            requete.loaders().divisions_of.load_one(self.0.id).await.map_err(fault)?.unwrap_or_default()
        };
        let mut permitted = Vec::new();
        for row in rows {
            if requete.may(Action::LireDivision, &division_resource(&row)).await? {
                permitted.push(Division(row));
            }
        }
        Ok(permitted)
    }

    /// Ses groupes ouverts, par code : ceux que l'on peut lire.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn groupes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Un jour passé : ceux où il y avait alors quelqu'un ; aujourd'hui, par défaut.")]
        le: Option<NaiveDate>,
        apres: Option<Position>,
    ) -> Result<Vec<Groupe>> {
        Groupe::of(ctx, self.0.id, le, apres.as_ref()).await
    }

    /// Ses années scolaires, du premier jour au dernier.
    async fn annees(&self, ctx: &Context<'_>, apres: Option<Position>) -> Result<Vec<AnneeVecue>> {
        AnneeVecue::of(ctx, self.0.id, apres.as_ref()).await
    }
}

impl Etablissement {
    /// The établissement, for who may read it.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let resource = Resource::Etablissement { id: EtablissementId(id) };
        if !ctx.requete()?.may(Action::LireEtablissement, &resource).await? {
            return Ok(None);
        }
        let row = ctx.requete()?.loaders().etablissements.load_one(id).await.map_err(fault)?;
        Ok(row.map(Self))
    }
}

pub(super) fn division_resource(row: &views::Division) -> Resource {
    Resource::Division { id: DivisionId(row.id), etablissement: EtablissementId(row.etablissement) }
}

/// Une division : une classe d'élèves.
pub struct Division(pub views::Division);

#[Object]
/// Une division : une classe d'élèves.
impl Division {
    pub async fn id(&self) -> ID {
        global("Division", self.0.id)
    }

    /// Code dans l'établissement.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Libellé.
    async fn libelle(&self) -> &str {
        &self.0.libelle
    }

    /// Les élèves, dans l'ordre de la liste de classe ; rien pour qui ne peut la lire.
    #[graphql(complexity = "30 * child_complexity + 1")]
    async fn eleves(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Un jour passé ; aujourd'hui, par défaut.")] le: Option<NaiveDate>,
        apres: Option<Position>,
    ) -> Result<Option<Vec<Personne>>> {
        let requete = ctx.requete()?;
        if !requete.may(Action::LireDivision, &division_resource(&self.0)).await? {
            return Ok(None);
        }
        let rows = if le.is_some() {
            let le = jour(ctx, le, apres.as_ref()).await?;
            Histoire::eleves(requete.views(), self.0.id, le).await.map_err(fault)?
        } else {
            requete.reach(VIEW, apres.as_ref()).await?;
            requete.loaders().eleves_of.load_one(self.0.id).await.map_err(fault)?.unwrap_or_default()
        };
        Ok(Some(rows.into_iter().map(Personne).collect()))
    }

    /// Ce qu'on y enseigne ; rien pour qui ne peut lire la division.
    #[graphql(complexity = "12 * child_complexity + 1")]
    async fn enseignements(&self, ctx: &Context<'_>) -> Result<Option<Vec<Enseignement>>> {
        if !ctx.requete()?.may(Action::LireDivision, &division_resource(&self.0)).await? {
            return Ok(None);
        }
        Ok(Some(Enseignement::of(ctx, self.0.id).await?))
    }

    /// Les périodes d'une année scolaire, donnée par son année de début.
    async fn periodes(&self, ctx: &Context<'_>, annee: i16, apres: Option<Position>) -> Result<Vec<Periode>> {
        Periode::of(ctx, self.0.id, annee, apres.as_ref()).await
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
}

impl Division {
    /// The division, for who may read it.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let row = ctx.requete()?.loaders().divisions.load_one(id).await.map_err(fault)?;
        match row {
            Some(row) if ctx.requete()?.may(Action::LireDivision, &division_resource(&row)).await? => {
                Ok(Some(Self(row)))
            }
            _ => Ok(None),
        }
    }
}

/// Un enseignement : une matière donnée à une division ou à un groupe.
pub struct Enseignement(pub views::Enseignement);

#[Object]
/// Un enseignement : une matière donnée à une division ou à un groupe.
impl Enseignement {
    pub async fn id(&self) -> ID {
        global("Enseignement", self.0.id)
    }

    /// La matière.
    async fn matiere(&self) -> &str {
        &self.0.matiere_libelle
    }

    /// La division ; rien si c'est à un groupe qu'il est donné.
    async fn division(&self, ctx: &Context<'_>) -> Result<Option<Division>> {
        match self.0.auditoire.division() {
            Some(division) => Division::load(ctx, division.0).await,
            None => Ok(None),
        }
    }

    /// Le groupe, si c'est à un groupe qu'il est donné.
    async fn groupe(&self, ctx: &Context<'_>) -> Result<Option<Groupe>> {
        match self.0.auditoire.groupe() {
            Some(groupe) => Groupe::load(ctx, groupe.0).await,
            None => Ok(None),
        }
    }

    /// Qui l'enseigne : un remplaçant à la place de qui il remplace.
    async fn enseignants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Un jour passé ; aujourd'hui, par défaut.")] le: Option<NaiveDate>,
        apres: Option<Position>,
    ) -> Result<Vec<Personne>> {
        let jour = jour(ctx, le, apres.as_ref()).await?;
        let mut taught = self.0.clone();
        if le.is_some() {
            let attitres = Histoire::enseignants(ctx.requete()?.views(), self.0.id, jour).await;
            taught.attitres = attitres.map_err(fault)?;
        }
        let ids = taught.enseignants(jour);
        let rows = ctx.requete()?.loaders().personnes.load_many(ids.clone()).await.map_err(fault)?;
        Ok(ids.iter().filter_map(|id| rows.get(id).cloned()).map(Personne).collect())
    }

    /// Les remplacements confiés, du plus ancien au plus récent ; rien pour qui ne peut lire la division ou le groupe.
    async fn remplacements(&self, ctx: &Context<'_>) -> Result<Option<Vec<Remplacement>>> {
        if !se_lit(ctx, self.0.auditoire).await? {
            return Ok(None);
        }
        Ok(Some(self.0.remplacements.iter().cloned().map(Remplacement).collect()))
    }

    /// Ses évaluations, de la plus récente à la plus ancienne ; rien pour qui ne lit pas son carnet de notes.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn evaluations(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Evaluation>>> {
        ctx.requete()?.reach((Notes::NAME, Notes::VERSION), apres.as_ref()).await?;
        Evaluation::gradebook(ctx, &self.0, (first, after)).await
    }

    /// Les moyennes de ses élèves dans une période, de toutes les notes ; rien pour qui ne lit pas son carnet.
    async fn moyennes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Année scolaire, par son année de début.")] annee: i16,
        #[graphql(desc = "Rang de la période dans l'année, à partir de 1.")] rang: u16,
        apres: Option<Position>,
    ) -> Result<Option<CarnetDeMoyennes>> {
        ctx.requete()?.reach((Notes::NAME, Notes::VERSION), apres.as_ref()).await?;
        CarnetDeMoyennes::of(ctx, &self.0, (annee, rang)).await
    }
}

impl Enseignement {
    /// The enseignement, for who may read its division or its groupe.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let row = ctx.requete()?.loaders().enseignements.load_one(id).await.map_err(fault)?;
        match row {
            Some(row) if se_lit(ctx, row.auditoire).await? => Ok(Some(Self(row))),
            _ => Ok(None),
        }
    }

    /// What is taught to a division or a groupe that may be read.
    async fn of(ctx: &Context<'_>, auditoire: Uuid) -> Result<Vec<Self>> {
        let rows = ctx.requete()?.loaders().enseignements_of.load_one(auditoire).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(Self).collect())
    }
}

/// Whether who asks may read a division or a groupe.
async fn se_lit(ctx: &Context<'_>, auditoire: Auditoire) -> Result<bool> {
    Ok(match auditoire {
        Auditoire::Division(division) => Division::load(ctx, division.0).await?.is_some(),
        Auditoire::Groupe(groupe) => Groupe::load(ctx, groupe.0).await?.is_some(),
    })
}

/// The portal of an établissement, as the rights know it.
pub async fn portail_resource(ctx: &Context<'_>, label: &str) -> Result<Option<Resource>> {
    let Ok(id) = label.parse() else { return Ok(None) };
    let row = Portails::by_ids(ctx.requete()?.views(), &[label.to_owned()]).await.map_err(fault)?.pop();
    Ok(row.map(|row| rights_of::portail(id, Some(&row))))
}
