//! Mutations of the directory: what is entered by hand, and what a pupil of age decides.

use super::profil::{NiveauDeResponsabilite, Profil};
use super::{Eleve, Personne, VIEW};
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::named::{division_id, etablissement_id, personne_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::annuaire::{PersonneSaisie, RattachementSaisi};
use domain::annuaire::{EtatCivil, Responsabilite};
use uuid::Uuid;

/// La personne à saisir, que les sources ne nomment pas.
#[derive(InputObject)]
pub struct SaisirPersonneInput {
    client_mutation_id: Option<Uuid>,
    etablissement_id: ID,
    /// Identifiant choisi pour la personne : le même désigne la même personne.
    identifiant: Uuid,
    nom: String,
    prenom: String,
    civilite: Option<String>,
    naissance: Option<NaiveDate>,
    courriel: Option<String>,
    profil: Profil,
    /// Codes des fonctions exercées dans l'établissement.
    #[graphql(default)]
    fonctions: Vec<String>,
    /// Pourquoi elle est saisie à la main.
    motif: String,
}

/// Le rattachement d'une personne que l'établissement connaît.
#[derive(InputObject)]
pub struct RattacherPersonneInput {
    client_mutation_id: Option<Uuid>,
    etablissement_id: ID,
    personne_id: ID,
    profil: Profil,
    /// Codes des fonctions exercées dans l'établissement.
    #[graphql(default)]
    fonctions: Vec<String>,
    motif: String,
}

/// La division d'un élève.
#[derive(InputObject)]
pub struct AffecterEleveInput {
    client_mutation_id: Option<Uuid>,
    etablissement_id: ID,
    eleve_id: ID,
    /// Aucune, pour l'en retirer.
    division_id: Option<ID>,
    motif: String,
}

/// Un adulte qui répond d'un élève.
#[derive(InputObject)]
pub struct ResponsabiliteInput {
    responsable_id: ID,
    /// Le lien : « père », « mère », « tuteur »…
    lien: String,
    niveau: NiveauDeResponsabilite,
    /// A-t-il droit à l'information sur la scolarité ?
    destinataire: bool,
}

/// Tous ceux qui répondent d'un élève.
#[derive(InputObject)]
pub struct EtablirResponsabilitesInput {
    client_mutation_id: Option<Uuid>,
    etablissement_id: ID,
    eleve_id: ID,
    responsables: Vec<ResponsabiliteInput>,
    motif: String,
}

/// Ce que l'élève majeur décide.
#[derive(InputObject)]
pub struct OpposerInformationInput {
    client_mutation_id: Option<Uuid>,
    /// Faux, pour revenir sur son opposition.
    opposee: bool,
}

payload!(
    /// Réponse de `saisirPersonne`.
    SaisirPersonnePayload, personne: Personne, Uuid, VIEW, Personne::load
);
payload!(
    /// Réponse de `rattacherPersonne`.
    RattacherPersonnePayload, personne: Personne, Uuid, VIEW, Personne::load
);
payload!(
    /// Réponse d'`affecterEleve`.
    AffecterElevePayload, eleve: Eleve, Uuid, VIEW, Eleve::load
);
payload!(
    /// Réponse d'`etablirResponsabilites`.
    EtablirResponsabilitesPayload, eleve: Eleve, Uuid, VIEW, Eleve::load
);
payload!(
    /// Réponse d'`opposerInformation`.
    OpposerInformationPayload, eleve: Eleve, Uuid, VIEW, Eleve::load
);

fn responsabilite(input: &ResponsabiliteInput) -> Result<Responsabilite, Refus> {
    Ok(Responsabilite {
        responsable: personne_id("responsables", &input.responsable_id)?,
        lien: input.lien.clone(),
        niveau: input.niveau.into(),
        destinataire: input.destinataire,
    })
}

/// Mutations of the directory.
#[derive(Default)]
pub struct AnnuaireMutation;

#[Object]
impl AnnuaireMutation {
    /// Saisit une personne que les sources ne nomment pas ; une source qui la nommera prévaudra.
    async fn saisir_personne(
        &self,
        ctx: &Context<'_>,
        input: SaisirPersonneInput,
    ) -> Result<SaisirPersonnePayload> {
        tell!(ctx, "saisirPersonne", input, SaisirPersonnePayload, |commands, demande| {
            let saisie = PersonneSaisie {
                identifiant: input.identifiant,
                etat_civil: EtatCivil {
                    nom: input.nom.clone(),
                    prenom: input.prenom.clone(),
                    civilite: input.civilite.clone(),
                    naissance: input.naissance,
                    courriel: input.courriel.clone(),
                },
                rattachement: RattachementSaisi {
                    profil: input.profil.into(),
                    fonctions: input.fonctions.clone(),
                },
            };
            let (ici, motif) = (etablissement_id(&input.etablissement_id)?, input.motif.clone());
            let (personne, recorded) = commands.saisir_personne(demande, ici, saisie, motif).await?;
            Ok((personne.0, recorded))
        })
    }

    /// Dit ce qu'est, dans l'établissement, une personne qu'il connaît.
    async fn rattacher_personne(
        &self,
        ctx: &Context<'_>,
        input: RattacherPersonneInput,
    ) -> Result<RattacherPersonnePayload> {
        tell!(ctx, "rattacherPersonne", input, RattacherPersonnePayload, |commands, demande| {
            let (ici, motif) = (etablissement_id(&input.etablissement_id)?, input.motif.clone());
            let qui = personne_id("personneId", &input.personne_id)?;
            let rattachement =
                RattachementSaisi { profil: input.profil.into(), fonctions: input.fonctions.clone() };
            let recorded = commands.rattacher_personne(demande, ici, qui, rattachement, motif).await?;
            Ok((qui.0, recorded))
        })
    }

    /// Met un élève dans une division de l'établissement, ou l'en retire.
    async fn affecter_eleve(
        &self,
        ctx: &Context<'_>,
        input: AffecterEleveInput,
    ) -> Result<AffecterElevePayload> {
        tell!(ctx, "affecterEleve", input, AffecterElevePayload, |commands, demande| {
            let (ici, motif) = (etablissement_id(&input.etablissement_id)?, input.motif.clone());
            let qui = personne_id("eleveId", &input.eleve_id)?;
            let division = input.division_id.as_ref().map(division_id).transpose()?;
            Ok((qui.0, commands.affecter_eleve(demande, ici, qui, division, motif).await?))
        })
    }

    /// Dit qui répond d'un élève : tous, à la place de ceux d'avant.
    async fn etablir_responsabilites(
        &self,
        ctx: &Context<'_>,
        input: EtablirResponsabilitesInput,
    ) -> Result<EtablirResponsabilitesPayload> {
        tell!(ctx, "etablirResponsabilites", input, EtablirResponsabilitesPayload, |commands, demande| {
            let (ici, motif) = (etablissement_id(&input.etablissement_id)?, input.motif.clone());
            let qui = personne_id("eleveId", &input.eleve_id)?;
            let tous = input.responsables.iter().map(responsabilite).collect::<Result<Vec<_>, _>>()?;
            let recorded = commands.etablir_responsabilites(demande, ici, qui, tous, motif).await?;
            Ok((qui.0, recorded))
        })
    }

    /// L'élève majeur s'oppose à l'information de ses responsables sur sa scolarité, ou ne s'y
    /// oppose plus.
    async fn opposer_information(
        &self,
        ctx: &Context<'_>,
        input: OpposerInformationInput,
    ) -> Result<OpposerInformationPayload> {
        tell!(ctx, "opposerInformation", input, OpposerInformationPayload, |commands, demande| {
            let recorded = commands.opposer_information(demande, input.opposee).await?;
            let qui = demande.acteur.personne.map(|personne| personne.0).unwrap_or_default();
            Ok((qui, recorded))
        })
    }
}
