//! What the vie scolaire, the families and the académie read of absences.

use super::Appel;
use super::assiduite::{Assiduite, ChiffresAbsences, DecompteDemiJournees, SeuilAtteint};
use super::dossier::{CreneauDAbsence, DossierAbsence, EtatDAbsence};
use super::oubli::AppelNonOuvert;
use super::reglement::{MotifAbsence, ReglementAbsences};
use super::statistiques::StatistiquesAbsences;
use crate::graphql::context::{Here, fault, top_level};
use crate::graphql::ids::{global, key};
use crate::graphql::pagination::{Page, page};
use crate::graphql::position::Position;
use async_graphql::connection::Connection;
use async_graphql::{Context, ID, Object, Result};
use chrono::{NaiveDate, NaiveDateTime};
use commands::rights::{Action, Resource};
use commands::rights_of;
use domain::absences::MoisCivil;
use domain::annuaire::Uai;
use domain::{EtablissementId, PersonneId, PortailId, heure_locale};
use projections::absences::{self as views, Appels, Assiduites, Dossiers, Excuses, Reglements};
use projections::cahier_de_textes::EmploisDuTemps;
use uuid::Uuid;

/// Queries of what becomes of absences.
#[derive(Default)]
pub struct VieScolaireQuery;

#[Object]
impl VieScolaireQuery {
    /// Le dossier d'une absence.
    async fn dossier_absence(
        &self,
        ctx: &Context<'_>,
        id: ID,
        apres: Option<Position>,
    ) -> Result<Option<DossierAbsence>> {
        ctx.requete()?.reach((Dossiers::NAME, Dossiers::VERSION), apres.as_ref()).await?;
        match key("DossierAbsence", &id) {
            Some(id) => DossierAbsence::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// Les dossiers d'absence d'un établissement, du plus récent au plus ancien : ceux qui sont à
    /// traiter, si l'on ne dit rien. Rien pour qui ne les suit pas.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn dossiers_absence(
        &self,
        ctx: &Context<'_>,
        uai: String,
        etats: Option<Vec<EtatDAbsence>>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, DossierAbsence>>> {
        let requete = ctx.requete()?;
        requete.reach((Dossiers::NAME, Dossiers::VERSION), apres.as_ref()).await?;
        let page = Page::<(NaiveDate, Uuid)>::read(first, after)?;
        let Some(etablissement) = permitted(ctx, &uai, Action::SuivreAbsences).await? else {
            return Ok(None);
        };
        let etats = etats.unwrap_or_else(|| EtatDAbsence::A_TRAITER.to_vec());
        let etats: Vec<_> = etats.into_iter().map(EtatDAbsence::as_str).collect();
        let (after, limit) = (page.after, page.limit());
        let rows = Dossiers::of_etablissement(requete.views(), etablissement.0, &etats, after, limit).await;
        Ok(Some(page.connection(rows.map_err(fault)?, |row| (row.date, row.id), DossierAbsence)))
    }

    /// Les appels d'une journée ouverts et jamais clos, une fois la séance finie ; rien pour qui ne
    /// suit pas les absences.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn appels_oublies(
        &self,
        ctx: &Context<'_>,
        uai: String,
        date: NaiveDate,
        apres: Option<Position>,
    ) -> Result<Option<Vec<Appel>>> {
        let requete = ctx.requete()?;
        requete.reach((Appels::NAME, Appels::VERSION), apres.as_ref()).await?;
        if permitted(ctx, &uai, Action::SuivreAbsences).await?.is_none() {
            return Ok(None);
        }
        let Ok(uai) = uai.parse::<Uai>() else { return Ok(None) };
        let now = heure_locale(requete.commands().now());
        let rows = Appels::oublies(requete.views(), uai.portail().as_str(), date, now).await;
        Appel::permitted(ctx, rows.map_err(fault)?).await.map(Some)
    }

    /// Les séances d'une journée que l'emploi du temps prévoit, commencées depuis plus longtemps que le
    /// délai d'appel de l'établissement, et dont personne n'a ouvert l'appel ; rien pour qui ne suit pas
    /// les absences.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn appels_non_ouverts(
        &self,
        ctx: &Context<'_>,
        uai: String,
        date: NaiveDate,
        apres: Option<Position>,
    ) -> Result<Option<Vec<AppelNonOuvert>>> {
        let requete = ctx.requete()?;
        for view in [(Appels::NAME, Appels::VERSION), (EmploisDuTemps::NAME, EmploisDuTemps::VERSION)] {
            requete.reach(view, apres.as_ref()).await?;
        }
        let Some(etablissement) = permitted(ctx, &uai, Action::SuivreAbsences).await? else {
            return Ok(None);
        };
        let missed = requete.commands().appels_non_ouverts(etablissement, date).await.map_err(top_level)?;
        Ok(Some(missed.into_iter().map(AppelNonOuvert).collect()))
    }

    /// Comment un établissement traite les absences ; rien pour qui n'y est pas rattaché.
    async fn reglement_absences(
        &self,
        ctx: &Context<'_>,
        uai: String,
        apres: Option<Position>,
    ) -> Result<Option<ReglementAbsences>> {
        ctx.requete()?.reach((Reglements::NAME, Reglements::VERSION), apres.as_ref()).await?;
        match permitted(ctx, &uai, Action::LireReglementAbsences).await? {
            Some(etablissement) => reglement(ctx, etablissement).await.map(Some),
            None => Ok(None),
        }
    }

    /// Les demi-journées d'absence d'un élève dans le mois de ce jour ; rien pour qui ne lit pas ses
    /// absences.
    #[graphql(complexity = "4 * child_complexity + 1")]
    async fn decompte_demi_journees(
        &self,
        ctx: &Context<'_>,
        eleve_id: ID,
        uai: String,
        mois: NaiveDate,
        apres: Option<Position>,
    ) -> Result<Option<DecompteDemiJournees>> {
        let requete = ctx.requete()?;
        requete.reach((Dossiers::NAME, Dossiers::VERSION), apres.as_ref()).await?;
        let Some((etablissement, fiches)) = dossier_of(ctx, &eleve_id, &uai).await? else { return Ok(None) };
        let counted = requete.commands().decompte(etablissement, &fiches, MoisCivil::of(mois)).await;
        Ok(Some(DecompteDemiJournees(counted.map_err(top_level)?)))
    }

    /// Les seuils atteints et les suivis d'un élève ; rien pour qui ne lit pas ses absences.
    async fn assiduite(
        &self,
        ctx: &Context<'_>,
        eleve_id: ID,
        uai: String,
        apres: Option<Position>,
    ) -> Result<Option<Assiduite>> {
        ctx.requete()?.reach((Assiduites::NAME, Assiduites::VERSION), apres.as_ref()).await?;
        match dossier_of(ctx, &eleve_id, &uai).await? {
            Some((etablissement, fiches)) => Assiduite::of(ctx, etablissement.0, &fiches).await.map(Some),
            None => Ok(None),
        }
    }

    /// Les seuils atteints dans un établissement dans le mois de ce jour, suite par suite ; rien pour qui
    /// ne suit pas les absences.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn seuils_atteints(
        &self,
        ctx: &Context<'_>,
        uai: String,
        mois: NaiveDate,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, SeuilAtteint>>> {
        let requete = ctx.requete()?;
        requete.reach((Assiduites::NAME, Assiduites::VERSION), apres.as_ref()).await?;
        let page = Page::<(String, Uuid)>::read(first, after)?;
        let Some(etablissement) = permitted(ctx, &uai, Action::SuivreAbsences).await? else {
            return Ok(None);
        };
        let mois = MoisCivil::of(mois).debut();
        let (after, limit) = (page.after.clone(), page.limit());
        let rows = Assiduites::seuils_du_mois(requete.views(), (etablissement.0, mois), after, limit).await;
        Ok(Some(page.connection(rows.map_err(fault)?, |row| (row.suite.clone(), row.eleve), SeuilAtteint)))
    }

    /// Les absences d'un établissement dans le mois de ce jour : de tous, par niveau et par division ; rien
    /// pour qui ne suit pas les absences.
    #[graphql(complexity = "3 * child_complexity + 1")]
    async fn statistiques_absences(
        &self,
        ctx: &Context<'_>,
        uai: String,
        mois: NaiveDate,
        apres: Option<Position>,
    ) -> Result<Option<StatistiquesAbsences>> {
        let requete = ctx.requete()?;
        requete.reach((Dossiers::NAME, Dossiers::VERSION), apres.as_ref()).await?;
        let Some(etablissement) = permitted(ctx, &uai, Action::SuivreAbsences).await? else {
            return Ok(None);
        };
        let mois = MoisCivil::of(mois);
        let divisions = requete.commands().statistiques_d_absences(etablissement, mois).await;
        Ok(Some(StatistiquesAbsences::new(mois, divisions.map_err(top_level)?)))
    }

    /// Les absences de groupes entiers d'un établissement qui touchent ces jours, dans l'ordre ; rien
    /// pour qui ne suit pas les absences.
    #[allow(clippy::too_many_arguments)] // each is an argument of the query
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn absences_collectives(
        &self,
        ctx: &Context<'_>,
        uai: String,
        du: NaiveDate,
        au: NaiveDate,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, AbsenceCollective>>> {
        let requete = ctx.requete()?;
        requete.reach((Excuses::NAME, Excuses::VERSION), apres.as_ref()).await?;
        let page = Page::<(NaiveDateTime, Uuid)>::read(first, after)?;
        let Some(etablissement) = permitted(ctx, &uai, Action::SuivreAbsences).await? else {
            return Ok(None);
        };
        let (after, limit) = (page.after, page.limit());
        let rows = Excuses::collectives_of(requete.views(), etablissement.0, (du, au), after, limit).await;
        Ok(Some(page.connection(rows.map_err(fault)?, |row| (row.debut, row.id), AbsenceCollective)))
    }

    /// Les dispenses d'un élève, de la plus récente à la plus ancienne ; rien pour qui ne lit pas ses
    /// absences.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn dispenses(
        &self,
        ctx: &Context<'_>,
        eleve_id: ID,
        uai: String,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Dispense>>> {
        let requete = ctx.requete()?;
        requete.reach((Excuses::NAME, Excuses::VERSION), apres.as_ref()).await?;
        let page = Page::<(NaiveDate, Uuid)>::read(first, after)?;
        let Some((etablissement, fiches)) = dossier_of(ctx, &eleve_id, &uai).await? else { return Ok(None) };
        let (after, limit) = (page.after, Some(page.limit()));
        let rows = Excuses::dispenses_of(requete.views(), etablissement.0, &fiches, after, limit).await;
        Ok(Some(page.connection(rows.map_err(fault)?, |row| (row.du, row.id), Dispense)))
    }

    /// Les nombres des établissements d'une académie dans le mois de ce jour, sans aucun nom ; rien
    /// pour qui ne dirige pas le portail de l'académie.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn chiffres_absences(
        &self,
        ctx: &Context<'_>,
        portail: String,
        mois: NaiveDate,
        apres: Option<Position>,
    ) -> Result<Option<Vec<ChiffresAbsences>>> {
        let requete = ctx.requete()?;
        requete.reach((Assiduites::NAME, Assiduites::VERSION), apres.as_ref()).await?;
        let Ok(id) = portail.parse::<PortailId>() else { return Ok(None) };
        let row = requete.loaders().portails.load_one(id.to_string()).await.map_err(fault)?;
        let resource = rights_of::portail(id, row.as_ref());
        if !requete.may(Action::LireChiffresAbsences, &resource).await? {
            return Ok(None);
        }
        let mois = MoisCivil::of(mois).debut();
        let rows = Assiduites::chiffres(requete.views(), &portail, mois).await.map_err(fault)?;
        Ok(Some(rows.into_iter().map(ChiffresAbsences::from).collect()))
    }
}

/// Une absence d'un groupe entier, qui n'est l'absence de personne.
pub struct AbsenceCollective(views::Collective);

#[Object]
/// Une absence d'un groupe entier, qui n'est l'absence de personne.
impl AbsenceCollective {
    pub async fn id(&self) -> ID {
        global("Collective", self.0.id)
    }

    async fn libelle(&self) -> &str {
        &self.0.libelle
    }

    /// Du début à la fin.
    async fn creneau(&self) -> CreneauDAbsence {
        CreneauDAbsence::new(self.0.debut, self.0.fin)
    }

    /// Pourquoi elle n'a pas lieu.
    async fn annulee(&self) -> Option<&str> {
        self.0.annulee.as_deref()
    }
}

impl AbsenceCollective {
    /// It, for who follows the absences of the établissement.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = Excuses::collectives(requete.views(), &[id]).await.map_err(fault)?.pop() else {
            return Ok(None);
        };
        let resource = Resource::Etablissement { id: EtablissementId(row.etablissement) };
        Ok(requete.may(Action::SuivreAbsences, &resource).await?.then_some(Self(row)))
    }
}

/// Une dispense d'un enseignement.
pub struct Dispense(views::Dispense);

#[Object]
/// Une dispense d'un enseignement.
impl Dispense {
    pub async fn id(&self) -> ID {
        global("Dispense", self.0.id)
    }

    /// Premier jour.
    async fn du(&self) -> NaiveDate {
        self.0.du
    }

    /// Dernier jour.
    async fn au(&self) -> NaiveDate {
        self.0.au
    }
}

impl Dispense {
    /// It, for who reads the pupil's absences there.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = Excuses::dispenses(requete.views(), &[id]).await.map_err(fault)?.pop() else {
            return Ok(None);
        };
        let etablissement = Some(EtablissementId(row.etablissement));
        let resource = Resource::Eleve { personne: PersonneId(row.eleve), etablissement };
        Ok(requete.may(Action::LireAbsencesEleve, &resource).await?.then_some(Self(row)))
    }
}

/// The règlement of an établissement; rights are who asks'.
pub async fn reglement(ctx: &Context<'_>, etablissement: EtablissementId) -> Result<ReglementAbsences> {
    let views = ctx.requete()?.views();
    let politiques = Reglements::politiques(views, etablissement.0).await.map_err(fault)?;
    let motifs = Reglements::motifs(views, etablissement.0).await.map_err(fault)?;
    Ok(ReglementAbsences {
        politiques: politiques.into_iter().map(Into::into).collect(),
        motifs: motifs.into_iter().map(MotifAbsence).collect(),
    })
}

/// An établissement, for who may do this there.
async fn permitted(ctx: &Context<'_>, uai: &str, action: Action) -> Result<Option<EtablissementId>> {
    let Ok(uai) = uai.parse::<Uai>() else { return Ok(None) };
    let id = uai.etablissement();
    Ok(ctx.requete()?.may(action, &Resource::Etablissement { id }).await?.then_some(id))
}

/// A pupil's record in an établissement, with all fiches of the pupil, for who reads the absences.
async fn dossier_of(
    ctx: &Context<'_>,
    eleve: &ID,
    uai: &str,
) -> Result<Option<(EtablissementId, Vec<Uuid>)>> {
    let Ok(uai) = uai.parse::<Uai>() else { return Ok(None) };
    let Some(eleve) = key("Eleve", eleve).or_else(|| key("Personne", eleve)) else { return Ok(None) };
    let requete = ctx.requete()?;
    let Some(row) = requete.loaders().eleves.load_one(eleve).await.map_err(fault)? else { return Ok(None) };
    let id = uai.etablissement();
    let dossier = rights_of::dossier(&row, Some(id.0));
    Ok(requete.may(Action::LireAbsencesEleve, &dossier).await?.then_some((id, row.fiches)))
}
