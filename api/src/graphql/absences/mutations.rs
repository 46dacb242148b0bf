//! What is done about absences.

use super::assiduite::Assiduite;
use super::dossier::DossierAbsence;
use super::reglement::{
    DefinirMotifAbsenceInput, FixerPolitiqueDemiJourneesInput, ReglementAbsences, RetirerMotifAbsenceInput,
};
use super::saisies::{
    AccorderDispenseInput, AnnoncerAbsenceInput, AnnulerAbsenceCollectiveInput, CloreSuiviInput,
    ConstaterAbsencesInput, ConstaterSeuilsInput, ContacterFamilleInput, DeclarerAbsenceCollectiveInput,
    EnregistrerJustificatifInput, JustifierAbsenceInput, NoterIncidentInput, OuvrirSuiviInput,
    RappelerAppelInput, ReglerAbsenceInput, RetirerIncidentInput, SaisirAbsenceInput, TerminerDispenseInput,
    cle, etablissement, scolarite,
};
use super::vie_scolaire::{AbsenceCollective, Dispense, reglement};
use super::{Appel, load};
use crate::graphql::annuaire::Etablissement;
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::named::{appel_id, personne_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, ID, Object, Result};
use commands::absences::ReglementDemande;
use domain::absences::{Etendue, FicheCollective, MoisCivil, Scolarite};
use domain::{
    AppelId, CollectiveId, DispenseId, DivisionId, DossierAbsenceId, EnseignementId, EtablissementId,
    GroupeId,
};
use projections::absences::{Appels, Assiduites, Dossiers, Excuses, Reglements};

const APPELS: (&str, i32) = (Appels::NAME, Appels::VERSION);
const DOSSIERS: (&str, i32) = (Dossiers::NAME, Dossiers::VERSION);
const EXCUSES: (&str, i32) = (Excuses::NAME, Excuses::VERSION);
const REGLEMENTS: (&str, i32) = (Reglements::NAME, Reglements::VERSION);
const ASSIDUITES: (&str, i32) = (Assiduites::NAME, Assiduites::VERSION);

payload!(
    /// Réponse de `noterIncident`.
    NoterIncidentPayload, appel: Appel, AppelId, APPELS, load
);
payload!(
    /// Réponse de `retirerIncident`.
    RetirerIncidentPayload, appel: Appel, AppelId, APPELS, load
);
payload!(
    /// Réponse de `rappelerAppel`.
    RappelerAppelPayload, appel: Appel, AppelId, APPELS, load
);
payload!(
    /// Réponse de `constaterAbsences`.
    ConstaterAbsencesPayload, etablissement: Etablissement, EtablissementId, DOSSIERS, house
);
payload!(
    /// Réponse de `saisirAbsence`.
    SaisirAbsencePayload, dossier: DossierAbsence, DossierAbsenceId, DOSSIERS, dossier
);
payload!(
    /// Réponse d'`annoncerAbsence`.
    AnnoncerAbsencePayload, dossier: DossierAbsence, DossierAbsenceId, DOSSIERS, dossier_et_pieces
);
payload!(
    /// Réponse de `justifierAbsence`.
    JustifierAbsencePayload, dossier: DossierAbsence, DossierAbsenceId, DOSSIERS, dossier_et_pieces
);
payload!(
    /// Réponse d'`enregistrerJustificatif`.
    EnregistrerJustificatifPayload, dossier: DossierAbsence, DossierAbsenceId, DOSSIERS, dossier_et_pieces
);
payload!(
    /// Réponse de `contacterFamille`.
    ContacterFamillePayload, dossier: DossierAbsence, DossierAbsenceId, DOSSIERS, dossier
);
payload!(
    /// Réponse de `reglerAbsence`.
    ReglerAbsencePayload, dossier: DossierAbsence, DossierAbsenceId, DOSSIERS, dossier
);
payload!(
    /// Réponse de `declarerAbsenceCollective`.
    DeclarerAbsenceCollectivePayload, collective: AbsenceCollective, CollectiveId, EXCUSES, collective
);
payload!(
    /// Réponse d'`annulerAbsenceCollective`.
    AnnulerAbsenceCollectivePayload, collective: AbsenceCollective, CollectiveId, EXCUSES, collective
);
payload!(
    /// Réponse d'`accorderDispense`.
    AccorderDispensePayload, dispense: Dispense, DispenseId, EXCUSES, dispense
);
payload!(
    /// Réponse de `terminerDispense`.
    TerminerDispensePayload, dispense: Dispense, DispenseId, EXCUSES, dispense
);
payload!(
    /// Réponse de `fixerPolitiqueDemiJournees`.
    FixerPolitiqueDemiJourneesPayload, reglement: ReglementAbsences, EtablissementId, REGLEMENTS, regles
);
payload!(
    /// Réponse de `definirMotifAbsence`.
    DefinirMotifAbsencePayload, reglement: ReglementAbsences, EtablissementId, REGLEMENTS, regles
);
payload!(
    /// Réponse de `retirerMotifAbsence`.
    RetirerMotifAbsencePayload, reglement: ReglementAbsences, EtablissementId, REGLEMENTS, regles
);
payload!(
    /// Réponse de `constaterSeuils`.
    ConstaterSeuilsPayload, etablissement: Etablissement, EtablissementId, ASSIDUITES, house
);
payload!(
    /// Réponse d'`ouvrirSuivi`.
    OuvrirSuiviPayload, assiduite: Assiduite, Scolarite, ASSIDUITES, assiduite
);
payload!(
    /// Réponse de `cloreSuivi`.
    CloreSuiviPayload, assiduite: Assiduite, Scolarite, ASSIDUITES, assiduite
);

async fn house(ctx: &Context<'_>, id: EtablissementId) -> Result<Option<Etablissement>> {
    Etablissement::load(ctx, id.0).await
}

async fn dossier(ctx: &Context<'_>, id: DossierAbsenceId) -> Result<Option<DossierAbsence>> {
    DossierAbsence::load(ctx, id.0).await
}

/// Which files accompany it is told by another view.
async fn dossier_et_pieces(ctx: &Context<'_>, id: DossierAbsenceId) -> Result<Option<DossierAbsence>> {
    ctx.requete()?.see_own_writes().await;
    dossier(ctx, id).await
}

async fn collective(ctx: &Context<'_>, id: CollectiveId) -> Result<Option<AbsenceCollective>> {
    AbsenceCollective::load(ctx, id.0).await
}

async fn dispense(ctx: &Context<'_>, id: DispenseId) -> Result<Option<Dispense>> {
    Dispense::load(ctx, id.0).await
}

/// Who has just set it may read it.
async fn regles(ctx: &Context<'_>, id: EtablissementId) -> Result<Option<ReglementAbsences>> {
    reglement(ctx, id).await.map(Some)
}

/// Who has just written in it may read it.
async fn assiduite(ctx: &Context<'_>, whose: Scolarite) -> Result<Option<Assiduite>> {
    Assiduite::of(ctx, whose.etablissement.0, &[whose.eleve.0]).await.map(Some)
}

fn dossier_id(id: &ID) -> Result<DossierAbsenceId, Refus> {
    cle("DossierAbsence", "dossierAbsenceId", id).map(DossierAbsenceId)
}

/// Mutations of absences.
#[derive(Default)]
pub struct VieScolaireMutation;

#[Object]
impl VieScolaireMutation {
    /// Note un départ anticipé, un passage à l'infirmerie ou un oubli de carnet.
    async fn noter_incident(
        &self,
        ctx: &Context<'_>,
        input: NoterIncidentInput,
    ) -> Result<NoterIncidentPayload> {
        tell!(ctx, "noterIncident", input, NoterIncidentPayload, |commands, demande| {
            let appel = appel_id(&input.appel_id)?;
            let noted = (personne_id("eleveId", &input.eleve_id)?, input.incident()?);
            Ok((appel, commands.noter_incident(demande, appel, noted, input.motif.clone()).await?))
        })
    }

    /// Retire ce qui a été noté.
    async fn retirer_incident(
        &self,
        ctx: &Context<'_>,
        input: RetirerIncidentInput,
    ) -> Result<RetirerIncidentPayload> {
        tell!(ctx, "retirerIncident", input, RetirerIncidentPayload, |commands, demande| {
            let appel = appel_id(&input.appel_id)?;
            let noted = (personne_id("eleveId", &input.eleve_id)?, input.nature.into());
            Ok((appel, commands.retirer_incident(demande, appel, noted, input.motif.clone()).await?))
        })
    }

    /// Rappelle à qui l'a ouvert un appel qui n'est pas clos.
    async fn rappeler_appel(
        &self,
        ctx: &Context<'_>,
        input: RappelerAppelInput,
    ) -> Result<RappelerAppelPayload> {
        tell!(ctx, "rappelerAppel", input, RappelerAppelPayload, |commands, demande| {
            let appel = appel_id(&input.appel_id)?;
            Ok((appel, commands.rappeler_appel(demande, appel).await?))
        })
    }

    /// Constate les absences d'une journée d'après ses appels clos ; se redemande sans risque.
    async fn constater_absences(
        &self,
        ctx: &Context<'_>,
        input: ConstaterAbsencesInput,
    ) -> Result<ConstaterAbsencesPayload> {
        tell!(ctx, "constaterAbsences", input, ConstaterAbsencesPayload, |commands, demande| {
            let uai = etablissement(&input.uai)?;
            Ok((uai.etablissement(), commands.constater_absences(demande, &uai, input.date).await?))
        })
    }

    /// Saisit une absence qu'aucun appel ne montre.
    async fn saisir_absence(
        &self,
        ctx: &Context<'_>,
        input: SaisirAbsenceInput,
    ) -> Result<SaisirAbsencePayload> {
        tell!(ctx, "saisirAbsence", input, SaisirAbsencePayload, |commands, demande| {
            let uai = etablissement(&input.uai)?;
            let (id, whose) = (DossierAbsenceId(input.dossier), scolarite(&uai, &input.eleve_id)?);
            Ok((id, commands.saisir_absence(demande, id, whose, input.creneau.creneau()).await?))
        })
    }

    /// Annonce une absence à venir, pour qui répond de l'élève.
    async fn annoncer_absence(
        &self,
        ctx: &Context<'_>,
        input: AnnoncerAbsenceInput,
    ) -> Result<AnnoncerAbsencePayload> {
        tell!(ctx, "annoncerAbsence", input, AnnoncerAbsencePayload, |commands, demande| {
            let uai = etablissement(&input.uai)?;
            let (id, whose) = (DossierAbsenceId(input.dossier), scolarite(&uai, &input.eleve_id)?);
            let (creneau, raison) = (input.creneau.creneau(), input.justification.raison()?);
            Ok((id, commands.annoncer_absence(demande, id, whose, creneau, raison).await?))
        })
    }

    /// Dit le motif d'une absence, pour qui répond de l'élève.
    async fn justifier_absence(
        &self,
        ctx: &Context<'_>,
        input: JustifierAbsenceInput,
    ) -> Result<JustifierAbsencePayload> {
        tell!(ctx, "justifierAbsence", input, JustifierAbsencePayload, |commands, demande| {
            let (id, raison) = (dossier_id(&input.dossier_absence_id)?, input.justification.raison()?);
            Ok((id, commands.justifier_absence(demande, id, raison).await?))
        })
    }

    /// Enregistre, pour une famille, le justificatif qu'elle a remis sur papier ou par courriel ; une absence
    /// déjà réglée est à régler de nouveau.
    async fn enregistrer_justificatif(
        &self,
        ctx: &Context<'_>,
        input: EnregistrerJustificatifInput,
    ) -> Result<EnregistrerJustificatifPayload> {
        tell!(ctx, "enregistrerJustificatif", input, EnregistrerJustificatifPayload, |commands, demande| {
            let (id, raison) = (dossier_id(&input.dossier_absence_id)?, input.justification.raison()?);
            let remise = (personne_id("remisParId", &input.remis_par_id)?, input.support.into());
            Ok((id, commands.enregistrer_justificatif(demande, id, remise, raison).await?))
        })
    }

    /// Inscrit une prise de contact avec la famille.
    async fn contacter_famille(
        &self,
        ctx: &Context<'_>,
        input: ContacterFamilleInput,
    ) -> Result<ContacterFamillePayload> {
        tell!(ctx, "contacterFamille", input, ContacterFamillePayload, |commands, demande| {
            let id = dossier_id(&input.dossier_absence_id)?;
            let (moyen, resume) = (input.moyen.into(), input.resume.clone());
            Ok((id, commands.contacter_famille(demande, id, moyen, resume).await?))
        })
    }

    /// Se prononce sur une absence, et constate les seuils que le mois atteint.
    async fn regler_absence(
        &self,
        ctx: &Context<'_>,
        input: ReglerAbsenceInput,
    ) -> Result<ReglerAbsencePayload> {
        tell!(ctx, "reglerAbsence", input, ReglerAbsencePayload, |commands, demande| {
            let id = dossier_id(&input.dossier_absence_id)?;
            let (motif, raison) = (input.motif.clone(), input.raison.clone());
            let asked = ReglementDemande { recevable: input.recevable, motif, raison };
            Ok((id, commands.regler_absence(demande, id, asked).await?))
        })
    }

    /// Déclare qu'un groupe entier s'absente.
    async fn declarer_absence_collective(
        &self,
        ctx: &Context<'_>,
        input: DeclarerAbsenceCollectiveInput,
    ) -> Result<DeclarerAbsenceCollectivePayload> {
        tell!(
            ctx,
            "declarerAbsenceCollective",
            input,
            DeclarerAbsenceCollectivePayload,
            |commands, demande| {
                let uai = etablissement(&input.uai)?;
                let divisions = input.division_ids.iter().map(|id| cle("Division", "divisionIds", id));
                let groupes = input.groupe_ids.iter().map(|id| cle("Groupe", "groupeIds", id));
                let fiche = FicheCollective {
                    etablissement: uai.etablissement(),
                    nature: input.nature.into(),
                    libelle: input.libelle.clone(),
                    creneau: input.creneau.creneau(),
                    divisions: divisions.map(|id| id.map(DivisionId)).collect::<Result<_, _>>()?,
                    groupes: groupes.map(|id| id.map(GroupeId)).collect::<Result<_, _>>()?,
                };
                let id = CollectiveId(input.collective);
                Ok((id, commands.declarer_collective(demande, &uai, id, fiche).await?))
            }
        )
    }

    /// Annule une absence collective.
    async fn annuler_absence_collective(
        &self,
        ctx: &Context<'_>,
        input: AnnulerAbsenceCollectiveInput,
    ) -> Result<AnnulerAbsenceCollectivePayload> {
        tell!(ctx, "annulerAbsenceCollective", input, AnnulerAbsenceCollectivePayload, |commands, demande| {
            let id = cle("Collective", "collectiveId", &input.collective_id).map(CollectiveId)?;
            Ok((id, commands.annuler_collective(demande, id, input.motif.clone()).await?))
        })
    }

    /// Dispense un élève d'un enseignement.
    async fn accorder_dispense(
        &self,
        ctx: &Context<'_>,
        input: AccorderDispenseInput,
    ) -> Result<AccorderDispensePayload> {
        tell!(ctx, "accorderDispense", input, AccorderDispensePayload, |commands, demande| {
            let eleve = personne_id("eleveId", &input.eleve_id)?;
            let enseignement = cle("Enseignement", "enseignementId", &input.enseignement_id)?;
            let etendue = Etendue {
                enseignement: EnseignementId(enseignement),
                du: input.du,
                au: input.au,
                jours: input.jours.iter().map(|jour| (*jour).into()).collect(),
            };
            let id = DispenseId(input.dispense);
            Ok((id, commands.accorder_dispense(demande, id, eleve, etendue).await?))
        })
    }

    /// Termine une dispense plus tôt que prévu.
    async fn terminer_dispense(
        &self,
        ctx: &Context<'_>,
        input: TerminerDispenseInput,
    ) -> Result<TerminerDispensePayload> {
        tell!(ctx, "terminerDispense", input, TerminerDispensePayload, |commands, demande| {
            let id = cle("Dispense", "dispenseId", &input.dispense_id).map(DispenseId)?;
            Ok((id, commands.terminer_dispense(demande, id, input.le).await?))
        })
    }

    /// Fixe comment l'établissement compte les demi-journées à partir d'un jour.
    async fn fixer_politique_demi_journees(
        &self,
        ctx: &Context<'_>,
        input: FixerPolitiqueDemiJourneesInput,
    ) -> Result<FixerPolitiqueDemiJourneesPayload> {
        tell!(
            ctx,
            "fixerPolitiqueDemiJournees",
            input,
            FixerPolitiqueDemiJourneesPayload,
            |commands, demande| {
                let uai = etablissement(&input.uai)?;
                let recorded =
                    commands.fixer_demi_journees(demande, &uai, input.politique(), input.depuis).await?;
                Ok((uai.etablissement(), recorded))
            }
        )
    }

    /// Définit un motif d'absence de l'établissement.
    async fn definir_motif_absence(
        &self,
        ctx: &Context<'_>,
        input: DefinirMotifAbsenceInput,
    ) -> Result<DefinirMotifAbsencePayload> {
        tell!(ctx, "definirMotifAbsence", input, DefinirMotifAbsencePayload, |commands, demande| {
            let uai = etablissement(&input.uai)?;
            Ok((uai.etablissement(), commands.definir_motif(demande, &uai, input.motif()).await?))
        })
    }

    /// Retire de l'usage un motif d'absence de l'établissement.
    async fn retirer_motif_absence(
        &self,
        ctx: &Context<'_>,
        input: RetirerMotifAbsenceInput,
    ) -> Result<RetirerMotifAbsencePayload> {
        tell!(ctx, "retirerMotifAbsence", input, RetirerMotifAbsencePayload, |commands, demande| {
            let uai = etablissement(&input.uai)?;
            Ok((uai.etablissement(), commands.retirer_motif(demande, &uai, input.code.clone()).await?))
        })
    }

    /// Constate les seuils que le mois de ce jour atteint ; se redemande sans risque.
    async fn constater_seuils(
        &self,
        ctx: &Context<'_>,
        input: ConstaterSeuilsInput,
    ) -> Result<ConstaterSeuilsPayload> {
        tell!(ctx, "constaterSeuils", input, ConstaterSeuilsPayload, |commands, demande| {
            let uai = etablissement(&input.uai)?;
            let mois = MoisCivil::of(input.mois);
            Ok((uai.etablissement(), commands.constater_seuils(demande, &uai, mois).await?))
        })
    }

    /// Ouvre le suivi renforcé d'un élève par un référent.
    async fn ouvrir_suivi(&self, ctx: &Context<'_>, input: OuvrirSuiviInput) -> Result<OuvrirSuiviPayload> {
        tell!(ctx, "ouvrirSuivi", input, OuvrirSuiviPayload, |commands, demande| {
            let whose = scolarite(&etablissement(&input.uai)?, &input.eleve_id)?;
            let referent = personne_id("referentId", &input.referent_id)?;
            Ok((whose, commands.ouvrir_suivi(demande, whose, referent, input.objectif.clone()).await?))
        })
    }

    /// Clôt le suivi d'un élève.
    async fn clore_suivi(&self, ctx: &Context<'_>, input: CloreSuiviInput) -> Result<CloreSuiviPayload> {
        tell!(ctx, "cloreSuivi", input, CloreSuiviPayload, |commands, demande| {
            let whose = scolarite(&etablissement(&input.uai)?, &input.eleve_id)?;
            Ok((whose, commands.clore_suivi(demande, whose, input.bilan.clone()).await?))
        })
    }
}
