//! `GET /bulletins/{bulletin}.html` or `.pdf`: a bulletin as it was frozen, to be framed.
//!
//! Opened by the pupil or who answers for him or her, it has been read, and the record says
//! when that was for the first time. It shows what was frozen and nothing of today but the
//! colour of the portal. Source: code de l'éducation, art. D111-3.

use super::{Fichiers, Sans};
use crate::identity::Identite;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use commands::Demande;
use commands::notes::Regard;
use domain::notes::{
    Assiduite, Avis, ContenuBulletin, EnseignementDuBulletin, Explication, Orientation, Positionnement,
    Repartition, referentiel,
};
use domain::{BulletinId, CommandeId, heure_locale};
use projections::notes::Bulletin;
use projections::portails::Maisons;
use uuid::Uuid;

/// The page brings its own look and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Nobody's cache keeps it.
const SANS_COPIE: &str = "private, no-store";
/// The colour of a portal that was given none.
const ACCENT: &str = "#1a4d7a";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Forme {
    Page,
    Pdf,
}

impl Forme {
    fn of(name: &str) -> Option<(Uuid, Self)> {
        let (stem, extension) = name.rsplit_once('.')?;
        let forme = match extension {
            "html" => Self::Page,
            "pdf" => Self::Pdf,
            _ => return None,
        };
        Some((stem.parse().ok()?, forme))
    }
}

pub(super) async fn fetch(
    State(fichiers): State<Fichiers>,
    Path(name): Path<String>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let (id, forme) = Forme::of(&name).ok_or(Sans::Absent)?;
    let commands = &fichiers.commands;
    let acteur = commands.acteur_identifie(identite.identifie()).await?;
    let (row, regard) = commands.bulletin_pour(&acteur, BulletinId(id)).await?;
    let theme = Maisons::theme(commands.views(), &row.portail).await?;
    let accent = theme.map_or_else(|| ACCENT.to_owned(), |theme| theme.accent);
    let page = Feuille::of(&row, &accent).render().map_err(Sans::fault)?;
    let told = match forme {
        Forme::Page => {
            let headers = [(header::CONTENT_SECURITY_POLICY, POLICY), (header::CACHE_CONTROL, SANS_COPIE)];
            (headers, Html(page)).into_response()
        }
        Forme::Pdf => imprime(&fichiers, &page).await?,
    };
    if regard == Regard::Famille {
        // It is ready, and shown once it is on the record that it is read.
        let (commande, corps) = (CommandeId((fichiers.ids)()), format!("bulletin\n{id}").into_bytes());
        let demande = Demande { acteur, commande, corps, cause: None };
        commands.lire_bulletin(&demande, BulletinId(id)).await?;
    }
    Ok(told)
}

async fn imprime(fichiers: &Fichiers, page: &str) -> Result<Response, Sans> {
    let presse = fichiers.presse.as_ref().ok_or(Sans::Presse)?;
    let _place = fichiers.place()?;
    let document = presse.imprimer(page).await.map_err(Sans::fault)?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"bulletin.pdf\""),
        (header::CACHE_CONTROL, SANS_COPIE),
    ];
    Ok((headers, document).into_response())
}

/// The page, with figures and dates as French is written.
#[derive(Template)]
#[template(path = "bulletin.html")]
struct Feuille<'a> {
    accent: &'a str,
    contenu: &'a ContenuBulletin,
    empreinte: &'a str,
    fige_le: DateTime<Utc>,
    visible_des: Option<DateTime<Utc>>,
}

impl<'a> Feuille<'a> {
    fn of(row: &'a Bulletin, accent: &'a str) -> Self {
        Self {
            accent,
            contenu: &row.contenu,
            empreinte: &row.empreinte,
            fige_le: row.fige_le,
            visible_des: row.visible_des,
        }
    }

    fn annee(&self) -> String {
        let first = self.contenu.periode.annee.0;
        format!("{first}-{}", first.saturating_add(1))
    }

    fn moyenne(&self, explained: &Explication) -> String {
        explained.moyenne.map_or_else(|| "non noté".to_owned(), |moyenne| format!("{moyenne:#}"))
    }

    fn generales(&self) -> Option<Chiffres> {
        self.contenu.generale_de_la_division.as_ref().map(Chiffres::of)
    }

    fn chiffres(&self, one: &EnseignementDuBulletin) -> Option<Chiffres> {
        one.division.as_ref().map(Chiffres::of)
    }

    fn enseignants(&self, one: &EnseignementDuBulletin) -> Vec<String> {
        let named = |who: &domain::notes::EnseignantDuBulletin| {
            let title = who.civilite.as_deref().map(|title| format!("{title} ")).unwrap_or_default();
            format!("{title}{} {}", who.prenom, who.nom)
        };
        one.enseignants.iter().map(named).collect()
    }

    fn assiduite(&self) -> Option<Assiduite> {
        self.contenu.assiduite()
    }

    fn avis(&self) -> Option<&'static str> {
        Some(match self.contenu.conseil.avis? {
            Avis::Felicitations => "Félicitations",
            Avis::Compliments => "Compliments",
            Avis::Encouragements => "Encouragements",
            Avis::MiseEnGardeTravail => "Mise en garde sur le travail",
            Avis::MiseEnGardeConduite => "Mise en garde sur la conduite",
        })
    }

    fn orientation(&self) -> Option<&'static str> {
        Some(match self.contenu.conseil.orientation? {
            Orientation::ClasseSuperieure => "Passage dans la classe supérieure",
            Orientation::Redoublement => "Redoublement, à titre exceptionnel",
            Orientation::SecondeGeneraleEtTechnologique => "Seconde générale et technologique",
            Orientation::SecondeProfessionnelle => "Seconde professionnelle",
            Orientation::PremiereAnneeDeCap => "Première année de CAP",
            Orientation::PremiereGenerale => "Première générale",
            Orientation::PremiereTechnologique => "Première technologique",
        })
    }

    fn domaine(&self, one: &Positionnement) -> &'static str {
        let known = referentiel(one.cycle).iter().find(|entree| entree.domaine == one.domaine);
        known.map_or("", |entree| entree.libelle)
    }

    fn degre(&self, one: &Positionnement) -> u8 {
        one.niveau.into()
    }

    fn jour(&self, jour: &NaiveDate) -> String {
        jour.format("%d/%m/%Y").to_string()
    }

    fn instant(&self, instant: &DateTime<Utc>) -> String {
        heure_locale(*instant).format("%d/%m/%Y à %H h %M").to_string()
    }
}

/// How averages are spread, as it is written.
struct Chiffres {
    moyenne: String,
    minimum: String,
    maximum: String,
}

impl Chiffres {
    fn of(them: &Repartition) -> Self {
        Self {
            moyenne: format!("{:#}", them.moyenne),
            minimum: format!("{:#}", them.minimum),
            maximum: format!("{:#}", them.maximum),
        }
    }
}
