//! `/sante-du-journal/{portail}`: how the journals of a portal do, for its chef
//! d'établissement. Counts and dates only, which tell nothing of anybody: the page is public,
//! as the portal's mentions légales are.

use super::escaped;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, Utc};
use chrono_tz::Europe::Paris;
use projections::audit::{SanteDuJournal, Verifications};
use projections::portails::Portails;
use sqlx::PgPool;
use std::fmt::Write;

const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page of one portal.
pub async fn page(State(views): State<PgPool>, Path(label): Path<String>) -> Response {
    match read(&views, &label).await {
        Ok(Some((nom, journaux))) => {
            let headers = [(header::CONTENT_SECURITY_POLICY, POLICY), (header::CACHE_CONTROL, "no-cache")];
            (headers, Html(rendered(&nom, &journaux))).into_response()
        }
        Ok(None) => (StatusCode::NOT_FOUND, Html(document("Portail inconnu", ""))).into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the health page could not be read");
            let body = document("La santé du journal ne peut être lue : réessayez dans un instant", "");
            (StatusCode::SERVICE_UNAVAILABLE, Html(body)).into_response()
        }
    }
}

async fn read(views: &PgPool, label: &str) -> sqlx::Result<Option<(String, Vec<SanteDuJournal>)>> {
    let portail = Portails::by_ids(views, &[label.to_owned()]).await?.pop();
    let Some(portail) = portail else { return Ok(None) };
    Ok(Some((portail.nom, Verifications::sante(views, label).await?)))
}

fn rendered(nom: &str, journaux: &[SanteDuJournal]) -> String {
    let mut rows = String::new();
    for journal in journaux {
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\">{}-{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            journal.annee,
            i32::from(journal.annee) + 1,
            journal.evenements,
            journal.dernier.map_or("—".to_owned(), said),
            escaped(&verdict(journal)),
        );
    }
    let body = format!(
        "<p>{}</p>\n<table>\n<caption>Journaux du portail</caption>\n<thead><tr><th scope=\"col\">Année \
         scolaire</th><th scope=\"col\">Événements</th><th scope=\"col\">Dernier événement</th>\
         <th scope=\"col\">Dernière vérification</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n\
         <p>Le journal garde la preuve de chaque acte : qui, quand, en quelle qualité, de quel droit. Le \
         vérifier, c'est le relire depuis l'origine et s'assurer que rien n'y manque et que rien n'y a \
         changé.</p>\n",
        escaped(nom)
    );
    document("Santé du journal", &body)
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"fr\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\n\
         <body><main>\n<h1>{title}</h1>\n{body}</main></body>\n</html>\n"
    )
}

fn verdict(journal: &SanteDuJournal) -> String {
    let (Some(le), Some(verifies)) = (journal.verifie_le, journal.verifies) else {
        return "jamais vérifié".to_owned();
    };
    let le = said(le);
    match (&journal.faute, journal.faute_position) {
        (Some(faute), Some(position)) => {
            format!("le {le} : INVALIDE, événement n° {position} ({faute}) ; prévenez l'exploitant")
        }
        _ => format!("le {le} : valide, {verifies} événements conformes"),
    }
}

fn said(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&Paris).format("%d/%m/%Y à %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> SanteDuJournal {
        let verifie_le = Some("2026-11-23T07:00:00Z".parse().unwrap());
        SanteDuJournal {
            annee: 2026,
            evenements: 12,
            dernier: verifie_le,
            verifie_le,
            verifies: Some(11),
            faute_position: None,
            faute: None,
        }
    }

    #[test]
    fn a_sound_journal_says_when_and_how_far_it_was_verified() {
        assert_eq!(verdict(&journal()), "le 23/11/2026 à 08:00 : valide, 11 événements conformes");
        assert_eq!(verdict(&SanteDuJournal { verifie_le: None, ..journal() }), "jamais vérifié");
    }

    #[test]
    fn a_fault_is_not_hidden_from_the_chef_and_cannot_leave_its_cell() {
        let faute = SanteDuJournal { faute: Some("<b>".into()), faute_position: Some(3), ..journal() };
        let page = rendered("Collège <Saint-Exupéry>", &[faute]);
        assert!(page.contains("INVALIDE, événement n° 3 (&lt;b&gt;)"), "{page}");
        assert!(page.contains("Collège &lt;Saint-Exupéry&gt;"));
    }
}
