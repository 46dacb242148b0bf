//! The conseil de classe in GraphQL: one query for a whole division, in as many statements
//! whether it has five pupils or forty.

use super::bulletin::Bulletin;
use super::competences::{COMPETENCES, DomainePositionne, PositionnementPropose};
use super::moyennes::{MoyenneDeMatiere, MoyenneExpliquee, RepartitionDeMoyennes, chiffres};
use super::politique::PolitiqueDeMoyenne;
use crate::graphql::annuaire::{Division, Personne};
use crate::graphql::context::{Here, fault, top_level};
use crate::graphql::ids::key;
use crate::graphql::position::Position;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use commands::notes::{Chiffres, Classe, DitsDuConseil, QuellePeriode};
use commands::rights::Action;
use domain::notes as domaine;
use domain::{AnneeScolaire, DivisionId, EtablissementId, PeriodeId, PersonneId};
use projections::notes::{self as views, AssiduitesDonnees, Bulletins, Conseils, Periodes};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The view that these queries wait for.
pub const VIEW: (&str, i32) = (Conseils::NAME, Conseils::VERSION);
/// The view of what établissements count elsewhere.
pub const DONNEES: (&str, i32) = (AssiduitesDonnees::NAME, AssiduitesDonnees::VERSION);

/// Où en est une période.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::notes::EtatDePeriode")]
pub enum EtatDePeriode {
    /// Les notes se saisissent.
    Ouverte,
    /// Elles ne se saisissent plus.
    Verrouillee,
    /// Le conseil de classe est réuni.
    Conseil,
    /// Les bulletins sont publiés.
    Publiee,
}

/// Une marque d'attention du conseil de classe ; aucune n'est une sanction.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::notes::Avis")]
pub enum AvisDuConseil {
    Felicitations,
    Compliments,
    Encouragements,
    MiseEnGardeTravail,
    MiseEnGardeConduite,
}

/// Où le conseil propose que l'élève poursuive.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::notes::Orientation")]
pub enum OrientationProposee {
    ClasseSuperieure,
    Redoublement,
    SecondeGeneraleEtTechnologique,
    SecondeProfessionnelle,
    PremiereAnneeDeCap,
    PremiereGenerale,
    PremiereTechnologique,
}

/// Les absences et les retards d'un élève dans une période, tels que la vie scolaire les a constatés ou
/// que l'établissement les donne.
#[derive(SimpleObject)]
pub struct AssiduiteAuBulletin {
    /// Demi-journées d'absence, sans celles dont le motif n'est pas compté au bulletin.
    demi_journees: u16,
    /// Celles qui n'ont pas de motif légitime.
    injustifiees: u16,
    /// Séances où l'élève est arrivé en retard.
    retards: u16,
    /// Donnés par l'établissement, qui suit les absences dans un autre logiciel.
    donnee: bool,
}

impl From<domaine::Assiduite> for AssiduiteAuBulletin {
    fn from(it: domaine::Assiduite) -> Self {
        let domaine::Assiduite { demi_journees, injustifiees, retards, donnee } = it;
        Self { demi_journees, injustifiees, retards, donnee }
    }
}

/// Ce que le conseil de classe dit d'un élève.
pub struct ExamenDuConseil(pub domaine::Examen);

#[Object]
/// Ce que le conseil de classe dit d'un élève.
impl ExamenDuConseil {
    async fn synthese(&self) -> Option<&str> {
        self.0.synthese.as_deref()
    }

    async fn avis(&self) -> Option<AvisDuConseil> {
        self.0.avis.map(Into::into)
    }

    /// Une proposition : la famille y répond.
    async fn orientation(&self) -> Option<OrientationProposee> {
        self.0.orientation.map(Into::into)
    }
}

/// Quand et pourquoi la saisie d'une période fut rouverte.
pub struct Deverrouillage(views::Deverrouillage);

#[Object]
/// Quand et pourquoi la saisie d'une période fut rouverte.
impl Deverrouillage {
    async fn motif(&self) -> &str {
        &self.0.motif
    }

    async fn le(&self) -> DateTime<Utc> {
        self.0.le
    }

    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        match self.0.par {
            Some(personne) => Personne::named(ctx, personne).await,
            None => Ok(None),
        }
    }
}

/// Ce qu'un conseil de classe a devant lui : une division, dans une période.
pub struct ConseilDeClasse {
    classe: Classe,
    fiche: domaine::FichePeriode,
    etat: domaine::EtatDePeriode,
    politique: Option<domaine::PolitiqueVersionnee>,
    chiffres: Chiffres,
    dits: DitsDuConseil,
    assiduites: BTreeMap<Uuid, domaine::Assiduite>,
    propositions: BTreeMap<PersonneId, Vec<domaine::Proposition>>,
    bulletins: BTreeMap<PersonneId, views::Bulletin>,
}

#[Object]
/// Ce qu'un conseil de classe a devant lui : une division, dans une période.
impl ConseilDeClasse {
    async fn division(&self) -> Division {
        Division(self.classe.division.clone())
    }

    /// Libellé de la période.
    async fn libelle(&self) -> &str {
        &self.fiche.libelle
    }

    /// Où en est la période.
    async fn etat(&self) -> EtatDePeriode {
        self.etat.into()
    }

    /// La politique de moyenne que nomme la clôture de la saisie ; rien avant.
    async fn politique(&self) -> Option<PolitiqueDeMoyenne> {
        let politique = self.politique.clone()?;
        Some(PolitiqueDeMoyenne { politique, du: None })
    }

    /// Quand et pourquoi la saisie fut rouverte.
    async fn deverrouillages(&self, ctx: &Context<'_>) -> Result<Vec<Deverrouillage>> {
        let found = Periodes::deverrouillages(ctx.requete()?.views(), self.periode().0).await;
        Ok(found.map_err(fault)?.into_iter().map(Deverrouillage).collect())
    }

    /// Les moyennes générales de la division.
    async fn generales(&self) -> Option<RepartitionDeMoyennes> {
        self.chiffres.releve.repartition.clone().map(Into::into)
    }

    /// Les élèves, dans l'ordre de la liste de classe.
    #[graphql(complexity = "35 * child_complexity + 1")]
    async fn eleves(&self) -> Vec<EleveAuConseil<'_>> {
        let line = |eleve| EleveAuConseil { conseil: self, eleve };
        self.chiffres.eleves.iter().map(line).collect()
    }
}

impl ConseilDeClasse {
    fn periode(&self) -> PeriodeId {
        self.fiche.periode()
    }

    /// What is before the conseil, for who is of it.
    pub async fn load(ctx: &Context<'_>, quelle: QuellePeriode) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let (commands, db) = (requete.commands(), requete.views());
        let Some(classe) = commands.classe(quelle.division.0).await.map_err(top_level)? else {
            return Ok(None);
        };
        if !requete.may(Action::LireConseil, &classe.resource).await? {
            return Ok(None);
        }
        let Some(chiffres) = chiffres(ctx, &classe, quelle).await? else { return Ok(None) };
        let fiche = commands.periode(quelle).await.map_err(top_level)?;
        let periode = fiche.periode();
        let locked = Periodes::by_id(db, periode.0).await.map_err(fault)?;
        let etat = locked.as_ref().map(views::Periode::etat).unwrap_or_default();
        let politique = locked.filter(|locked| !locked.is_open()).map(|locked| locked.politique);
        let eleves: Vec<_> = chiffres.eleves.iter().map(|eleve| eleve.id).collect();
        let place = EtablissementId(classe.division.etablissement);
        let assiduites = commands.assiduites_du_conseil(&classe, &fiche, &eleves).await.map_err(top_level)?;
        let dits = commands.dits_du_conseil(periode, &eleves).await.map_err(top_level)?;
        let bulletins = commands.bulletins_du_conseil(periode, &eleves).await.map_err(top_level)?;
        let propositions = commands.propositions_du_socle(place, &eleves).await.map_err(top_level)?;
        Ok(Some(Self { classe, fiche, etat, politique, chiffres, dits, assiduites, propositions, bulletins }))
    }
}

/// Un élève devant le conseil de classe.
pub struct EleveAuConseil<'a> {
    conseil: &'a ConseilDeClasse,
    eleve: &'a projections::annuaire::Personne,
}

#[Object]
/// Un élève devant le conseil de classe.
impl EleveAuConseil<'_> {
    async fn eleve(&self) -> Personne {
        Personne(self.eleve.clone())
    }

    async fn generale(&self) -> Option<MoyenneExpliquee> {
        self.conseil.chiffres.releve.generales.get(&self.id()).cloned().map(MoyenneExpliquee)
    }

    /// Par enseignement : la moyenne et l'appréciation.
    #[graphql(complexity = "12 * child_complexity + 1")]
    async fn matieres(&self) -> Vec<MoyenneDeMatiere> {
        let ailleurs = &self.conseil.chiffres.ailleurs;
        let of_matiere = |releve: &domaine::ReleveDeMatiere| {
            Some(MoyenneDeMatiere {
                matiere: releve.matiere.libelle.clone(),
                moyenne: releve.moyennes.get(&self.id())?.clone(),
                division: releve.repartition.clone(),
                appreciation: self.conseil.dits.appreciation(releve, ailleurs, self.id()),
            })
        };
        self.conseil.chiffres.releve.matieres.iter().filter_map(of_matiere).collect()
    }

    /// Version de ce que le conseil en dit : à rappeler dans `examinerEleve`. 0 : rien encore.
    async fn version(&self) -> i64 {
        self.conseil.dits.examens.get(&self.id()).map_or(0, |examen| examen.version)
    }

    /// Ce que le conseil en dit.
    async fn examen(&self) -> Option<ExamenDuConseil> {
        self.conseil.dits.examens.get(&self.id()).map(|row| ExamenDuConseil(row.examen.clone()))
    }

    /// Ses absences et ses retards dans la période : tels que son bulletin les dit, une fois figé, et
    /// jusque-là tels qu'ils sont constatés ou donnés. Rien si personne ne les suit dans sa division, ni ne
    /// les donne.
    async fn assiduite(&self) -> Option<AssiduiteAuBulletin> {
        let frozen = self.conseil.bulletins.get(&self.id()).map(|bulletin| bulletin.contenu.assiduite());
        let counted = || self.conseil.assiduites.get(&self.eleve.id).copied();
        frozen.unwrap_or_else(counted).map(Into::into)
    }

    /// Ses positionnements dans le socle.
    async fn positionnements(&self) -> Vec<DomainePositionne> {
        let places = self.conseil.dits.positionnements.get(&self.id());
        places.into_iter().flatten().filter_map(DomainePositionne::of).collect()
    }

    /// Où le placer dans le socle d'après les évaluations : à donner par `positionnerEleve`, ou non.
    #[graphql(complexity = "8 * child_complexity + 1")]
    async fn propositions(&self) -> Vec<PositionnementPropose> {
        let found = self.conseil.propositions.get(&self.id()).into_iter().flatten();
        found.cloned().map(PositionnementPropose).collect()
    }

    /// Son bulletin, une fois figé.
    async fn bulletin(&self) -> Option<Bulletin> {
        self.conseil.bulletins.get(&self.id()).cloned().map(Bulletin::at_the_conseil)
    }
}

impl EleveAuConseil<'_> {
    fn id(&self) -> PersonneId {
        PersonneId(self.eleve.id)
    }
}

/// Queries of conseils de classe.
#[derive(Default)]
pub struct ConseilQuery;

#[Object]
impl ConseilQuery {
    /// Ce qu'un conseil de classe a devant lui, pour qui en est.
    async fn conseil_de_classe(
        &self,
        ctx: &Context<'_>,
        division_id: ID,
        #[graphql(desc = "Année scolaire, par son année de début.")] annee: i16,
        #[graphql(desc = "Rang de la période dans l'année, à partir de 1.")] rang: u16,
        apres: Option<Position>,
    ) -> Result<Option<ConseilDeClasse>> {
        let periodes = (Periodes::NAME, Periodes::VERSION);
        let bulletins = (Bulletins::NAME, Bulletins::VERSION);
        for view in [VIEW, DONNEES, periodes, bulletins, COMPETENCES] {
            ctx.requete()?.reach(view, apres.as_ref()).await?;
        }
        let Some(division) = key("Division", &division_id) else { return Ok(None) };
        let quelle = QuellePeriode { division: DivisionId(division), annee: AnneeScolaire(annee), rang };
        ConseilDeClasse::load(ctx, quelle).await
    }
}
