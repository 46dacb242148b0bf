//! The file of an absence, in GraphQL.

use super::reglement::MotifAbsence;
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use crate::graphql::ids::global;
use crate::graphql::notifications::PersonneAPrevenir;
use crate::graphql::pieces::PieceJointe;
use crate::graphql::stored::stored;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use commands::rights::{Action, Resource};
use domain::absences::{MoyenDeContact as Moyen, NatureDePiece as Nature, SupportDeJustificatif as Support};
use domain::pieces::Objet;
use domain::{DossierAbsenceId, EtablissementId, PersonneId};
use projections::absences::{self as views, Dossiers};
use uuid::Uuid;

/// Où en est une absence.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum EtatDAbsence {
    /// Constatée, sans un mot de la famille.
    Constatee,
    /// Annoncée à l'avance par la famille.
    Annoncee,
    /// La famille en a dit le motif.
    Justifiee,
    /// La vie scolaire s'est prononcée.
    Reglee,
    /// Retirée : l'élève était là.
    Retiree,
}

impl EtatDAbsence {
    /// Those that ask something of the vie scolaire.
    pub const A_TRAITER: [Self; 3] = [Self::Constatee, Self::Annoncee, Self::Justifiee];

    /// As the view has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Constatee => "constatee",
            Self::Annoncee => "annoncee",
            Self::Justifiee => "justifiee",
            Self::Reglee => "reglee",
            Self::Retiree => "retiree",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "annoncee" => Self::Annoncee,
            "justifiee" => Self::Justifiee,
            "reglee" => Self::Reglee,
            "retiree" => Self::Retiree,
            _ => Self::Constatee,
        }
    }
}

/// Par quoi une absence est connue.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum OrigineDAbsence {
    /// Par les appels d'une journée.
    Appels,
    /// Saisie par la vie scolaire.
    Saisie,
    /// Annoncée par la famille.
    Annonce,
}

/// Comment une famille a été jointe.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Moyen")]
pub enum MoyenDeContact {
    Telephone,
    Sms,
    Courriel,
    Courrier,
    Entretien,
}

/// De quelle sorte est une pièce.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Nature")]
pub enum NatureDePiece {
    Pdf,
    Jpeg,
    Png,
}

/// Un document que la famille garde, par son empreinte.
#[derive(SimpleObject)]
pub struct PieceDAbsence {
    /// SHA-256 de ses octets, en hexadécimal.
    empreinte: String,
    nom: String,
    nature: NatureDePiece,
    octets: u32,
}

/// Comment une famille a remis un justificatif hors de l'ENT.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Support")]
pub enum SupportDeJustificatif {
    Papier,
    Courriel,
}

/// Ce que la vie scolaire a enregistré pour la famille.
pub struct RecueilDeJustificatif(domain::absences::Recueil);

#[Object]
/// Ce que la vie scolaire a enregistré pour la famille.
impl RecueilDeJustificatif {
    /// Comment la famille l'a remis.
    async fn support(&self) -> SupportDeJustificatif {
        self.0.support.into()
    }

    /// Qui l'a enregistré.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.par.0).await
    }
}

/// Ce que dit la famille.
pub struct JustificationDAbsence(domain::absences::Justification);

#[Object]
/// Ce que dit la famille.
impl JustificationDAbsence {
    /// Qui le dit.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.par.0).await
    }

    async fn motif(&self) -> MotifAbsence {
        MotifAbsence(self.0.motif.clone())
    }

    /// Avec ses mots.
    async fn texte(&self) -> Option<&str> {
        self.0.texte.as_deref()
    }

    async fn piece(&self) -> Option<PieceDAbsence> {
        let piece = self.0.piece.clone()?;
        let nature = piece.nature.into();
        Some(PieceDAbsence { empreinte: piece.empreinte, nom: piece.nom, nature, octets: piece.octets })
    }

    /// Comment la vie scolaire l'a enregistré pour la famille ; rien si la famille l'a écrit elle-même.
    async fn recueil(&self) -> Option<RecueilDeJustificatif> {
        self.0.recueil.map(RecueilDeJustificatif)
    }
}

/// Comment la vie scolaire s'est prononcée.
pub struct DecisionDAbsence(domain::absences::Decision);

#[Object]
/// Comment la vie scolaire s'est prononcée.
impl DecisionDAbsence {
    /// Le motif est-il bon.
    async fn recevable(&self) -> bool {
        self.0.recevable
    }

    /// Le motif retenu.
    async fn motif(&self) -> Option<MotifAbsence> {
        self.0.motif.clone().map(MotifAbsence)
    }

    /// Pourquoi.
    async fn raison(&self) -> Option<&str> {
        self.0.raison.as_deref()
    }
}

/// Une prise de contact avec la famille.
#[derive(SimpleObject)]
pub struct ContactFamille {
    le: DateTime<Utc>,
    moyen: MoyenDeContact,
    /// Ce qui s'est dit.
    resume: Option<String>,
}

/// Un moment d'absence, à l'heure locale.
#[derive(SimpleObject)]
pub struct CreneauDAbsence {
    date: NaiveDate,
    debut: NaiveTime,
    date_fin: NaiveDate,
    fin: NaiveTime,
}

impl CreneauDAbsence {
    /// From when to when.
    pub fn new(debut: NaiveDateTime, fin: NaiveDateTime) -> Self {
        Self { date: debut.date(), debut: debut.time(), date_fin: fin.date(), fin: fin.time() }
    }
}

/// Le dossier d'une absence.
pub struct DossierAbsence(pub views::DossierAbsence);

#[Object]
/// Le dossier d'une absence.
impl DossierAbsence {
    pub async fn id(&self) -> ID {
        global("DossierAbsence", self.0.id)
    }

    /// L'élève.
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.eleve).await
    }

    /// Où elle en est.
    async fn etat(&self) -> EtatDAbsence {
        EtatDAbsence::of(&self.0.etat)
    }

    /// Par quoi elle est connue.
    async fn origine(&self) -> OrigineDAbsence {
        match self.0.origine.as_str() {
            "saisie" => OrigineDAbsence::Saisie,
            "annonce" => OrigineDAbsence::Annonce,
            _ => OrigineDAbsence::Appels,
        }
    }

    /// Du début du premier moment à la fin du dernier.
    async fn creneau(&self) -> CreneauDAbsence {
        CreneauDAbsence::new(self.0.debut, self.0.fin)
    }

    /// Ses moments.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn creneaux(&self, ctx: &Context<'_>) -> Result<Vec<CreneauDAbsence>> {
        let rows = ctx.requete()?.loaders().creneaux_of.load_one(self.0.id).await.map_err(fault)?;
        let rows = rows.unwrap_or_default().into_iter();
        Ok(rows.map(|row| CreneauDAbsence::new(row.debut, row.fin)).collect())
    }

    /// Les prises de contact avec la famille, dans l'ordre.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn contacts(&self, ctx: &Context<'_>) -> Result<Vec<ContactFamille>> {
        let rows = ctx.requete()?.loaders().contacts_of.load_one(self.0.id).await.map_err(fault)?;
        rows.unwrap_or_default().into_iter().map(contact).collect()
    }

    /// Qui est à prévenir de l'absence et ce qui en fut dit à chacun ; rien pour qui n'est pas de la vie
    /// scolaire ni de la direction.
    #[graphql(complexity = "4 * child_complexity + 10")]
    async fn prevenus(&self, ctx: &Context<'_>) -> Result<Option<Vec<PersonneAPrevenir>>> {
        PersonneAPrevenir::of(ctx, self.0.id, &self.0.portail).await
    }

    /// Ce que dit la famille.
    async fn justification(&self) -> Option<JustificationDAbsence> {
        self.0.justification.clone().map(|said| JustificationDAbsence(said.0))
    }

    /// Les pièces qui accompagnent ce que dit la famille, dans l'ordre.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn pieces(&self, ctx: &Context<'_>) -> Result<Vec<PieceJointe>> {
        let dossier = DossierAbsenceId(self.0.id);
        PieceJointe::of(ctx, Objet::DossierAbsence { dossier }).await
    }

    /// Comment la vie scolaire s'est prononcée.
    async fn decision(&self) -> Option<DecisionDAbsence> {
        self.0.decision.clone().map(|decided| DecisionDAbsence(decided.0))
    }

    /// Jour où elle l'a fait.
    async fn reglee_le(&self) -> Option<NaiveDate> {
        self.0.reglee_le
    }
}

impl DossierAbsence {
    /// The file, for who may read the pupil's absences there.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = Dossiers::by_ids(requete.views(), &[id]).await.map_err(fault)?.pop() else {
            return Ok(None);
        };
        let etablissement = Some(EtablissementId(row.etablissement));
        let resource = Resource::Eleve { personne: PersonneId(row.eleve), etablissement };
        Ok(requete.may(Action::LireAbsencesEleve, &resource).await?.then_some(Self(row)))
    }
}

fn contact(row: views::Contact) -> Result<ContactFamille> {
    Ok(ContactFamille { le: row.le, moyen: stored::<Moyen, _>(&row.moyen)?, resume: row.resume })
}
