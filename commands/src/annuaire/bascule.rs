//! The turn of the school year: its plan, and how it is carried out.
//!
//! The turn itself is one act, with what becomes of groupes. What follows is in the journal of
//! the académie, in lots: each is idempotent, so that a turn that was interrupted is simply
//! asked for again.

use crate::rights::{Action, Autorite, Resource};
use crate::{Commands, Demande, UseCaseError, portail};
use chrono::NaiveDate;
use domain::annuaire::{
    Bascule, BasculeCommand, DivisionPrevue, EnseignementPrevu, Etablissement, EtablissementCommand,
    GroupeCommand, Groupes, Parole, Personne, PersonneCommand, Uai,
};
use domain::{AnneeScolaire, BasculeId, CommandeId, GroupeId, PersonneId, PortailId};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Groupes as Views};
use std::collections::BTreeSet;

/// How many pupils change division in one act.
const LOT: usize = 50;

/// A turn of the year: where, and to which school year.
#[derive(Debug, Clone)]
pub struct Tournant {
    /// Where.
    pub uai: Uai,
    /// To which school year.
    pub annee: AnneeScolaire,
}

impl Tournant {
    /// Its id.
    pub fn id(&self) -> BasculeId {
        BasculeId::of(self.uai.etablissement(), self.annee)
    }
}

impl Commands {
    /// Begins to prepare a turn of the year, or moves its day.
    pub async fn preparer_bascule(
        &self,
        demande: &Demande,
        tournant: &Tournant,
        le: NaiveDate,
    ) -> Result<Recorded, UseCaseError> {
        let (etablissement, annee) = (tournant.uai.etablissement(), tournant.annee);
        self.plan(demande, tournant, BasculeCommand::PreparerBascule { etablissement, annee, le }).await
    }

    /// Says which divisions there will be.
    pub async fn prevoir_divisions(
        &self,
        demande: &Demande,
        tournant: &Tournant,
        divisions: Vec<DivisionPrevue>,
    ) -> Result<Recorded, UseCaseError> {
        self.plan(demande, tournant, BasculeCommand::PrevoirDivisions { divisions }).await
    }

    /// Says in which division each of these pupils will be.
    pub async fn prevoir_affectations(
        &self,
        demande: &Demande,
        tournant: &Tournant,
        affectations: Vec<(PersonneId, Option<String>)>,
    ) -> Result<Recorded, UseCaseError> {
        let named: Vec<_> = affectations.iter().map(|(eleve, _)| eleve.0).collect();
        let eleves = self.attached(tournant.uai.etablissement().0, &named, &["eleve"]).await?;
        self.plan(demande, tournant, BasculeCommand::PrevoirAffectations { affectations, eleves }).await
    }

    /// Says who will teach what to a division.
    pub async fn prevoir_enseignements(
        &self,
        demande: &Demande,
        tournant: &Tournant,
        division: String,
        enseignements: Vec<EnseignementPrevu>,
    ) -> Result<Recorded, UseCaseError> {
        let named: Vec<_> = enseignements.iter().map(|prevu| prevu.enseignant.0).collect();
        let here = tournant.uai.etablissement().0;
        let personnels = self.attached(here, &named, &super::groupes::PERSONNELS).await?;
        let command = BasculeCommand::PrevoirEnseignements { division, enseignements, personnels };
        self.plan(demande, tournant, command).await
    }

    /// Says which groupes go on.
    pub async fn garder_groupes(
        &self,
        demande: &Demande,
        tournant: &Tournant,
        groupes: BTreeSet<GroupeId>,
    ) -> Result<Recorded, UseCaseError> {
        let ids: Vec<_> = groupes.iter().map(|groupe| groupe.0).collect();
        let rows = Views::by_ids(&self.views, &ids).await?.into_iter();
        let declares = rows.filter(|row| !row.saisi).map(|row| GroupeId(row.id)).collect();
        self.plan(demande, tournant, BasculeCommand::GarderGroupes { groupes, declares }).await
    }

    /// Turns the year, and carries out its plan.
    pub async fn basculer_annee(
        &self,
        demande: &Demande,
        tournant: &Tournant,
    ) -> Result<Recorded, UseCaseError> {
        let etablissement = tournant.uai.etablissement();
        let resource = Resource::Etablissement { id: etablissement };
        let autorite = self.permit(&demande.acteur, Action::BasculerAnnee, &resource)?;
        let act = self.act(demande, autorite.clone(), tournant.uai.portail());
        let (plan, _) = act.load::<Bascule>(tournant.id()).await?;
        if plan.est_achevee() {
            // It is carried out: what has changed since stays as it is.
            return act.tell::<Bascule>(tournant.id(), BasculeCommand::AcheverBascule).record().await;
        }
        let gardes = plan.groupes().clone();
        let turn = BasculeCommand::BasculerAnnee { aujourd_hui: self.today(), gardes: gardes.clone() };
        act.tell::<Bascule>(tournant.id(), turn)
            .tell::<Groupes>(etablissement, GroupeCommand::PasserAnnee { annee: tournant.annee, gardes })
            .record()
            .await?;
        self.carry_out(demande, &autorite, tournant, &plan).await
    }

    async fn carry_out(
        &self,
        demande: &Demande,
        autorite: &Autorite,
        tournant: &Tournant,
        plan: &Bascule,
    ) -> Result<Recorded, UseCaseError> {
        let etablissement = tournant.uai.etablissement();
        let house = Annuaire::etablissements(&self.views, &[etablissement.0]).await?.pop();
        let academie = portail(&house.ok_or(UseCaseError::Interdit)?.portail)?;
        let step = |name: &str, on: &PortailId| {
            let commande = CommandeId::derived(&[&demande.commande.to_string(), name]);
            self.act(&Demande { commande, ..demande.clone() }, autorite.clone(), on.clone())
        };
        let named: Vec<_> = plan.enseignements().values().flatten().map(|prevu| prevu.enseignant.0).collect();
        let personnels = self.attached(etablissement.0, &named, &super::groupes::PERSONNELS).await?;
        let taught = self.teaching(tournant, plan, &personnels);
        step("divisions", &academie).tell_all::<Etablissement>(etablissement, taught).record().await?;
        let named: Vec<_> = plan.affectations().keys().map(|eleve| eleve.0).collect();
        let still = self.attached(etablissement.0, &named, &["eleve"]).await?;
        // A lot is the same when it is asked for again, whoever has left meanwhile.
        let moves: Vec<_> = plan.affectations().iter().collect();
        for (number, lot) in moves.chunks(LOT).enumerate() {
            let mut act = step(&format!("lot {number}"), &academie);
            let lot: Vec<_> = lot.iter().filter(|(eleve, _)| still.contains(eleve)).collect();
            if lot.is_empty() {
                continue;
            }
            for (eleve, code) in lot {
                let (division, parole) = (Some(tournant.uai.division(code)), self.parole(tournant));
                let annee = Some(tournant.annee);
                let command = PersonneCommand::ReaffecterEleve { etablissement, division, annee, parole };
                act = act.tell::<Personne>(**eleve, command);
            }
            act.record().await?;
        }
        let end = step("fin", &tournant.uai.portail());
        end.tell::<Bascule>(tournant.id(), BasculeCommand::AcheverBascule).record().await
    }

    /// What the plan asks of the établissement: its divisions, and who teaches what there, of those
    /// who are still there; who teaches there today, and of whom the plan says nothing, no longer
    /// does.
    fn teaching(
        &self,
        tournant: &Tournant,
        plan: &Bascule,
        personnels: &BTreeSet<PersonneId>,
    ) -> Vec<EtablissementCommand> {
        let uai = &tournant.uai;
        let open = plan.divisions().iter().cloned().map(|DivisionPrevue { code, libelle, mef }| {
            EtablissementCommand::OuvrirDivision { code, libelle, mef, parole: self.parole(tournant) }
        });
        let planned: Vec<_> = plan
            .enseignements()
            .iter()
            .flat_map(|(code, prevus)| prevus.iter().map(move |prevu| (code, prevu)))
            .filter(|(_, prevu)| personnels.contains(&prevu.enseignant))
            .collect();
        let kept = |(code, prevu): &(&String, &EnseignementPrevu)| {
            (uai.enseignement(code, &prevu.matiere.code), prevu.enseignant)
        };
        let turn = EtablissementCommand::TournerEnseignements {
            divisions: plan.enseignements().keys().map(|code| uai.division(code)).collect(),
            sauf: planned.iter().map(kept).collect(),
        };
        let groupes = EtablissementCommand::TournerGroupes { annee: tournant.annee };
        let teach = planned.iter().map(|(code, prevu)| EtablissementCommand::AttribuerEnseignement {
            division: (*code).clone(),
            matiere: prevu.matiere.clone(),
            enseignant: prevu.enseignant,
            principal: prevu.principal,
            parole: self.parole(tournant),
        });
        open.chain([turn, groupes]).chain(teach).collect()
    }

    /// The word of the établissement, which counts until a source speaks of the new year.
    fn parole(&self, tournant: &Tournant) -> Parole {
        self.parole_saisie(&tournant.uai, format!("bascule vers l'année {}", tournant.annee))
    }

    async fn plan(
        &self,
        demande: &Demande,
        tournant: &Tournant,
        command: BasculeCommand,
    ) -> Result<Recorded, UseCaseError> {
        let resource = Resource::Etablissement { id: tournant.uai.etablissement() };
        let autorite = self.permit(&demande.acteur, Action::PreparerBascule, &resource)?;
        let act = self.act(demande, autorite, tournant.uai.portail());
        act.tell::<Bascule>(tournant.id(), command).record().await
    }
}
