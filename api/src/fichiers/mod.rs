//! What is taken out of the house as files.
//!
//! | route | what | who |
//! |---|---|---|
//! | `POST /donnees/{remise}` | all that is held about a person, as a zip file | who asked for it |
//! | `GET /listes/{uai}/divisions.csv` | the pupils of each division | the offices of the établissement |
//! | `GET /listes/{uai}/groupes.csv` | who is in each groupe | the same |
//! | `GET /listes/{uai}/personnes.csv` | its people, as `ent importer csv` reads them | the same |
//! | `GET /listes/{uai}/registre/{jour}.csv` or `.xlsx` | the rolls of a day, of one `division` or of all | who follows its absences |
//! | `GET /listes/{uai}/absences/{mois}.csv` or `.xlsx` | the absences of a month | the same |
//! | `GET /agenda/{secret}.ics` | a person's agenda | who has the address |
//! | `GET /copies/{travail}/{eleve}` | what a pupil has handed in | the pupil, the family, the teacher |
//! | `POST /pieces` | deposits a file | who will join it to something |
//! | `GET /pieces/{piece}` | a file | who reads what it accompanies |
//! | `GET /cahiers/{enseignement}/{annee}.json` | the cahier of a year | who reads it |
//! | `GET /carnets/{enseignement}/{annee}/{rang}.csv` or `.xlsx` | the gradebook of a period | who reads it, and the professeur principal |
//! | `GET /bulletins/{bulletin}.html` or `.pdf` | a bulletin, on paper | who reads it |
//! | `GET /livrets/{uai}/lsu/{annee}/{rang}.xml` | bulletins as the livret scolaire unique, of one `division` or of all | the direction |
//! | `GET /livrets/{uai}/lsl/{annee}.xml` | a year as the livret scolaire du lycée | the same |
//! | `GET /registre-des-traitements.json` | what data are held for (RGPD, art. 30) | anybody |
//!
//! A file that is made here is written to disk before its first byte is sent: its digest is recorded
//! first, and a reader who is slow holds no connection of the database. Few are written at a time.

mod absences;
pub(crate) mod agenda;
mod archive;
mod bulletin;
mod carnets;
mod copies;
mod debit;
mod dossier;
mod listes;
mod livrets;
mod personnes;
mod pieces;
mod remise;
mod tableau;
pub(crate) mod tableur;
mod transit;

pub use dossier::{Dossier, DossierError};

use crate::http::Ids;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, extract::State};
use commands::rights::{Acteur, Action, Resource};
use commands::{Commands, Demande, UseCaseError};
use domain::CommandeId;
use domain::protection::registre;
use futures::stream;
use ledger::presse::Presse;
use std::ffi::OsStr;
use std::io::{Seek, SeekFrom};
use std::sync::Arc;
use std::time::Duration;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use transit::Transit;

/// Files being written at a time; who comes when they are, is told to come back.
const A_LA_FOIS: usize = 4;
/// How long a bulletin may take to become a PDF.
const PATIENCE: Duration = Duration::from_secs(25);
/// How large it may become, in bytes.
const BULLETIN_MAX: u64 = 16 << 20;
/// Bytes that are read from the disk at a time.
const MORCEAU: usize = 64 * 1024;

/// What these routes stand on.
#[derive(Clone)]
struct Fichiers {
    commands: Commands,
    ids: Ids,
    places: Arc<Semaphore>,
    /// What files hold that are deposited and read.
    transit: Transit,
    /// Bytes of a file that is deposited.
    piece_max: u64,
    presse: Option<Presse>,
}

impl Fichiers {
    /// Lets who may take this out. What a personne habilitée takes is on the record before it is
    /// shown, as what she reads in GraphQL is.
    async fn may(&self, acteur: &Acteur, action: Action, on: &Resource) -> Result<(), Sans> {
        self.commands.permit(acteur, action, on)?;
        if acteur.interventions.is_empty() {
            return Ok(());
        }
        let (commande, corps) = (CommandeId((self.ids)()), format!("consignerLecture\n{on}").into_bytes());
        let demande = Demande { acteur: acteur.clone(), commande, corps, cause: None };
        Ok(self.commands.consigner_lecture(&demande, action, on).await?)
    }

    /// A place to write a file, if one is free.
    fn place(&self) -> Result<SemaphorePermit<'_>, Sans> {
        self.places.try_acquire().map_err(|_| Sans::Occupe)
    }
}

/// The operator's renderer of bulletins: it has less time than a request, and one is some pages.
pub fn presse(programme: impl AsRef<OsStr>) -> Presse {
    Presse::new(programme, PATIENCE, BULLETIN_MAX)
}

/// The routes; `ids` makes those of the acts that they record and of files, `presse` PDFs, and a file
/// that is deposited has so many bytes at most.
pub fn routes(commands: Commands, ids: Ids, presse: Option<Presse>, piece_max: u64) -> Router {
    let (places, transit) = (Arc::new(Semaphore::new(A_LA_FOIS)), Transit::new());
    Router::new()
        .route("/donnees/{remise}", post(remise::fetch))
        .route("/listes/{uai}/divisions.csv", get(listes::divisions))
        .route("/listes/{uai}/groupes.csv", get(listes::groupes))
        .route("/listes/{uai}/personnes.csv", get(personnes::personnes))
        .route("/listes/{uai}/registre/{fichier}", get(absences::registre))
        .route("/listes/{uai}/absences/{fichier}", get(absences::mois))
        .route("/agenda/{secret}", get(agenda::read))
        .route("/copies/{travail}/{eleve}", get(copies::fetch))
        .route("/pieces", post(pieces::deposer))
        .route("/pieces/{piece}", get(pieces::lire))
        .route("/cahiers/{enseignement}/{annee}", get(archive::fetch))
        .route("/carnets/{enseignement}/{annee}/{fichier}", get(carnets::fetch))
        .route("/bulletins/{fichier}", get(bulletin::fetch))
        .route("/livrets/{uai}/lsu/{annee}/{fichier}", get(livrets::lsu))
        .route("/livrets/{uai}/lsl/{fichier}", get(livrets::lsl))
        .route("/registre-des-traitements.json", get(traitements))
        .with_state(Fichiers { commands, ids, places, transit, piece_max, presse })
}

async fn traitements(State(fichiers): State<Fichiers>) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "public, max-age=3600")], Json(registre(fichiers.commands.today())))
}

/// Why there is no file.
enum Sans {
    /// It does not exist, or is not for who asks.
    Absent,
    /// The domain refused, in words for who asks.
    Refuse(String),
    /// The operator has nothing that makes it.
    Presse,
    /// Too many are being written.
    Occupe,
    /// Those that come and go hold all that they may.
    Plein,
    /// So many of who asks are on their way: all that may be.
    TropALaFois(usize),
    /// What is deposited is longer than so many bytes.
    TropGrand(u64),
    /// It has no name.
    Anonyme,
    /// It was broken off.
    Interrompu,
    /// It takes too long to come.
    Lent,
    /// Something is broken.
    Panne,
}

impl Sans {
    /// A fault, whose causes go to the log.
    fn fault(error: impl Into<anyhow::Error>) -> Self {
        tracing::error!(error = format!("{:#}", error.into()), "a file could not be written");
        Self::Panne
    }
}

impl From<UseCaseError> for Sans {
    fn from(error: UseCaseError) -> Self {
        match error {
            UseCaseError::Interdit => Self::Absent,
            UseCaseError::Refused(refused) => Self::Refuse(refused.message),
            UseCaseError::Conflict | UseCaseError::CommandReused | UseCaseError::Unavailable => Self::Occupe,
            UseCaseError::Fault(_) => Self::fault(error),
        }
    }
}

impl From<sqlx::Error> for Sans {
    fn from(error: sqlx::Error) -> Self {
        Self::fault(error)
    }
}

impl IntoResponse for Sans {
    fn into_response(self) -> Response {
        let (retry, rest_may_come) = (self.retry_after(), matches!(self, Self::Lent));
        let mut response = self.told();
        if rest_may_come {
            // The connection cannot be used again.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(seconds) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}

impl Sans {
    /// In how many seconds who asks may come back.
    fn retry_after(&self) -> Option<&'static str> {
        match self {
            Self::Occupe => Some("60"),
            Self::Plein | Self::TropALaFois(_) => Some("5"),
            _ => None,
        }
    }

    fn told(self) -> Response {
        let told = |status, message: &str| (status, message.to_owned()).into_response();
        match self {
            Self::Absent => {
                told(StatusCode::NOT_FOUND, "Il n'y a rien à cette adresse, ou ce n'est pas pour vous.")
            }
            Self::Refuse(message) => told(StatusCode::CONFLICT, &message),
            Self::Presse => told(
                StatusCode::NOT_IMPLEMENTED,
                "Cet ENT ne fait pas de PDF : ouvrez la page .html et imprimez-la, ou demandez à l'exploitant de configurer `pdf`.",
            ),
            Self::Occupe => told(
                StatusCode::SERVICE_UNAVAILABLE,
                "Trop de fichiers se préparent en ce moment : réessayez dans une minute.",
            ),
            Self::Plein => told(
                StatusCode::SERVICE_UNAVAILABLE,
                "Trop de fichiers s'échangent en ce moment : réessayez dans quelques secondes.",
            ),
            Self::TropALaFois(max) => told(
                StatusCode::TOO_MANY_REQUESTS,
                &format!(
                    "Vous avez déjà {max} fichiers en cours : attendez que l'un finisse, puis réessayez."
                ),
            ),
            Self::TropGrand(max) => told(
                StatusCode::PAYLOAD_TOO_LARGE,
                &format!("Ce fichier dépasse {max} octets : réduisez-le."),
            ),
            Self::Anonyme => told(
                StatusCode::BAD_REQUEST,
                "Ce fichier n'a pas de nom : donnez-le dans l'en-tête Content-Disposition.",
            ),
            Self::Interrompu => {
                told(StatusCode::BAD_REQUEST, "L'envoi du fichier s'est interrompu : recommencez.")
            }
            Self::Lent => told(
                StatusCode::REQUEST_TIMEOUT,
                "L'envoi du fichier tarde trop : vérifiez votre connexion, puis recommencez.",
            ),
            Self::Panne => told(StatusCode::INTERNAL_SERVER_ERROR, "Ce fichier ne peut être préparé."),
        }
    }
}

/// A file on the disk, sent bit by bit and never kept by anybody's cache.
fn attachment(mut file: std::fs::File, media: &'static str, name: &str) -> Result<Response, Sans> {
    let length = file.seek(SeekFrom::End(0)).map_err(Sans::fault)?;
    file.rewind().map_err(Sans::fault)?;
    let pieces = stream::try_unfold(File::from_std(file), |mut file| async move {
        let mut piece = vec![0; MORCEAU];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then_some((piece, file)))
    });
    let headers = [
        (header::CONTENT_TYPE, media.to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
