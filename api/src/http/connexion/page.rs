//! The pages of signing in, rendered whole, without script.

use super::guichet::Guichets;
use super::{address, form_urlencoded};
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use commands::Refused;

/// Their own style, forms to this very origin, and nothing else from anywhere.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// See the template.
#[derive(Template)]
#[template(path = "connexion.html")]
pub struct Page {
    titre: String,
    texte: String,
    liens: Vec<(String, String)>,
    formulaire: Option<Formulaire>,
}

/// Something to be sent.
pub struct Formulaire {
    /// Where to.
    pub action: String,
    /// Of what name.
    pub nom: &'static str,
    /// Values and what they say; one button each.
    pub boutons: Vec<(String, String)>,
}

impl Page {
    /// Of whom one may sign in by.
    pub fn of_choice(guichets: &Guichets, vers: &str) -> Self {
        let liens = guichets.all().iter();
        let liens = liens.map(|guichet| (address(guichet.id().as_str(), vers), guichet.libelle().to_owned()));
        Self {
            titre: "Connexion à l'ENT".to_owned(),
            texte: "Par qui vous faites-vous reconnaître ?".to_owned(),
            liens: liens.collect(),
            formulaire: None,
        }
    }

    /// Of the profils of who has several.
    pub fn of_profils(boutons: Vec<(String, String)>, vers: &str) -> Self {
        let action = format!("/connexion/profil?vers={}", form_urlencoded(vers));
        Self {
            titre: "Votre profil".to_owned(),
            texte: "Vous avez plusieurs profils. Vous agissez sous un seul à la fois, et pourrez en changer."
                .to_owned(),
            liens: vec![],
            formulaire: Some(Formulaire { action, nom: "profil", boutons }),
        }
    }

    /// Of signing out.
    pub fn of_sortie() -> Self {
        let boutons = vec![("oui".to_owned(), "Me déconnecter".to_owned())];
        Self {
            titre: "Déconnexion".to_owned(),
            texte: "Vous allez quitter l'ENT sur cet appareil.".to_owned(),
            liens: vec![],
            formulaire: Some(Formulaire { action: "/deconnexion".to_owned(), nom: "sortir", boutons }),
        }
    }

    /// Of having signed out.
    pub fn of_depart() -> Self {
        Self {
            titre: "Vous êtes déconnecté".to_owned(),
            texte: "Sur un appareil partagé, déconnectez-vous aussi de votre fournisseur d'identité, ou fermez le navigateur."
                .to_owned(),
            liens: vec![("/connexion".to_owned(), "Se reconnecter".to_owned())],
            formulaire: None,
        }
    }

    fn of_refusal(titre: &str, texte: String) -> Self {
        let liens = vec![("/connexion".to_owned(), "Recommencer".to_owned())];
        Self { titre: titre.to_owned(), texte, liens, formulaire: None }
    }

    /// The page as an answer.
    pub fn answer(self, status: StatusCode) -> Response {
        match self.render() {
            Ok(html) => (status, [(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response(),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page could not be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// Why somebody is not let in, as a page.
pub enum Refus {
    /// No provider of this name.
    Inconnu,
    /// The provider does not answer.
    Absent(String),
    /// Too often.
    TropSouvent,
    /// Something of ours is out of order.
    Panne,
    /// The record says no.
    Refuse(Refused),
}

impl Refus {
    /// The page.
    pub fn answer(self) -> Response {
        let (status, titre, texte) = match self {
            Self::Inconnu => (
                StatusCode::NOT_FOUND,
                "Fournisseur d'identité inconnu",
                "L'ENT ne connaît pas ce fournisseur d'identité : choisissez l'un de ceux qu'il propose."
                    .to_owned(),
            ),
            Self::Absent(libelle) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Fournisseur d'identité injoignable",
                format!("« {libelle} » ne répond pas pour l'instant : réessayez dans quelques minutes."),
            ),
            Self::TropSouvent => (
                StatusCode::TOO_MANY_REQUESTS,
                "Trop de connexions",
                "Trop de connexions partent de votre adresse : attendez une minute, puis réessayez."
                    .to_owned(),
            ),
            Self::Panne => (
                StatusCode::SERVICE_UNAVAILABLE,
                "L'ENT est indisponible",
                "L'ENT ne peut vous connecter pour l'instant : réessayez dans quelques minutes.".to_owned(),
            ),
            Self::Refuse(refused) => (StatusCode::FORBIDDEN, "Connexion refusée", refused.message),
        };
        Page::of_refusal(titre, texte).answer(status)
    }
}
