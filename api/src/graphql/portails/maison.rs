//! Houses in GraphQL: how they adhere, what is open in them, how they look, who answers.

mod mutations;

pub use mutations::{MaisonsMutation, load, portail_id};

use super::DirectionDePublication;
use crate::graphql::annuaire;
use crate::graphql::context::{Here, fault};
use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::annuaire::Profil;
use domain::journee;
use domain::portails as domaine;
use projections::portails::{self as views, Maisons, Portails};
use std::collections::BTreeMap;

/// The view that these mutations wait for.
const VIEW: (&str, i32) = (Maisons::NAME, Maisons::VERSION);

/// Un service de l'ENT, tel que le catalogue d'un portail l'ouvre ou le ferme.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::ServiceEnt")]
pub enum ServiceEnt {
    RessourcesNumeriques,
    EspacesCollaboratifs,
    EspacePersonnel,
    Parcours,
    ClasseVirtuelle,
    CahierDeTextes,
    Notes,
    Absences,
    VieDeLEleve,
    Actualites,
    Messagerie,
    Forum,
    Blog,
    Reservation,
    PagesPubliques,
    EchangesInstitutionnels,
    CommunicationCiblee,
}

/// Où en est l'adhésion d'un établissement.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "views::EtatDAdhesion")]
pub enum EtatDAdhesion {
    /// Aucune convention en cours n'est enregistrée encore.
    NonConstatee,
    /// La convention est enregistrée et court.
    Constatee,
    /// Elle a pris fin : la maison est fermée.
    Terminee,
}

/// What a portal tells of its house.
pub struct Maison(pub(super) views::Portail);

#[Object]
impl Maison {
    /// Qui en dirige la publication selon la loi, d'après sa nature.
    async fn titulaire_selon_la_loi(&self) -> Option<&'static str> {
        self.0.nature().map(domaine::NaturePortail::titulaire)
    }

    /// Les mentions légales du portail un jour donné, passé ou présent, telles que le journal
    /// les établit ; aujourd'hui par défaut.
    async fn mentions_legales(&self, ctx: &Context<'_>, le: Option<NaiveDate>) -> Result<MentionsLegales> {
        MentionsLegales::of(ctx, self.0.clone(), le).await
    }

    /// Les adhésions de l'établissement, de la plus récente à la plus ancienne.
    async fn adhesions(&self, ctx: &Context<'_>) -> Result<Vec<Adhesion>> {
        let rows = Maisons::adhesions(ctx.requete()?.views(), &self.0.id).await.map_err(fault)?;
        Ok(rows.into_iter().map(Adhesion::from).collect())
    }

    /// Où en est l'adhésion de l'établissement un jour donné, aujourd'hui par défaut ; rien pour un
    /// portail qui n'est pas celui d'un établissement. Un portail dont la convention n'est pas
    /// constatée est ouvert : l'exploitant ne l'ouvre qu'à un établissement qui adhère.
    async fn etat_d_adhesion(
        &self,
        ctx: &Context<'_>,
        le: Option<NaiveDate>,
    ) -> Result<Option<EtatDAdhesion>> {
        let requete = ctx.requete()?;
        let day = le.unwrap_or_else(|| journee(requete.commands().now()));
        Ok(self.0.etat_d_adhesion(day).map(EtatDAdhesion::from))
    }

    /// L'apparence du portail, s'il en a une à lui, ou celle qu'il avait à un instant passé.
    async fn theme(&self, ctx: &Context<'_>, le: Option<DateTime<Utc>>) -> Result<Option<Theme>> {
        let views = ctx.requete()?.views();
        let row = match le {
            Some(le) => Maisons::theme_at(views, &self.0.id, le).await,
            None => Maisons::theme(views, &self.0.id).await,
        };
        Ok(row.map_err(fault)?.map(Theme::from))
    }

    /// Le catalogue : chaque service, et les profils auxquels il est fermé un jour donné,
    /// aujourd'hui par défaut.
    async fn catalogue(&self, ctx: &Context<'_>, le: Option<NaiveDate>) -> Result<Vec<EtatDeServiceEnt>> {
        let requete = ctx.requete()?;
        let day = le.unwrap_or_else(|| journee(requete.commands().now()));
        let rows = Maisons::fermetures(requete.views(), &self.0.id, day).await.map_err(fault)?;
        let mut closed: BTreeMap<String, Vec<Fermeture>> = BTreeMap::new();
        for row in rows {
            closed.entry(row.service_ent.clone()).or_default().extend(Fermeture::of(row));
        }
        let state = |brick: &domaine::ServiceEnt| EtatDeServiceEnt {
            service_ent: (*brick).into(),
            libelle: brick.libelle(),
            famille: brick.famille().libelle(),
            fermetures: closed.remove(brick.as_str()).unwrap_or_default(),
        };
        Ok(domaine::ServiceEnt::TOUS.iter().map(state).collect())
    }
}

/// L'adhésion d'un établissement à l'ENT.
#[derive(SimpleObject)]
pub struct Adhesion {
    /// Référence de la convention.
    convention: String,
    /// Premier jour.
    depuis: NaiveDate,
    /// Premier jour sans elle, si elle a pris fin.
    jusque: Option<NaiveDate>,
    /// Pourquoi elle a pris fin.
    motif_de_fin: Option<String>,
}

impl From<views::Adhesion> for Adhesion {
    fn from(row: views::Adhesion) -> Self {
        let views::Adhesion { convention, depuis, jusque, motif_de_fin, .. } = row;
        Self { convention, depuis, jusque, motif_de_fin }
    }
}

/// L'apparence d'un portail ; ses couleurs s'écrivent `#rrggbb`.
#[derive(SimpleObject)]
pub struct Theme {
    /// Ce qui s'affiche en tête de ses pages.
    titre: String,
    /// Derrière le texte.
    fond: String,
    /// Le texte.
    texte: String,
    /// Les liens.
    accent: String,
    /// Depuis cet instant.
    depuis: DateTime<Utc>,
}

impl From<views::Theme> for Theme {
    fn from(row: views::Theme) -> Self {
        let views::Theme { titre, fond, texte, accent, depuis, .. } = row;
        Self { titre, fond, texte, accent, depuis }
    }
}

/// Un service au catalogue d'un portail.
#[derive(SimpleObject)]
pub struct EtatDeServiceEnt {
    service_ent: ServiceEnt,
    /// Son nom.
    libelle: &'static str,
    /// La famille dont il est.
    famille: &'static str,
    /// À qui il est fermé ; à personne, si la liste est vide.
    fermetures: Vec<Fermeture>,
}

/// Un service fermé à un profil.
#[derive(SimpleObject)]
pub struct Fermeture {
    profil: annuaire::Profil,
    /// Premier jour.
    depuis: NaiveDate,
    /// Premier jour où il est de nouveau ouvert, si ce jour est fixé.
    jusque: Option<NaiveDate>,
    /// Pourquoi.
    motif: String,
}

impl Fermeture {
    fn of(row: views::Fermeture) -> Option<Self> {
        let profil = Profil::named(&row.profil)?;
        let views::Fermeture { depuis, jusque, motif, .. } = row;
        Some(Self { profil: profil.into(), depuis, jusque, motif })
    }
}

/// Ce que toute page d'un portail doit dire de qui la publie (LCEN, art. 1-1).
pub struct MentionsLegales {
    portail: views::Portail,
    le: NaiveDate,
    direction: Option<views::Direction>,
}

#[Object]
/// Ce que toute page d'un portail doit dire de qui la publie (LCEN, art. 1-1).
impl MentionsLegales {
    /// Le jour dont elles sont.
    async fn le(&self) -> NaiveDate {
        self.le
    }

    /// Premier élément du nom d'hôte du portail.
    async fn hote(&self) -> &str {
        &self.portail.id
    }

    /// Qui édite le portail.
    async fn editeur(&self) -> &str {
        &self.portail.nom
    }

    /// Qui en dirige la publication selon la loi, d'après sa nature.
    async fn titulaire_selon_la_loi(&self) -> Option<&'static str> {
        self.portail.nature().map(domaine::NaturePortail::titulaire)
    }

    /// Qui en dirigeait la publication ce jour-là ; rien si personne n'était en fonction.
    async fn directeur_de_publication(&self) -> Option<DirectionDePublication> {
        self.direction.clone().map(DirectionDePublication)
    }

    /// Si l'établissement adhérait encore à l'ENT : après la fin, rien n'est public.
    async fn portail_public(&self) -> bool {
        self.portail.is_public(self.le)
    }
}

impl MentionsLegales {
    pub(super) async fn of(
        ctx: &Context<'_>,
        portail: views::Portail,
        le: Option<NaiveDate>,
    ) -> Result<Self> {
        let requete = ctx.requete()?;
        let le = le.unwrap_or_else(|| journee(requete.commands().now()));
        let ids = [portail.id.clone()];
        let rows = Portails::directions_on(requete.views(), &ids, le).await.map_err(fault)?;
        Ok(Self { portail, le, direction: rows.into_iter().next() })
    }
}
