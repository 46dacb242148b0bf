//! Half-days of a month, and the thresholds that they reach.

use super::dossiers::scolarite;
use crate::rights::Autorite;
use crate::{Act, Commands, Demande, UseCaseError};
use domain::absences::{
    Assiduite, AssiduiteCommand, Creneau, Decision, Decompte, DemiJournee, MoisCivil, PolitiqueDemiJournees,
    RegleDeSeuil, Scolarite,
};
use domain::annuaire::{JoursDEcole, Uai};
use domain::{AnneeScolaire, EtablissementId, PersonneId};
use ledger::unit::Recorded;
use projections::absences::{
    Ailleurs, Assiduites, CreneauDeDossier, DossierAbsence, Dossiers, Excuses, Reglements,
};
use projections::annuaire::Identites;
use sqlx::types::Json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What a month of a pupil comes to, and why.
#[derive(Debug, Clone)]
pub struct DecompteDuMois {
    /// Which month.
    pub mois: MoisCivil,
    /// The policy that is in force on its last day, which counted.
    pub politique: PolitiqueDemiJournees,
    /// Half-days of all absences.
    pub constatees: BTreeSet<DemiJournee>,
    /// Of these, those that are not justified, as a bulletin counts them.
    pub injustifiees: BTreeSet<DemiJournee>,
    /// Those without a legitimate motive that count for thresholds.
    pub sans_motif: BTreeSet<DemiJournee>,
    /// Files that make the latter.
    pub dossiers: Vec<Uuid>,
}

impl DecompteDuMois {
    /// The same as a fact names it.
    fn nomme(&self) -> Decompte {
        Decompte {
            mois: self.mois,
            demi_journees: u16::try_from(self.sans_motif.len()).unwrap_or(u16::MAX),
            politique: self.politique.nom.clone(),
            version: self.politique.version,
        }
    }

    /// The rules of which the threshold is reached.
    pub fn seuils(&self) -> Vec<&'static RegleDeSeuil> {
        let mut rules = RegleDeSeuil::en_vigueur(self.mois.fin());
        rules.retain(|rule| self.sans_motif.len() >= usize::from(rule.demi_journees));
        rules
    }
}

/// What is counted.
pub(super) struct Mois {
    mois: MoisCivil,
    pub politique: PolitiqueDemiJournees,
    /// Other days make no half-day.
    pub ecole: JoursDEcole,
    dossiers: Vec<DossierAbsence>,
    creneaux: Vec<CreneauDeDossier>,
    ailleurs: Vec<Ailleurs>,
    /// By the principal fiche of each pupil, all of his or her fiches.
    pub eleves: BTreeMap<Uuid, Vec<Uuid>>,
}

impl Mois {
    /// Counts what is of these fiches, which are of one pupil.
    pub fn of(&self, fiches: &[Uuid]) -> DecompteDuMois {
        let own = || self.dossiers.iter().filter(|row| fiches.contains(&row.eleve));
        let spans = |kept: &dyn Fn(&DossierAbsence) -> bool| -> Vec<Creneau> {
            let kept: BTreeSet<_> = own().filter(|row| kept(row)).map(|row| row.id).collect();
            let of_them = self.creneaux.iter().filter(|one| kept.contains(&one.dossier));
            of_them.map(|one| Creneau { debut: one.debut, fin: one.fin }).collect()
        };
        let away = self.ailleurs.iter().filter(|one| fiches.contains(&one.eleve));
        let away: Vec<_> = away.map(|one| Creneau { debut: one.debut, fin: one.fin }).collect();
        let or_away = |spans: Vec<Creneau>| [spans, away.clone()].concat();
        let excused = or_away(spans(&|row| row.excuse()));
        let justified = or_away(spans(&|row| row.est_justifiee()));
        let within = |mut counted: BTreeSet<DemiJournee>| {
            counted.retain(|one| self.mois.contient(one.jour));
            counted
        };
        let alerts = |row: &DossierAbsence| row.est_constatee() && row.alerte();
        let half_days = |absent: &[Creneau], excused: &[Creneau]| {
            within(self.politique.demi_journees(&self.ecole, absent, excused))
        };
        DecompteDuMois {
            mois: self.mois,
            politique: self.politique.clone(),
            constatees: half_days(&spans(&|row| row.est_constatee()), &away),
            injustifiees: half_days(&spans(&|row| row.est_constatee() && !row.est_justifiee()), &justified),
            sans_motif: half_days(&spans(&alerts), &excused),
            dossiers: own().filter(|row| alerts(row)).map(|row| row.id).collect(),
        }
    }
}

impl Commands {
    /// Counts the half-days of a pupil in a month; rights are who asks'.
    pub async fn decompte(
        &self,
        etablissement: EtablissementId,
        fiches: &[Uuid],
        mois: MoisCivil,
    ) -> Result<DecompteDuMois, UseCaseError> {
        Ok(self.mois(etablissement, Some(fiches), mois).await?.of(fiches))
    }

    /// States the thresholds that a month has reached, of all pupils of an établissement: of each once,
    /// whichever of his or her fiches the absences are under.
    pub async fn constater_seuils(
        &self,
        demande: &Demande,
        uai: &Uai,
        mois: MoisCivil,
    ) -> Result<Recorded, UseCaseError> {
        let etablissement = uai.etablissement();
        let autorite: Autorite = self.constater(demande, etablissement)?;
        let counted = self.mois(etablissement, None, mois).await?;
        let mut act = self.act(demande, autorite, uai.portail());
        for (racine, fiches) in &counted.eleves {
            act = self
                .tell_seuil(act, (etablissement, *racine, fiches.as_slice()), &counted.of(fiches))
                .await?;
        }
        act.record().await
    }

    /// Tells the assiduité of a pupil what his or her months come to once a file is settled so.
    pub(super) async fn tell_seuils(
        &self,
        mut act: Act,
        row: &DossierAbsence,
        mut decision: Decision,
    ) -> Result<Act, UseCaseError> {
        let said = row.justification.as_ref().map(|justification| justification.motif.clone());
        decision.motif = decision.motif.or(said);
        let etablissement = scolarite(row).etablissement;
        let person = par_personne(Identites::ensembles(&self.views, &[row.eleve]).await?);
        for mois in MoisCivil::entre(row.debut.date(), row.fin.date()) {
            for (racine, fiches) in &person {
                let mut counted = self.mois(etablissement, Some(fiches.as_slice()), mois).await?;
                for known in counted.dossiers.iter_mut().filter(|known| known.id == row.id) {
                    known.decision = Some(Json(decision.clone()));
                }
                act = self
                    .tell_seuil(act, (etablissement, *racine, fiches.as_slice()), &counted.of(fiches))
                    .await?;
            }
        }
        Ok(act)
    }

    /// Only a month that reaches something is told: an aggregate of who is never absent is not begun.
    async fn tell_seuil(
        &self,
        act: Act,
        (etablissement, racine, fiches): (EtablissementId, Uuid, &[Uuid]),
        counted: &DecompteDuMois,
    ) -> Result<Act, UseCaseError> {
        if counted.seuils().is_empty() {
            return Ok(act);
        }
        let eleve = self.fiche_des_seuils(etablissement, (racine, fiches), counted.mois).await?;
        let scolarite = Scolarite { eleve, etablissement };
        let assiduite = scolarite.assiduite(AnneeScolaire::of(counted.mois.debut()));
        let (decompte, le) = (counted.nomme(), self.today());
        Ok(act.tell::<Assiduite>(assiduite, AssiduiteCommand::ConstaterSeuils { scolarite, decompte, le }))
    }

    /// Under which fiche of a pupil a month is told: the principal one; but what was told of that month
    /// under another one, before they were found to be one person's, is not told anew.
    async fn fiche_des_seuils(
        &self,
        etablissement: EtablissementId,
        (racine, fiches): (Uuid, &[Uuid]),
        mois: MoisCivil,
    ) -> Result<PersonneId, UseCaseError> {
        if fiches.len() < 2 {
            return Ok(PersonneId(racine));
        }
        let told = Assiduites::seuils_of(&self.views, etablissement.0, fiches).await?;
        let known = told.iter().find(|row| row.mois == mois.debut()).map(|row| row.eleve);
        Ok(PersonneId(known.unwrap_or(racine)))
    }

    /// All that counts in a month, of these pupils or of all.
    pub(super) async fn mois(
        &self,
        etablissement: EtablissementId,
        eleves: Option<&[Uuid]>,
        mois: MoisCivil,
    ) -> Result<Mois, UseCaseError> {
        let (views, days) = (&self.views, (mois.debut(), mois.fin()));
        let politique = Reglements::politique(views, etablissement.0, mois.fin()).await?;
        let ecole = self.jours_d_ecole(etablissement).await?;
        let dossiers = Dossiers::between(views, etablissement.0, eleves, days).await?;
        let ids: Vec<_> = dossiers.iter().map(|row| row.id).collect();
        let creneaux = Dossiers::creneaux(views, &ids).await?;
        let absent: BTreeSet<_> = dossiers.iter().map(|row| row.eleve).collect();
        let absent: Vec<_> = absent.into_iter().collect();
        let eleves = Identites::ensembles(views, &absent).await?;
        let fiches: Vec<_> = eleves.iter().map(|(_, fiche)| *fiche).collect();
        let ailleurs = Excuses::ailleurs(views, etablissement.0, &fiches, days).await?;
        Ok(Mois { mois, politique, ecole, dossiers, creneaux, ailleurs, eleves: par_personne(eleves) })
    }
}

/// Fiches, by the principal one of their person.
fn par_personne(ensembles: Vec<(Uuid, Uuid)>) -> BTreeMap<Uuid, Vec<Uuid>> {
    let mut persons: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for (racine, fiche) in ensembles {
        persons.entry(racine).or_default().push(fiche);
    }
    persons
}
