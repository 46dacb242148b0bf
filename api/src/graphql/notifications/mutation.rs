//! Mutations of notifications.

use super::{
    ADRESSES, APPAREILS, CanalDeNotification, ENVOIS, Envoi, PREFERENCES, PreferencesDeNotification,
    RythmeDeNotification, ThemeDeNotification,
};
use crate::envois::{Expedition, Message, est_lisible};
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::named::{appareil_id, envoi_id};
use crate::graphql::payload::{Failure, outcome, payload, tell};
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::NaiveTime;
use commands::{Demande, UseCaseError};
use domain::notifications::{Appareil, Calme, Canal, Choix, Telephone, Theme};
use ledger::unit::Recorded;
use rand::TryRngCore;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Comment être prévenu d'un sujet.
#[derive(InputObject)]
pub struct ChoixDeNotificationInput {
    theme: ThemeDeNotification,
    /// Aucun : ne pas l'être.
    #[graphql(validator(max_items = 4))]
    canaux: Vec<CanalDeNotification>,
    rythme: RythmeDeNotification,
}

/// Comment être prévenu.
#[derive(InputObject)]
pub struct ChoisirPreferencesInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    /// Un sujet qui n'est pas nommé garde les choix par défaut.
    #[graphql(validator(max_items = 20))]
    choix: Vec<ChoixDeNotificationInput>,
    /// Début des heures de calme, à Paris ; 21 h par défaut.
    calme_de: Option<NaiveTime>,
    /// Fin des heures de calme ; 7 h par défaut.
    calme_a: Option<NaiveTime>,
}

/// Le téléphone à déclarer.
#[derive(InputObject)]
pub struct DeclarerTelephoneInput {
    client_mutation_id: Option<Uuid>,
    /// Un mobile français : un code y est envoyé.
    numero: String,
}

/// Le code reçu.
#[derive(InputObject)]
pub struct ConfirmerTelephoneInput {
    client_mutation_id: Option<Uuid>,
    code: String,
}

/// Le téléphone à oublier.
#[derive(InputObject)]
pub struct OublierTelephoneInput {
    client_mutation_id: Option<Uuid>,
}

/// L'appareil à déclarer, tel que le navigateur le donne (`PushSubscription`).
#[derive(InputObject)]
pub struct DeclarerAppareilInput {
    client_mutation_id: Option<Uuid>,
    /// `endpoint`.
    adresse: String,
    /// `keys.p256dh`, en base64url.
    cle: String,
    /// `keys.auth`, en base64url.
    secret: String,
    /// Un nom auquel vous le reconnaîtrez : soixante caractères au plus.
    nom: String,
}

/// L'appareil à oublier.
#[derive(InputObject)]
pub struct OublierAppareilInput {
    client_mutation_id: Option<Uuid>,
    appareil_id: ID,
}

/// La lettre postée.
#[derive(InputObject)]
pub struct PosterLettreInput {
    client_mutation_id: Option<Uuid>,
    envoi_id: ID,
}

/// L'adresse à rétablir.
#[derive(InputObject)]
pub struct RetablirAdresseInput {
    client_mutation_id: Option<Uuid>,
    /// L'envoi qui l'a fait abandonner.
    envoi_id: ID,
}

payload!(
    /// Réponse de `choisirPreferences`.
    ChoisirPreferencesPayload, preferences: PreferencesDeNotification, (), PREFERENCES, mine
);
payload!(
    /// Réponse de `declarerTelephone`.
    DeclarerTelephonePayload, preferences: PreferencesDeNotification, (), PREFERENCES, mine
);
payload!(
    /// Réponse de `confirmerTelephone` : le téléphone n'y est que si le code était le bon.
    ConfirmerTelephonePayload, preferences: PreferencesDeNotification, (), PREFERENCES, mine
);
payload!(
    /// Réponse d'`oublierTelephone`.
    OublierTelephonePayload, preferences: PreferencesDeNotification, (), PREFERENCES, mine
);
payload!(
    /// Réponse de `declarerAppareil`.
    DeclarerAppareilPayload, preferences: PreferencesDeNotification, (), APPAREILS, mine
);
payload!(
    /// Réponse d'`oublierAppareil`.
    OublierAppareilPayload, preferences: PreferencesDeNotification, (), APPAREILS, mine
);
payload!(
    /// Réponse de `posterLettre`.
    PosterLettrePayload, envoi: Envoi, Uuid, ENVOIS, Envoi::load
);
payload!(
    /// Réponse de `retablirAdresse`.
    RetablirAdressePayload, envoi: Envoi, Uuid, ADRESSES, Envoi::load
);

async fn mine(ctx: &Context<'_>, (): ()) -> Result<Option<PreferencesDeNotification>> {
    PreferencesDeNotification::mine(ctx).await
}

fn empreinte(code: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(code.trim()))
}

/// Six digits, as people copy them from a telephone.
fn code() -> Result<String, UseCaseError> {
    let mut bytes = [0; 4];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(UseCaseError::fault)?;
    Ok(format!("{:06}", u32::from_le_bytes(bytes) % 1_000_000))
}

/// Records the telephone before its code leaves: what is counted cannot be asked for without end.
async fn declarer(ctx: &Context<'_>, demande: &Demande, numero: &str) -> Result<((), Recorded), Failure> {
    let invalid = |message: &str| Refus::invalid("numero", message);
    let commands = match ctx.requete() {
        Ok(requete) => requete.commands(),
        Err(_) => return Err(UseCaseError::Interdit.into()),
    };
    commands.peut_choisir_preferences(demande)?;
    let numero: Telephone =
        numero.parse().map_err(|_| invalid("Donnez un numéro de mobile français, comme 06 12 34 56 78."))?;
    let passeur = ctx.data_opt::<Expedition>().and_then(|expedition| expedition.par(Canal::Sms));
    let passeur =
        passeur.ok_or_else(|| invalid("Aucun SMS ne peut être envoyé d'ici : gardez le courriel."))?;
    // A retry of what was granted sends no second code.
    if let Some(first) = commands.answered(demande).await? {
        return Ok(((), first));
    }
    let code = code()?;
    let recorded = commands.declarer_telephone(demande, numero.clone(), empreinte(&code)).await?;
    let message = Message {
        id: demande.commande.to_string(),
        expediteur: String::new(),
        adresse: numero.to_string(),
        objet: String::new(),
        texte: format!(
            "Votre code de confirmation : {code}. Il vaut quinze minutes. Ne le donnez à personne."
        ),
        urgent: true,
        appareil: None,
    };
    passeur
        .remettre(&message)
        .await
        .map_err(|_| invalid("Le SMS n'a pas pu partir : vérifiez le numéro, ou réessayez plus tard."))?;
    Ok(((), recorded))
}

/// What a browser gave, to who may have devices at all: nothing is said of it to others.
fn appareil(
    ctx: &Context<'_>,
    demande: &Demande,
    input: &DeclarerAppareilInput,
) -> Result<Appareil, Failure> {
    let invalid = |message: &str| Refus::invalid("adresse", message);
    let commands = ctx.requete().map_err(|_| UseCaseError::Interdit)?.commands();
    commands.peut_choisir_preferences(demande)?;
    let passeur = ctx.data_opt::<Expedition>().and_then(|expedition| expedition.par(Canal::Appareil));
    if passeur.is_none() {
        return Err(invalid("Aucune notification ne peut être envoyée d'ici : gardez le courriel.").into());
    }
    let appareil = Appareil::new(&input.adresse, &input.cle, &input.secret, &input.nom);
    let appareil = appareil.ok().filter(est_lisible);
    Ok(appareil.ok_or_else(|| {
        invalid("Donnez ce que le navigateur donne quand il accepte les notifications, et un nom court.")
    })?)
}

/// Mutations of notifications.
#[derive(Default)]
pub struct NotificationsMutation;

#[Object]
impl NotificationsMutation {
    /// Dit comment on est prévenu hors de l'ENT.
    async fn choisir_preferences(
        &self,
        ctx: &Context<'_>,
        input: ChoisirPreferencesInput,
    ) -> Result<ChoisirPreferencesPayload> {
        tell!(ctx, "choisirPreferences", input, ChoisirPreferencesPayload, |commands, demande| {
            let choix: BTreeMap<Theme, Choix> = input
                .choix
                .iter()
                .map(|choix| {
                    let canaux = choix.canaux.iter().map(|canal| (*canal).into()).collect();
                    (choix.theme.into(), Choix { canaux, rythme: choix.rythme.into() })
                })
                .collect();
            let usual = Calme::default();
            let calme = Calme { de: input.calme_de.unwrap_or(usual.de), a: input.calme_a.unwrap_or(usual.a) };
            Ok(((), commands.choisir_preferences(demande, choix, calme).await?))
        })
    }

    /// Déclare son téléphone : un code y est envoyé, à saisir dans le quart d'heure.
    async fn declarer_telephone(
        &self,
        ctx: &Context<'_>,
        input: DeclarerTelephoneInput,
    ) -> Result<DeclarerTelephonePayload> {
        let outcome = outcome!(ctx, "declarerTelephone", input, |demande| {
            declarer(ctx, demande, &input.numero).await
        });
        outcome.await.map(DeclarerTelephonePayload)
    }

    /// Confirme son téléphone par le code reçu.
    async fn confirmer_telephone(
        &self,
        ctx: &Context<'_>,
        input: ConfirmerTelephoneInput,
    ) -> Result<ConfirmerTelephonePayload> {
        tell!(ctx, "confirmerTelephone", input, ConfirmerTelephonePayload, |commands, demande| {
            Ok(((), commands.confirmer_telephone(demande, empreinte(&input.code)).await?))
        })
    }

    /// Oublie son téléphone.
    async fn oublier_telephone(
        &self,
        ctx: &Context<'_>,
        input: OublierTelephoneInput,
    ) -> Result<OublierTelephonePayload> {
        tell!(ctx, "oublierTelephone", input, OublierTelephonePayload, |commands, demande| {
            Ok(((), commands.oublier_telephone(demande).await?))
        })
    }

    /// Déclare un navigateur ou un téléphone qui a accepté les notifications ; il est ensuite un des
    /// moyens d'être prévenu que l'on peut choisir.
    async fn declarer_appareil(
        &self,
        ctx: &Context<'_>,
        input: DeclarerAppareilInput,
    ) -> Result<DeclarerAppareilPayload> {
        tell!(ctx, "declarerAppareil", input, DeclarerAppareilPayload, |commands, demande| {
            let appareil = appareil(ctx, demande, input)?;
            Ok(((), commands.declarer_appareil(demande, appareil).await?))
        })
    }

    /// Oublie un de ses appareils : plus rien ne lui est envoyé.
    async fn oublier_appareil(
        &self,
        ctx: &Context<'_>,
        input: OublierAppareilInput,
    ) -> Result<OublierAppareilPayload> {
        tell!(ctx, "oublierAppareil", input, OublierAppareilPayload, |commands, demande| {
            commands.peut_choisir_preferences(demande)?;
            let appareil = appareil_id(&input.appareil_id)?;
            Ok(((), commands.oublier_appareil(demande, appareil).await?))
        })
    }

    /// Dit qu'une lettre est postée.
    async fn poster_lettre(
        &self,
        ctx: &Context<'_>,
        input: PosterLettreInput,
    ) -> Result<PosterLettrePayload> {
        tell!(ctx, "posterLettre", input, PosterLettrePayload, |commands, demande| {
            let envoi = envoi_id(&input.envoi_id)?;
            Ok((envoi.0, commands.poster_lettre(demande, envoi).await?))
        })
    }

    /// Dit qu'une adresse de courriel à laquelle on n'écrit plus fonctionne : on y écrit de nouveau.
    /// À qui elle est, ou à la vie scolaire et à la direction, qui l'ont appris de la famille.
    async fn retablir_adresse(
        &self,
        ctx: &Context<'_>,
        input: RetablirAdresseInput,
    ) -> Result<RetablirAdressePayload> {
        tell!(ctx, "retablirAdresse", input, RetablirAdressePayload, |commands, demande| {
            let envoi = envoi_id(&input.envoi_id)?;
            Ok((envoi.0, commands.retablir_adresse(demande, envoi).await?))
        })
    }
}
