//! Bulletins in GraphQL: a family is told what one says by reading it, which is a fact.

use super::competences::DomainePositionne;
use super::conseil::{AssiduiteAuBulletin, ExamenDuConseil};
use super::moyennes::{MoyenneDeMatiere, MoyenneExpliquee, RepartitionDeMoyennes};
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault, top_level};
use crate::graphql::ids::{global, key};
use crate::graphql::named::bulletin_id;
use crate::graphql::payload::{payload, tell};
use crate::graphql::position::Position;
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, NaiveDate, Utc};
use commands::rights::Action;
use commands::rights_of;
use domain::notes as domaine;
use domain::{BulletinId, PersonneId};
use projections::annuaire::Eleve;
use projections::notes::{self as views, Bulletins};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Bulletins::NAME, Bulletins::VERSION);

/// As what someone sees a bulletin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Regard {
    /// Of the conseil de classe.
    Conseil,
    /// Of the family, who has read it or not yet.
    Famille { lu_le: Option<DateTime<Utc>> },
}

/// Le bulletin d'un élève pour une période.
pub struct Bulletin {
    row: views::Bulletin,
    regard: Regard,
}

#[Object]
/// Le bulletin d'un élève pour une période.
impl Bulletin {
    pub async fn id(&self) -> ID {
        global("Bulletin", self.row.id)
    }

    /// Libellé de la période.
    async fn periode(&self) -> &str {
        &self.row.contenu.periode.libelle
    }

    /// Année scolaire, par son année de début.
    async fn annee(&self) -> i16 {
        self.row.contenu.periode.annee.0
    }

    /// Quand il fut figé.
    async fn fige_le(&self) -> DateTime<Utc> {
        self.row.fige_le
    }

    /// À partir de quand les familles le lisent.
    async fn visible_des(&self) -> Option<DateTime<Utc>> {
        self.row.visible_des
    }

    /// SHA-256 de son contenu, en JSON canonique (RFC 8785).
    async fn empreinte(&self) -> &str {
        &self.row.empreinte
    }

    /// Où il se lit comme une feuille : ajoutez `.html`, ou `.pdf` si l'exploitant en fait.
    async fn adresse(&self) -> String {
        format!("/bulletins/{}", self.row.id)
    }

    /// Quand vous l'avez lu pour la première fois.
    async fn lu_le(&self) -> Option<DateTime<Utc>> {
        match self.regard {
            Regard::Conseil => None,
            Regard::Famille { lu_le } => lu_le,
        }
    }

    /// Ce qu'il dit. L'élève et ses responsables le reçoivent en le lisant par `lireBulletin`.
    async fn contenu(&self) -> Option<ContenuDeBulletin<'_>> {
        (self.regard != Regard::Famille { lu_le: None }).then_some(ContenuDeBulletin(&self.row.contenu))
    }

    /// Qui l'a lu, et quand pour la première fois ; rien pour qui n'est pas du conseil de classe.
    async fn lectures(&self, ctx: &Context<'_>) -> Result<Option<Vec<LectureDeBulletin>>> {
        if self.regard != Regard::Conseil {
            return Ok(None);
        }
        let rows = Bulletins::lectures(ctx.requete()?.views(), &[self.row.id]).await.map_err(fault)?;
        Ok(Some(rows.into_iter().map(LectureDeBulletin).collect()))
    }
}

impl Bulletin {
    /// A bulletin, for who has been found to be of the conseil de classe.
    pub fn at_the_conseil(row: views::Bulletin) -> Self {
        Self { row, regard: Regard::Conseil }
    }

    /// The bulletin, for the family once its hour has come, and for the conseil de classe.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let found = Bulletins::by_ids(requete.views(), &[id]).await.map_err(fault)?.pop();
        let Some(row) = found else { return Ok(None) };
        let eleve = requete.loaders().eleves.load_one(row.eleve).await.map_err(fault)?;
        let place = row.contenu.etablissement.etablissement.0;
        if let Some(eleve) = eleve
            && requete.may(Action::LireBulletin, &rights_of::dossier(&eleve, Some(place))).await?
        {
            return Ok(Self::told(ctx, vec![row]).await?.pop());
        }
        let division = row.contenu.division.division;
        let classe = requete.commands().classe(division.0).await.map_err(top_level)?;
        match classe {
            Some(classe) if requete.may(Action::LireConseil, &classe.resource).await? => {
                Ok(Some(Self::at_the_conseil(row)))
            }
            _ => Ok(None),
        }
    }

    /// The bulletins of a pupil that are told to who asks, newest first.
    pub async fn of_pupil(
        ctx: &Context<'_>,
        eleve: &Eleve,
        apres: Option<&Position>,
    ) -> Result<Option<Vec<Self>>> {
        let requete = ctx.requete()?;
        requete.reach(VIEW, apres).await?;
        let (mut places, mut readable) = (Vec::new(), false);
        for (place, dossier) in rights_of::dossiers(eleve) {
            if requete.may(Action::LireBulletin, &dossier).await? {
                readable = true;
                places.extend(place);
            }
        }
        if !readable {
            return Ok(None);
        }
        let mut rows = Bulletins::of_pupil(requete.views(), &eleve.fiches).await.map_err(fault)?;
        rows.retain(|row| places.contains(&row.contenu.etablissement.etablissement.0));
        Self::told(ctx, rows).await.map(Some)
    }

    /// Those whose hour has come, each with when who asks read it.
    async fn told(ctx: &Context<'_>, rows: Vec<views::Bulletin>) -> Result<Vec<Self>> {
        let requete = ctx.requete()?;
        let (now, ids) = (requete.commands().now(), rows.iter().map(|row| row.id).collect::<Vec<_>>());
        let lectures = Bulletins::lectures(requete.views(), &ids).await.map_err(fault)?;
        let acteur = requete.acteur().await?;
        let mine = |lecteur: Uuid| acteur.is(PersonneId(lecteur));
        let read = |id: Uuid| {
            let mut own = lectures.iter().filter(|it| it.bulletin == id && mine(it.lecteur));
            own.next().map(|it| it.le)
        };
        let visible = rows.into_iter().filter(|row| row.is_visible(now));
        Ok(visible
            .map(|row| {
                let lu_le = read(row.id);
                Self { row, regard: Regard::Famille { lu_le } }
            })
            .collect())
    }
}

/// Une première lecture d'un bulletin.
pub struct LectureDeBulletin(views::Lecture);

#[Object]
/// Une première lecture d'un bulletin.
impl LectureDeBulletin {
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.lecteur).await
    }

    async fn le(&self) -> DateTime<Utc> {
        self.0.le
    }
}

/// Ce que dit un bulletin.
pub struct ContenuDeBulletin<'a>(&'a domaine::ContenuBulletin);

#[Object]
/// Ce que dit un bulletin.
impl ContenuDeBulletin<'_> {
    /// Nom de l'établissement.
    async fn etablissement(&self) -> &str {
        &self.0.etablissement.nom
    }

    /// Numéro UAI de l'établissement.
    async fn uai(&self) -> &str {
        &self.0.etablissement.uai
    }

    /// Libellé de la division.
    async fn division(&self) -> &str {
        &self.0.division.libelle
    }

    /// Premier jour de la période.
    async fn debut(&self) -> NaiveDate {
        self.0.periode.debut
    }

    /// Dernier jour de la période.
    async fn fin(&self) -> NaiveDate {
        self.0.periode.fin
    }

    /// Nom de l'élève.
    async fn nom(&self) -> &str {
        &self.0.eleve.nom
    }

    /// Prénom de l'élève.
    async fn prenom(&self) -> &str {
        &self.0.eleve.prenom
    }

    /// Par enseignement.
    #[graphql(complexity = "12 * child_complexity + 1")]
    async fn enseignements(&self) -> Vec<EnseignementAuBulletin<'_>> {
        self.0.enseignements.iter().map(EnseignementAuBulletin).collect()
    }

    /// La moyenne générale.
    async fn generale(&self) -> MoyenneExpliquee {
        MoyenneExpliquee(self.0.generale.clone())
    }

    /// Les moyennes générales de la division.
    async fn generales(&self) -> Option<RepartitionDeMoyennes> {
        self.0.generale_de_la_division.clone().map(Into::into)
    }

    /// Ce que le conseil de classe a dit.
    async fn conseil(&self) -> ExamenDuConseil {
        ExamenDuConseil(self.0.conseil.clone())
    }

    /// Les absences et les retards, tels que la vie scolaire les avait constatés.
    async fn assiduite(&self) -> Option<AssiduiteAuBulletin> {
        self.0.assiduite().map(Into::into)
    }

    /// Les positionnements dans le socle.
    async fn positionnements(&self) -> Vec<DomainePositionne> {
        self.0.positionnements.iter().copied().map(Into::into).collect()
    }
}

/// Ce que dit un bulletin d'un enseignement.
pub struct EnseignementAuBulletin<'a>(&'a domaine::EnseignementDuBulletin);

#[Object]
/// Ce que dit un bulletin d'un enseignement.
impl EnseignementAuBulletin<'_> {
    /// Qui l'enseignait : prénom et nom.
    async fn enseignants(&self) -> Vec<String> {
        self.0.enseignants.iter().map(|it| format!("{} {}", it.prenom, it.nom)).collect()
    }

    /// La matière, la moyenne, celles de la division, l'appréciation.
    async fn moyenne(&self) -> MoyenneDeMatiere {
        MoyenneDeMatiere {
            matiere: self.0.matiere.clone(),
            moyenne: self.0.moyenne.clone(),
            division: self.0.division.clone(),
            appreciation: self.0.appreciation.clone(),
        }
    }
}

/// Le bulletin à lire.
#[derive(InputObject)]
pub struct LireBulletinInput {
    client_mutation_id: Option<Uuid>,
    bulletin_id: ID,
}

payload!(
    /// Réponse de `lireBulletin`.
    LireBulletinPayload, bulletin: Bulletin, BulletinId, VIEW, load
);

async fn load(ctx: &Context<'_>, id: BulletinId) -> Result<Option<Bulletin>> {
    Bulletin::load(ctx, id.0).await
}

/// Queries of bulletins.
#[derive(Default)]
pub struct BulletinQuery;

#[Object]
impl BulletinQuery {
    /// Un bulletin publié, pour l'élève et ses responsables ; figé, pour le conseil de classe.
    async fn bulletin(&self, ctx: &Context<'_>, id: ID, apres: Option<Position>) -> Result<Option<Bulletin>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        match key("Bulletin", &id) {
            Some(id) => Bulletin::load(ctx, id).await,
            None => Ok(None),
        }
    }
}

/// Mutations of bulletins.
#[derive(Default)]
pub struct BulletinMutation;

#[Object]
impl BulletinMutation {
    /// Lit un bulletin publié : l'élève et chacun de ses responsables ; la première lecture est un fait.
    async fn lire_bulletin(
        &self,
        ctx: &Context<'_>,
        input: LireBulletinInput,
    ) -> Result<LireBulletinPayload> {
        tell!(ctx, "lireBulletin", input, LireBulletinPayload, |commands, demande| {
            let bulletin = bulletin_id(&input.bulletin_id)?;
            Ok((bulletin, commands.lire_bulletin(demande, bulletin).await?))
        })
    }
}
