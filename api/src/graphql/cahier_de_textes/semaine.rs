//! Weeks: of a teacher, of a division, of a pupil, as known now or at an instant; free rooms, and
//! what courses want twice.

use super::SEMAINES;
use crate::graphql::annuaire::{Division, Personne};
use crate::graphql::context::{Here, fault, top_level};
use crate::graphql::ids::{global, key};
use crate::graphql::position::Position;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use commands::cahier_de_textes::OccurrenceLue;
use commands::rights::{Action, Resource};
use commands::rights_of;
use domain::annuaire::Uai;
use domain::cahier_de_textes::{MotifDAnnulation, Plage, Public};
use domain::{AnneeScolaire, DivisionId, EtablissementId, PersonneId};
use projections::annuaire::{Annuaire, Eleve};
use uuid::Uuid;

/// Queries of weeks.
#[derive(Default)]
pub struct SemaineQuery;

#[Object]
impl SemaineQuery {
    /// La semaine d'un enseignant dans un établissement ; rien pour qui n'en lit pas l'emploi du temps.
    #[graphql(complexity = "40 * child_complexity + 1")]
    async fn semaine_enseignant(
        &self,
        ctx: &Context<'_>,
        uai: String,
        personne_id: ID,
        #[graphql(desc = "Un jour de la semaine.")] jour: NaiveDate,
        #[graphql(desc = "Telle qu'on la connaissait à cet instant ; maintenant, par défaut.")]
        connu_le: Option<DateTime<Utc>>,
        apres: Option<Position>,
    ) -> Result<Option<Vec<Occurrence>>> {
        let (Some(etablissement), Some(personne)) =
            (readable(ctx, &uai).await?, key("Personne", &personne_id))
        else {
            return Ok(None);
        };
        let requete = ctx.requete()?;
        requete.reach(SEMAINES, apres.as_ref()).await?;
        let fiches = [PersonneId(personne)];
        let found =
            requete.commands().occurrences_enseignant(etablissement, &fiches, semaine(jour), connu_le);
        Ok(Some(found.await.map_err(top_level)?.into_iter().map(Occurrence).collect()))
    }

    /// La semaine d'une division, de ses groupes aussi ; rien pour qui n'en lit pas l'emploi du temps.
    #[graphql(complexity = "40 * child_complexity + 1")]
    async fn semaine_division(
        &self,
        ctx: &Context<'_>,
        division_id: ID,
        #[graphql(desc = "Un jour de la semaine.")] jour: NaiveDate,
        #[graphql(desc = "Telle qu'on la connaissait à cet instant ; maintenant, par défaut.")]
        connu_le: Option<DateTime<Utc>>,
        apres: Option<Position>,
    ) -> Result<Option<Vec<Occurrence>>> {
        let requete = ctx.requete()?;
        let Some(id) = key("Division", &division_id) else { return Ok(None) };
        let Some(row) = requete.loaders().divisions.load_one(id).await.map_err(fault)? else {
            return Ok(None);
        };
        let etablissement = EtablissementId(row.etablissement);
        let resource = Resource::Etablissement { id: etablissement };
        if !requete.may(Action::LireEmploiDuTemps, &resource).await? {
            return Ok(None);
        }
        requete.reach(SEMAINES, apres.as_ref()).await?;
        let (commands, division) = (requete.commands(), DivisionId(id));
        let found = commands.occurrences_division(etablissement, division, semaine(jour), connu_le);
        Ok(Some(found.await.map_err(top_level)?.into_iter().map(Occurrence).collect()))
    }

    /// La semaine d'un élève : de sa division et de ses groupes ; rien pour qui n'y a pas droit.
    #[graphql(complexity = "40 * child_complexity + 1")]
    async fn semaine_eleve(
        &self,
        ctx: &Context<'_>,
        eleve_id: ID,
        #[graphql(desc = "Un jour de la semaine.")] jour: NaiveDate,
        #[graphql(desc = "Telle qu'on la connaissait à cet instant ; maintenant, par défaut.")]
        connu_le: Option<DateTime<Utc>>,
        apres: Option<Position>,
    ) -> Result<Option<Vec<Occurrence>>> {
        let found = eleve_de(ctx, &eleve_id, Action::LireEmploiDuTempsEleve).await?;
        let Some((eleve, etablissement)) = found else { return Ok(None) };
        let requete = ctx.requete()?;
        requete.reach(SEMAINES, apres.as_ref()).await?;
        let found =
            requete.commands().occurrences_eleve(etablissement, &eleve, semaine(jour), connu_le).await;
        Ok(Some(found.map_err(top_level)?.into_iter().map(Occurrence).collect()))
    }

    /// Les salles libres d'un établissement ; rien pour qui n'en lit pas l'emploi du temps.
    async fn salles_libres(
        &self,
        ctx: &Context<'_>,
        uai: String,
        date: NaiveDate,
        debut: NaiveTime,
        fin: NaiveTime,
        apres: Option<Position>,
    ) -> Result<Option<Vec<String>>> {
        let Some(etablissement) = readable(ctx, &uai).await? else { return Ok(None) };
        ctx.requete()?.reach(SEMAINES, apres.as_ref()).await?;
        let commands = ctx.requete()?.commands();
        let found = commands.salles_libres(etablissement, date, Plage { debut, fin }).await;
        found.map(Some).map_err(top_level)
    }

    /// Ce que des cours d'une année scolaire prennent deux fois à la même heure ; rien pour qui n'en
    /// lit pas l'emploi du temps.
    #[graphql(complexity = "50 * child_complexity + 1")]
    async fn conflits_emploi_du_temps(
        &self,
        ctx: &Context<'_>,
        uai: String,
        #[graphql(desc = "L'année de début de l'année scolaire.")] annee: i16,
        apres: Option<Position>,
    ) -> Result<Option<Vec<ConflitDeCours>>> {
        let Some(etablissement) = readable(ctx, &uai).await? else { return Ok(None) };
        ctx.requete()?.reach(SEMAINES, apres.as_ref()).await?;
        let found = ctx.requete()?.commands().conflits_de(etablissement, AnneeScolaire(annee)).await;
        let told = found.map_err(top_level)?.into_iter().map(|(conflit, premier, second)| {
            let quoi = match conflit.ressource {
                domain::cahier_de_textes::Ressource::Enseignant { .. } => RessourceDisputee::Enseignant,
                domain::cahier_de_textes::Ressource::Public { .. } => RessourceDisputee::Classe,
                domain::cahier_de_textes::Ressource::Salle { .. } => RessourceDisputee::Salle,
            };
            ConflitDeCours {
                quoi,
                premier: global("Cours", conflit.premier.0),
                second: global("Cours", conflit.second.0),
                matieres: vec![premier.matiere.libelle.clone(), second.matiere.libelle.clone()],
                lundis: conflit.semaines.lundis(AnneeScolaire(annee)).collect(),
            }
        });
        Ok(Some(told.collect()))
    }
}

/// The établissement of that number, for who reads its emploi du temps.
async fn readable(ctx: &Context<'_>, uai: &str) -> Result<Option<EtablissementId>> {
    let Ok(uai) = uai.parse::<Uai>() else { return Ok(None) };
    let id = uai.etablissement();
    let may = ctx.requete()?.may(Action::LireEmploiDuTemps, &Resource::Etablissement { id }).await?;
    if !may {
        return Ok(None);
    }
    let known = Annuaire::etablissements(ctx.requete()?.views(), &[id.0]).await.map_err(fault)?;
    Ok((!known.is_empty()).then_some(id))
}

/// A pupil with the établissement of his or her division, for who may do this there.
pub(super) async fn eleve_de(
    ctx: &Context<'_>,
    id: &ID,
    action: Action,
) -> Result<Option<(Eleve, EtablissementId)>> {
    let requete = ctx.requete()?;
    let Some(id) = key("Eleve", id).or_else(|| key("Personne", id)) else { return Ok(None) };
    let Some(eleve) = requete.loaders().eleves.load_one(id).await.map_err(fault)? else { return Ok(None) };
    let Some(etablissement) = etablissement_de(ctx, eleve.division).await? else { return Ok(None) };
    let may = requete.may(action, &rights_of::dossier(&eleve, Some(etablissement.0))).await?;
    Ok(may.then_some((eleve, etablissement)))
}

/// Where a division is.
pub(super) async fn etablissement_de(
    ctx: &Context<'_>,
    division: Option<Uuid>,
) -> Result<Option<EtablissementId>> {
    let Some(division) = division else { return Ok(None) };
    let row = ctx.requete()?.loaders().divisions.load_one(division).await.map_err(fault)?;
    Ok(row.map(|row| EtablissementId(row.etablissement)))
}

/// From Monday to Sunday.
pub(super) fn semaine(jour: NaiveDate) -> (NaiveDate, NaiveDate) {
    let monday = jour.checked_sub_days(Days::new(u64::from(jour.weekday().num_days_from_monday())));
    let monday = monday.unwrap_or(jour);
    (monday, monday.checked_add_days(Days::new(6)).unwrap_or(jour))
}

/// Pourquoi un cours n'a pas lieu un jour.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "MotifDAnnulation", name = "MotifDAnnulation")]
pub enum Motif {
    /// L'enseignant n'est pas là.
    EnseignantAbsent,
    /// La classe est ailleurs.
    ClasseAbsente,
    /// Un examen, ou l'établissement fermé.
    Etablissement,
}

/// Un cours, un jour.
pub struct Occurrence(pub OccurrenceLue);

#[Object(name = "OccurrenceDeCours")]
/// Un cours, un jour.
impl Occurrence {
    /// Le cours, le même d'une semaine à l'autre.
    async fn cours_id(&self) -> ID {
        global("Cours", self.0.cours.id.0)
    }

    /// Le jour où ce cours a lieu d'ordinaire : à donner pour changer cette séance.
    async fn date_prevue(&self) -> NaiveDate {
        self.0.occurrence.rang.date
    }

    /// Le jour.
    async fn date(&self) -> NaiveDate {
        self.0.occurrence.date
    }

    /// Début, heure locale.
    async fn debut(&self) -> NaiveTime {
        self.0.occurrence.plage.debut
    }

    /// Fin, heure locale.
    async fn fin(&self) -> NaiveTime {
        self.0.occurrence.plage.fin
    }

    /// La matière.
    async fn matiere(&self) -> &str {
        &self.0.cours.matiere.libelle
    }

    /// Les salles.
    async fn salles(&self) -> &[String] {
        &self.0.occurrence.salles
    }

    /// Les enseignants.
    async fn enseignants(&self, ctx: &Context<'_>) -> Result<Vec<Personne>> {
        let ids: Vec<_> = self.0.occurrence.enseignants.iter().map(|one| one.0).collect();
        let rows = ctx.requete()?.loaders().personnes.load_many(ids.clone()).await.map_err(fault)?;
        Ok(ids.iter().filter_map(|id| rows.get(id).cloned()).map(Personne).collect())
    }

    /// Les divisions entières ; rien de celles que l'on ne peut lire.
    async fn divisions(&self, ctx: &Context<'_>) -> Result<Vec<Division>> {
        let mut divisions = Vec::new();
        for public in &self.0.occurrence.publics {
            if let Public::Division { division } = public {
                divisions.extend(Division::load(ctx, division.0).await?);
            }
        }
        Ok(divisions)
    }

    /// Les groupes, et les parties de classe.
    async fn groupes(&self) -> Vec<&str> {
        let mut codes = Vec::new();
        for public in &self.0.occurrence.publics {
            if let Public::Groupe { code, .. } = public {
                codes.push(code.as_str());
            }
        }
        codes
    }

    /// La semaine est dite A, ou B ; rien si l'établissement ne l'a pas dit.
    async fn semaine(&self) -> Option<&'static str> {
        self.0.semaine_a.map(|a| if a { "A" } else { "B" })
    }

    /// Le cours n'a pas lieu, et pourquoi.
    async fn annulee(&self) -> Option<Motif> {
        self.0.occurrence.annulee.map(Into::into)
    }

    /// Le cours n'est pas comme les autres semaines.
    async fn modifiee(&self) -> bool {
        self.0.occurrence.modifiee
    }
}

/// Ce que deux cours prennent à la fois.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum RessourceDisputee {
    /// Un enseignant.
    Enseignant,
    /// Une classe ou un groupe.
    Classe,
    /// Une salle.
    Salle,
}

/// Deux cours qui prennent la même chose à la même heure.
#[derive(SimpleObject)]
pub struct ConflitDeCours {
    /// Quoi.
    quoi: RessourceDisputee,
    /// L'un des cours.
    premier: ID,
    /// L'autre.
    second: ID,
    /// Leurs matières, dans le même ordre.
    matieres: Vec<String>,
    /// Les lundis des semaines où cela arrive.
    lundis: Vec<NaiveDate>,
}
