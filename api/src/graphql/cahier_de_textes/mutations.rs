//! Mutations of cahiers: what they take, what they answer.

use super::CAHIERS;
use super::cahier::Seance;
use super::travail::Travail;
use crate::graphql::annuaire::Enseignement;
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::ids::key;
use crate::graphql::named::{eleve_id, enseignement_id, seance_id, travail_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, ID, InputObject, Object, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{NaiveDate, NaiveTime};
use commands::cahier_de_textes::{SeanceARediger, TravailADonner};
use domain::cahier_de_textes::ContenuDeSeance;
use domain::{EnseignementId, SeanceId, TravailId};
use uuid::Uuid;

/// Ce qui est écrit d'une séance : du texte, sans mise en forme.
#[derive(InputObject)]
pub struct ContenuDeSeanceInput {
    titre: String,
    /// Ce qui est prévu.
    #[graphql(default)]
    avant: String,
    /// Ce qui a été fait.
    #[graphql(default)]
    apres: String,
}

impl From<&ContenuDeSeanceInput> for ContenuDeSeance {
    fn from(input: &ContenuDeSeanceInput) -> Self {
        let ContenuDeSeanceInput { titre, avant, apres } = input;
        Self { titre: titre.clone(), avant: avant.clone(), apres: apres.clone() }
    }
}

/// La séance à rédiger.
#[derive(InputObject)]
pub struct RedigerSeanceInput {
    client_mutation_id: Option<Uuid>,
    /// Identifiant de la séance, au choix de qui la rédige.
    seance: Uuid,
    enseignement_id: ID,
    date: NaiveDate,
    debut: NaiveTime,
    fin: NaiveTime,
    contenu: ContenuDeSeanceInput,
}

/// La séance à modifier.
#[derive(InputObject)]
pub struct ModifierSeanceInput {
    client_mutation_id: Option<Uuid>,
    seance_id: ID,
    contenu: ContenuDeSeanceInput,
}

/// La séance à publier.
#[derive(InputObject)]
pub struct PublierSeanceInput {
    client_mutation_id: Option<Uuid>,
    seance_id: ID,
}

/// La progression à reprendre.
#[derive(InputObject)]
pub struct ReprendreProgressionInput {
    client_mutation_id: Option<Uuid>,
    /// L'enseignement dont on reprend les séances et les travaux publiés de la dernière année.
    source_id: ID,
    /// L'enseignement où ils deviennent des brouillons.
    enseignement_id: ID,
    /// Premier jour où placer une séance.
    depuis: NaiveDate,
}

/// Le travail à donner.
#[derive(InputObject)]
pub struct DonnerTravailInput {
    client_mutation_id: Option<Uuid>,
    /// Identifiant du travail, au choix de qui le donne.
    travail: Uuid,
    enseignement_id: ID,
    pour_le: NaiveDate,
    titre: String,
    #[graphql(default)]
    consigne: String,
    /// Durée estimée, de 1 à 600.
    minutes: u16,
    /// Il se rend ici.
    #[graphql(default)]
    a_rendre: bool,
}

/// Le travail à modifier, tel qu'il doit être.
#[derive(InputObject)]
pub struct ModifierTravailInput {
    client_mutation_id: Option<Uuid>,
    travail_id: ID,
    enseignement_id: ID,
    pour_le: NaiveDate,
    titre: String,
    #[graphql(default)]
    consigne: String,
    minutes: u16,
    #[graphql(default)]
    a_rendre: bool,
}

/// Le travail à publier.
#[derive(InputObject)]
pub struct PublierTravailInput {
    client_mutation_id: Option<Uuid>,
    travail_id: ID,
}

/// Le travail à annuler.
#[derive(InputObject)]
pub struct AnnulerTravailInput {
    client_mutation_id: Option<Uuid>,
    travail_id: ID,
}

/// Le travail que l'élève qui demande dit fait, ou à faire.
#[derive(InputObject)]
pub struct MarquerTravailInput {
    client_mutation_id: Option<Uuid>,
    travail_id: ID,
    fait: bool,
}

/// Le fichier que rend l'élève qui demande.
#[derive(InputObject)]
pub struct RendreTravailInput {
    client_mutation_id: Option<Uuid>,
    travail_id: ID,
    /// Nom du fichier.
    nom: String,
    /// Le fichier, en base64 : 64 Kio au plus ; PDF, PNG, JPEG, ODT, DOCX ou texte.
    contenu: String,
}

/// La copie à rendre à un élève.
#[derive(InputObject)]
pub struct AnnoterCopieInput {
    client_mutation_id: Option<Uuid>,
    travail_id: ID,
    eleve_id: ID,
    annotation: String,
}

/// Le cahier à viser.
#[derive(InputObject)]
pub struct ViserCahierInput {
    client_mutation_id: Option<Uuid>,
    enseignement_id: ID,
    /// Dernier jour vu.
    jusqu_au: NaiveDate,
}

payload!(
    /// Réponse de `redigerSeance`.
    RedigerSeancePayload, seance: Seance, SeanceId, CAHIERS, load_seance
);
payload!(
    /// Réponse de `modifierSeance`.
    ModifierSeancePayload, seance: Seance, SeanceId, CAHIERS, load_seance
);
payload!(
    /// Réponse de `publierSeance`.
    PublierSeancePayload, seance: Seance, SeanceId, CAHIERS, load_seance
);
payload!(
    /// Réponse de `reprendreProgression`.
    ReprendreProgressionPayload, enseignement: Enseignement, EnseignementId, CAHIERS, load_enseignement
);
payload!(
    /// Réponse de `donnerTravail`.
    DonnerTravailPayload, travail: Travail, TravailId, CAHIERS, load_travail
);
payload!(
    /// Réponse de `modifierTravail`.
    ModifierTravailPayload, travail: Travail, TravailId, CAHIERS, load_travail
);
payload!(
    /// Réponse de `publierTravail`.
    PublierTravailPayload, travail: Travail, TravailId, CAHIERS, load_travail
);
payload!(
    /// Réponse d'`annulerTravail`.
    AnnulerTravailPayload, travail: Travail, TravailId, CAHIERS, load_travail
);
payload!(
    /// Réponse de `marquerTravail`.
    MarquerTravailPayload, travail: Travail, TravailId, CAHIERS, load_travail
);
payload!(
    /// Réponse de `rendreTravail`.
    RendreTravailPayload, travail: Travail, TravailId, CAHIERS, load_travail
);
payload!(
    /// Réponse d'`annoterCopie`.
    AnnoterCopiePayload, travail: Travail, TravailId, CAHIERS, load_travail
);
payload!(
    /// Réponse de `viserCahier`.
    ViserCahierPayload, enseignement: Enseignement, EnseignementId, CAHIERS, load_enseignement
);

async fn load_seance(ctx: &Context<'_>, seance: SeanceId) -> Result<Option<Seance>> {
    Seance::load(ctx, seance.0).await
}

async fn load_travail(ctx: &Context<'_>, travail: TravailId) -> Result<Option<Travail>> {
    Travail::load(ctx, travail.0).await
}

async fn load_enseignement(ctx: &Context<'_>, enseignement: EnseignementId) -> Result<Option<Enseignement>> {
    Enseignement::load(ctx, enseignement.0).await
}

/// Mutations of cahiers.
#[derive(Default)]
pub struct CahierMutation;

#[Object]
impl CahierMutation {
    /// Rédige une séance, en brouillon.
    async fn rediger_seance(
        &self,
        ctx: &Context<'_>,
        input: RedigerSeanceInput,
    ) -> Result<RedigerSeancePayload> {
        tell!(ctx, "redigerSeance", input, RedigerSeancePayload, |commands, demande| {
            let asked = SeanceARediger {
                seance: SeanceId(input.seance),
                enseignement: enseignement_id(&input.enseignement_id)?,
                date: input.date,
                debut: input.debut,
                fin: input.fin,
                contenu: (&input.contenu).into(),
            };
            Ok(commands.rediger_seance(demande, asked).await?)
        })
    }

    /// Modifie ce qui est écrit d'une séance.
    async fn modifier_seance(
        &self,
        ctx: &Context<'_>,
        input: ModifierSeanceInput,
    ) -> Result<ModifierSeancePayload> {
        tell!(ctx, "modifierSeance", input, ModifierSeancePayload, |commands, demande| {
            let seance = seance_id(&input.seance_id)?;
            Ok((seance, commands.modifier_seance(demande, seance, (&input.contenu).into()).await?))
        })
    }

    /// Publie une séance : les élèves et leurs familles la lisent.
    async fn publier_seance(
        &self,
        ctx: &Context<'_>,
        input: PublierSeanceInput,
    ) -> Result<PublierSeancePayload> {
        tell!(ctx, "publierSeance", input, PublierSeancePayload, |commands, demande| {
            let seance = seance_id(&input.seance_id)?;
            Ok((seance, commands.publier_seance(demande, seance).await?))
        })
    }

    /// Reprend dans un enseignement les séances publiées d'un autre et ses travaux, en brouillons : les
    /// séances sur ce que son emploi du temps prévoit, les travaux pour celles qui leur correspondent.
    async fn reprendre_progression(
        &self,
        ctx: &Context<'_>,
        input: ReprendreProgressionInput,
    ) -> Result<ReprendreProgressionPayload> {
        tell!(ctx, "reprendreProgression", input, ReprendreProgressionPayload, |commands, demande| {
            let source = key("Enseignement", &input.source_id)
                .ok_or_else(|| Refus::invalid("sourceId", "Ce n'est pas l'identifiant d'un enseignement."))?;
            let cible = enseignement_id(&input.enseignement_id)?;
            let (source, depuis) = (EnseignementId(source), input.depuis);
            let (_, recorded) = commands.reprendre_progression(demande, source, cible, depuis).await?;
            Ok((cible, recorded))
        })
    }

    /// Donne un travail, en brouillon.
    async fn donner_travail(
        &self,
        ctx: &Context<'_>,
        input: DonnerTravailInput,
    ) -> Result<DonnerTravailPayload> {
        tell!(ctx, "donnerTravail", input, DonnerTravailPayload, |commands, demande| {
            let asked = TravailADonner {
                travail: TravailId(input.travail),
                enseignement: enseignement_id(&input.enseignement_id)?,
                pour_le: input.pour_le,
                titre: input.titre.clone(),
                consigne: input.consigne.clone(),
                minutes: input.minutes,
                a_rendre: input.a_rendre,
            };
            Ok(commands.donner_travail(demande, asked).await?)
        })
    }

    /// Modifie un travail.
    async fn modifier_travail(
        &self,
        ctx: &Context<'_>,
        input: ModifierTravailInput,
    ) -> Result<ModifierTravailPayload> {
        tell!(ctx, "modifierTravail", input, ModifierTravailPayload, |commands, demande| {
            let travail = travail_id(&input.travail_id)?;
            let asked = TravailADonner {
                travail,
                enseignement: enseignement_id(&input.enseignement_id)?,
                pour_le: input.pour_le,
                titre: input.titre.clone(),
                consigne: input.consigne.clone(),
                minutes: input.minutes,
                a_rendre: input.a_rendre,
            };
            Ok((travail, commands.modifier_travail(demande, asked).await?))
        })
    }

    /// Publie un travail : les élèves et leurs familles le lisent.
    async fn publier_travail(
        &self,
        ctx: &Context<'_>,
        input: PublierTravailInput,
    ) -> Result<PublierTravailPayload> {
        tell!(ctx, "publierTravail", input, PublierTravailPayload, |commands, demande| {
            let travail = travail_id(&input.travail_id)?;
            Ok((travail, commands.publier_travail(demande, travail).await?))
        })
    }

    /// Annule un travail : il n'est plus à faire.
    async fn annuler_travail(
        &self,
        ctx: &Context<'_>,
        input: AnnulerTravailInput,
    ) -> Result<AnnulerTravailPayload> {
        tell!(ctx, "annulerTravail", input, AnnulerTravailPayload, |commands, demande| {
            let travail = travail_id(&input.travail_id)?;
            Ok((travail, commands.annuler_travail(demande, travail).await?))
        })
    }

    /// Dit un travail fait, ou à faire : par l'élève lui-même.
    async fn marquer_travail(
        &self,
        ctx: &Context<'_>,
        input: MarquerTravailInput,
    ) -> Result<MarquerTravailPayload> {
        tell!(ctx, "marquerTravail", input, MarquerTravailPayload, |commands, demande| {
            let travail = travail_id(&input.travail_id)?;
            Ok((travail, commands.marquer_travail(demande, travail, input.fait).await?))
        })
    }

    /// Rend un travail : par l'élève lui-même.
    async fn rendre_travail(
        &self,
        ctx: &Context<'_>,
        input: RendreTravailInput,
    ) -> Result<RendreTravailPayload> {
        tell!(ctx, "rendreTravail", input, RendreTravailPayload, |commands, demande| {
            let travail = travail_id(&input.travail_id)?;
            let octets = STANDARD.decode(&input.contenu);
            let octets = octets.map_err(|_| Refus::invalid("contenu", "Ce n'est pas du base64."))?;
            Ok((travail, commands.rendre_travail(demande, travail, input.nom.clone(), octets).await?))
        })
    }

    /// Rend sa copie à un élève, annotée.
    async fn annoter_copie(
        &self,
        ctx: &Context<'_>,
        input: AnnoterCopieInput,
    ) -> Result<AnnoterCopiePayload> {
        tell!(ctx, "annoterCopie", input, AnnoterCopiePayload, |commands, demande| {
            let travail = travail_id(&input.travail_id)?;
            let (eleve, said) = (eleve_id(&input.eleve_id)?, input.annotation.clone());
            Ok((travail, commands.annoter_copie(demande, travail, eleve, said).await?))
        })
    }

    /// Appose un visa sur un cahier : la direction, ou l'inspection pendant une intervention.
    async fn viser_cahier(&self, ctx: &Context<'_>, input: ViserCahierInput) -> Result<ViserCahierPayload> {
        tell!(ctx, "viserCahier", input, ViserCahierPayload, |commands, demande| {
            let enseignement = enseignement_id(&input.enseignement_id)?;
            Ok((enseignement, commands.viser_cahier(demande, enseignement, input.jusqu_au).await?))
        })
    }
}
