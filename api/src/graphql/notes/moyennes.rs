//! Averages in GraphQL, each with all that it was made from.

use super::competences::DomainePositionne;
use super::politique::PolitiqueDeMoyenne;
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault, top_level};
use crate::graphql::decimal::Decimal;
use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use commands::notes::{Chiffres, Classe, QuellePeriode};
use commands::rights::Action;
use commands::{UseCaseError, rights_of};
use domain::annuaire::Auditoire;
use domain::notes as domaine;
use domain::{AnneeScolaire, EnseignementId, PersonneId};
use projections::annuaire::{Eleve, Enseignement};
use std::sync::Arc;

/// Une évaluation obligatoire, ou qui ne peut qu'aider.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::notes::Regime")]
pub enum RegimeDEvaluation {
    /// Elle compte.
    Obligatoire,
    /// Facultative : seuls les points au-dessus de la moitié s'ajoutent.
    PointsAuDessus,
    /// Facultative : elle ne compte que si elle élève la moyenne.
    SiElleMonte,
}

/// Ce qu'est devenu un résultat dans une moyenne.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::notes::PriseEnCompte")]
pub enum PriseEnCompteDeNote {
    Comptee,
    CompteeZero,
    PointsAjoutes,
    Retenue,
    NonRetenue,
    SansPointAuDessus,
    Formative,
    CoefficientNul,
    SansNote,
}

/// Une moyenne et tout ce dont elle est faite.
pub struct MoyenneExpliquee(pub domaine::Explication);

#[Object]
/// Une moyenne et tout ce dont elle est faite.
impl MoyenneExpliquee {
    /// La moyenne sur 20 ; rien si rien ne compte.
    async fn moyenne(&self) -> Option<Decimal> {
        self.0.moyenne.map(Decimal)
    }

    /// La même avant l'arrondi, en fraction exacte.
    async fn exacte(&self) -> Option<String> {
        self.0.exacte.as_ref().map(ToString::to_string)
    }

    /// L'instant où les notes étaient ce qu'elle dit.
    async fn au(&self) -> DateTime<Utc> {
        self.0.au
    }

    /// Les règles.
    async fn politique(&self) -> PolitiqueDeMoyenne {
        PolitiqueDeMoyenne { politique: self.0.politique.clone(), du: None }
    }

    /// Chaque résultat et ce qu'il est devenu.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn lignes(&self) -> Vec<LigneExpliquee> {
        self.0.lignes.iter().map(LigneExpliquee::from).collect()
    }

    /// La moyenne de chaque sous-matière, là où la matière en a : elle est la moyenne de celles-ci.
    async fn parties(&self) -> Vec<PartieExpliquee> {
        self.0.parties.iter().map(PartieExpliquee::from).collect()
    }

    /// Le calcul, en phrases : les règles, chaque résultat, le chiffre.
    async fn texte(&self) -> Vec<String> {
        self.0.texte()
    }
}

/// La moyenne d'une sous-matière, et ce dont elle est faite.
#[derive(SimpleObject)]
pub struct PartieExpliquee {
    libelle: String,
    coefficient: Decimal,
    /// Combien de lignes de la moyenne en sont, après celles des parties d'avant.
    resultats: u32,
    /// La somme de leurs points, en fraction exacte.
    points: String,
    /// La somme de leurs poids, en fraction exacte.
    poids: String,
    /// La moyenne sur 20, en fraction exacte ; rien si rien ne compte, et la partie ne pèse pas.
    exacte: Option<String>,
}

impl From<&domaine::PartieExpliquee> for PartieExpliquee {
    fn from(partie: &domaine::PartieExpliquee) -> Self {
        Self {
            libelle: partie.libelle.clone(),
            coefficient: Decimal(partie.coefficient),
            resultats: partie.resultats,
            points: partie.points.to_string(),
            poids: partie.poids.to_string(),
            exacte: partie.exacte.as_ref().map(ToString::to_string),
        }
    }
}

/// Un résultat et ce qu'il est devenu dans une moyenne.
#[derive(SimpleObject)]
pub struct LigneExpliquee {
    intitule: String,
    date: Option<NaiveDate>,
    resultat: super::ResultatDeNote,
    bareme: Decimal,
    coefficient: Decimal,
    regime: RegimeDEvaluation,
    /// La sous-matière, si l'évaluation en nomme une.
    sous_matiere: Option<String>,
    prise_en_compte: PriseEnCompteDeNote,
    /// Ce qu'il ajoute aux points, en fraction exacte.
    points: String,
    /// Ce qu'il ajoute aux poids, en fraction exacte.
    poids: String,
}

impl From<&domaine::LigneExpliquee> for LigneExpliquee {
    fn from(ligne: &domaine::LigneExpliquee) -> Self {
        let entree = &ligne.entree;
        Self {
            intitule: entree.intitule.clone(),
            date: entree.date,
            resultat: entree.resultat.into(),
            bareme: Decimal(entree.bareme),
            coefficient: Decimal(entree.coefficient),
            regime: entree.regime.into(),
            sous_matiere: entree.sous_matiere.clone(),
            prise_en_compte: ligne.prise_en_compte.into(),
            points: ligne.points.to_string(),
            poids: ligne.poids.to_string(),
        }
    }
}

/// Comment se répartissent les moyennes d'une division ; rien s'il y en a moins de cinq, ou si toutes
/// sont les mêmes à une près : on y lirait celle d'un élève.
#[derive(SimpleObject)]
pub struct RepartitionDeMoyennes {
    effectif: u32,
    minimum: Decimal,
    maximum: Decimal,
    mediane: Decimal,
    moyenne: Decimal,
    /// De quoi ces chiffres sont faits ; rien dans les bulletins d'avant que ce fût gardé.
    explication: Option<RepartitionExpliquee>,
}

impl From<domaine::Repartition> for RepartitionDeMoyennes {
    fn from(repartition: domaine::Repartition) -> Self {
        let texte = repartition.texte();
        Self {
            effectif: repartition.effectif,
            minimum: Decimal(repartition.minimum),
            maximum: Decimal(repartition.maximum),
            mediane: Decimal(repartition.mediane),
            moyenne: Decimal(repartition.moyenne),
            explication: repartition.calcul.map(|calcul| RepartitionExpliquee { calcul, texte }),
        }
    }
}

/// De quoi les chiffres d'une division sont faits, sans les moyennes des autres élèves.
pub struct RepartitionExpliquee {
    calcul: domaine::CalculDeRepartition,
    texte: Vec<String>,
}

#[Object]
/// De quoi les chiffres d'une division sont faits, sans les moyennes des autres élèves.
impl RepartitionExpliquee {
    /// L'instant où les moyennes étaient ce qu'elle dit.
    async fn au(&self) -> DateTime<Utc> {
        self.calcul.au
    }

    /// Les familles lisent des chiffres arrêtés, qui ne changent qu'à la publication d'une évaluation
    /// qui note cinq élèves au moins ; l'enseignant et le conseil de classe lisent ceux du jour.
    async fn arretes(&self) -> bool {
        self.calcul.arretee
    }

    /// Les règles.
    async fn politique(&self) -> PolitiqueDeMoyenne {
        PolitiqueDeMoyenne { politique: self.calcul.politique.clone(), du: None }
    }

    /// Combien d'élèves n'ont pas de moyenne.
    async fn sans_moyenne(&self) -> u32 {
        self.calcul.sans_moyenne
    }

    /// La somme des moyennes, en fraction exacte.
    async fn somme(&self) -> String {
        self.calcul.somme.to_string()
    }

    /// La moyenne avant l'arrondi, en fraction exacte.
    async fn moyenne_exacte(&self) -> String {
        self.calcul.moyenne_exacte.to_string()
    }

    /// La moyenne qui est au milieu, ou les deux.
    async fn milieu(&self) -> Vec<Decimal> {
        self.calcul.milieu.iter().copied().map(Decimal).collect()
    }

    /// La médiane avant l'arrondi, en fraction exacte.
    async fn mediane_exacte(&self) -> String {
        self.calcul.mediane_exacte.to_string()
    }

    /// Le calcul, en phrases : les règles, qui compte, chaque chiffre.
    async fn texte(&self) -> &[String] {
        &self.texte
    }
}

/// La moyenne d'un élève dans un enseignement.
pub struct MoyenneDeMatiere {
    pub matiere: String,
    pub moyenne: domaine::Explication,
    pub division: Option<domaine::Repartition>,
    pub appreciation: Option<String>,
}

#[Object]
/// La moyenne d'un élève dans un enseignement.
impl MoyenneDeMatiere {
    async fn matiere(&self) -> &str {
        &self.matiere
    }

    async fn moyenne(&self) -> MoyenneExpliquee {
        MoyenneExpliquee(self.moyenne.clone())
    }

    /// Celles de la division.
    async fn division(&self) -> Option<RepartitionDeMoyennes> {
        self.division.clone().map(Into::into)
    }

    /// Ce que l'enseignant a écrit de l'élève ; rien dans les moyennes du jour.
    async fn appreciation(&self) -> Option<&str> {
        self.appreciation.as_deref()
    }
}

/// Les moyennes d'un élève dans une période, telles que sa famille les voit.
pub struct MoyennesEleve {
    matieres: Vec<MoyenneDeMatiere>,
    generale: domaine::Explication,
    division: Option<domaine::Repartition>,
}

#[Object]
/// Les moyennes d'un élève dans une période, telles que sa famille les voit.
impl MoyennesEleve {
    /// Par enseignement.
    #[graphql(complexity = "12 * child_complexity + 1")]
    async fn matieres(&self) -> &[MoyenneDeMatiere] {
        &self.matieres
    }

    /// La moyenne générale, faite de celles des enseignements.
    async fn generale(&self) -> MoyenneExpliquee {
        MoyenneExpliquee(self.generale.clone())
    }

    /// Les moyennes générales de la division.
    async fn division(&self) -> Option<RepartitionDeMoyennes> {
        self.division.clone().map(Into::into)
    }
}

impl MoyennesEleve {
    /// The averages of a pupil in the division of the end of the period, as families see them at an
    /// instant; for who may read the pupil's marks there.
    pub async fn of(
        ctx: &Context<'_>,
        eleve: &Eleve,
        (annee, rang): (i16, u16),
        le: Option<DateTime<Utc>>,
    ) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let commands = requete.commands();
        let found = commands.classe_de(&eleve.fiches, (AnneeScolaire(annee), rang)).await;
        let Some((classe, periode, fiche)) = found.map_err(top_level)? else { return Ok(None) };
        let dossier = rights_of::dossier(eleve, Some(classe.division.etablissement));
        if !requete.may(Action::LireNotesEleve, &dossier).await? {
            return Ok(None);
        }
        let now = commands.now();
        let vu_le = le.map_or(now, |le| le.min(now));
        let releve = commands.moyennes_vues(&classe, &periode, fiche, vu_le).await.map_err(top_level)?;
        Ok(Self::in_releve(&releve, fiche))
    }

    fn in_releve(releve: &domaine::Releve, eleve: PersonneId) -> Option<Self> {
        let of_matiere = |matiere: &domaine::ReleveDeMatiere| {
            Some(MoyenneDeMatiere {
                matiere: matiere.matiere.libelle.clone(),
                moyenne: matiere.moyennes.get(&eleve)?.clone(),
                division: matiere.repartition.clone(),
                appreciation: None,
            })
        };
        Some(Self {
            matieres: releve.matieres.iter().filter_map(of_matiere).collect(),
            generale: releve.generales.get(&eleve)?.clone(),
            division: releve.repartition.clone(),
        })
    }
}

/// The figures of a division, or nothing where the calendar has no such period.
pub async fn chiffres(ctx: &Context<'_>, classe: &Classe, quelle: QuellePeriode) -> Result<Option<Chiffres>> {
    let commands = ctx.requete()?.commands();
    let fiche = match commands.periode(quelle).await {
        Ok(fiche) => fiche,
        Err(UseCaseError::Refused(_)) => return Ok(None),
        Err(error) => return Err(top_level(error)),
    };
    commands.chiffres(classe, &fiche).await.map(Some).map_err(top_level)
}

/// Les moyennes d'un enseignement dans une période, pour l'enseignant.
pub struct CarnetDeMoyennes {
    chiffres: Arc<Chiffres>,
    enseignement: EnseignementId,
}

#[Object]
/// Les moyennes d'un enseignement dans une période, pour l'enseignant.
impl CarnetDeMoyennes {
    /// Une ligne par élève, dans l'ordre de la liste de classe.
    #[graphql(complexity = "30 * child_complexity + 1")]
    async fn eleves(&self) -> Vec<MoyenneDEleve> {
        let Some(releve) = self.releve() else { return vec![] };
        let line = |eleve: &projections::annuaire::Personne| {
            let moyenne = releve.moyennes.get(&PersonneId(eleve.id))?.clone();
            Some(MoyenneDEleve { eleve: eleve.clone(), moyenne })
        };
        self.chiffres.eleves.iter().filter_map(line).collect()
    }

    /// Celles de la division, ou du groupe.
    async fn division(&self) -> Option<RepartitionDeMoyennes> {
        self.releve()?.repartition.clone().map(Into::into)
    }
}

impl CarnetDeMoyennes {
    fn releve(&self) -> Option<&domaine::ReleveDeMatiere> {
        self.chiffres.releve.matieres.iter().find(|it| it.matiere.enseignement == self.enseignement)
    }

    /// All marks count, published or not; for who may read the gradebook.
    pub async fn of(
        ctx: &Context<'_>,
        enseignement: &Enseignement,
        (annee, rang): (i16, u16),
    ) -> Result<Option<Self>> {
        if !super::may_read(ctx, enseignement).await? {
            return Ok(None);
        }
        let commands = ctx.requete()?.commands();
        let annee = AnneeScolaire(annee);
        let found = match enseignement.auditoire {
            Auditoire::Division(division) => {
                let Some(classe) = commands.classe(division.0).await.map_err(top_level)? else {
                    return Ok(None);
                };
                let classe = classe.avec_le_seul(enseignement);
                chiffres(ctx, &classe, QuellePeriode { division, annee, rang }).await?
            }
            Auditoire::Groupe(_) => match commands.chiffres_du_groupe(enseignement, (annee, rang)).await {
                Ok((chiffres, _)) => Some(chiffres),
                Err(UseCaseError::Refused(_)) => None,
                Err(error) => return Err(top_level(error)),
            },
        };
        Ok(found.map(|chiffres| Self {
            chiffres: Arc::new(chiffres),
            enseignement: EnseignementId(enseignement.id),
        }))
    }
}

/// La moyenne d'un élève, dans le carnet de l'enseignant.
pub struct MoyenneDEleve {
    eleve: projections::annuaire::Personne,
    moyenne: domaine::Explication,
}

#[Object]
/// La moyenne d'un élève, dans le carnet de l'enseignant.
impl MoyenneDEleve {
    async fn eleve(&self) -> Personne {
        Personne(self.eleve.clone())
    }

    async fn moyenne(&self) -> MoyenneExpliquee {
        MoyenneExpliquee(self.moyenne.clone())
    }
}

/// Where a pupil stands in the socle, for who may read his or her marks.
pub async fn positionnements(ctx: &Context<'_>, eleve: &Eleve) -> Result<Option<Vec<DomainePositionne>>> {
    let requete = ctx.requete()?;
    for (_, dossier) in rights_of::dossiers(eleve) {
        if requete.may(Action::LireNotesEleve, &dossier).await? {
            let fiches: Vec<_> = eleve.fiches.iter().map(|fiche| (*fiche, eleve.personne.id)).collect();
            let found = projections::notes::Conseils::positionnements(requete.views(), &fiches).await;
            return Ok(Some(found.map_err(fault)?.iter().filter_map(DomainePositionne::of).collect()));
        }
    }
    Ok(None)
}
