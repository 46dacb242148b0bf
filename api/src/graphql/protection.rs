//! What a person may ask about his or her data, in GraphQL.

use super::annuaire::Personne;
use super::context::{Here, fault};
use super::ids::{global, key};
use super::named::{personne_id, rectification_id};
use super::pagination::{Page, page};
use super::payload::{payload, tell};
use super::portails::Portail;
use super::position::Position;
use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::protection::{RectificationDemandee, Reponse};
use commands::rights::Action;
use domain::protection::Champ;
use domain::{PersonneId, RectificationId, RemiseId};
use projections::protection::{self as views, Droits};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Droits::NAME, Droits::VERSION);

/// Queries of demands.
#[derive(Default)]
pub struct ProtectionQuery;

#[Object]
impl ProtectionQuery {
    /// Une demande de rectification, pour qui l'a faite ou y répond.
    async fn rectification(
        &self,
        ctx: &Context<'_>,
        id: ID,
        apres: Option<Position>,
    ) -> Result<Option<Rectification>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        match key("Rectification", &id) {
            Some(id) => Rectification::load(ctx, RectificationId(id)).await,
            None => Ok(None),
        }
    }

    /// Les demandes de rectification d'un portail, les plus pressantes d'abord ; rien pour qui n'y
    /// répond pas.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn rectifications(
        &self,
        ctx: &Context<'_>,
        portail: String,
        #[graphql(default = true, desc = "Seulement celles auxquelles il n'est pas répondu.")] ouvertes: bool,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Rectification>>> {
        let requete = ctx.requete()?;
        requete.reach(VIEW, apres.as_ref()).await?;
        let page = Page::<(NaiveDate, Uuid)>::read(first, after)?;
        let Some(carrier) = Portail::load(ctx, &portail).await? else { return Ok(None) };
        if !carrier.may(ctx, Action::LireRectifications).await? {
            return Ok(None);
        }
        let (after, limit) = (page.after, page.limit());
        let rows = Droits::rectifications_of(requete.views(), &portail, ouvertes, after, limit).await;
        Ok(Some(page.connection(rows.map_err(fault)?, |row| (row.avant_le, row.id), Rectification)))
    }
}

/// Une demande de données : on les retire par `POST /donnees/{remise}`, avec son jeton.
pub struct Remise(views::Remise);

#[Object]
/// Une demande de données : on les retire par `POST /donnees/{remise}`, avec son jeton.
impl Remise {
    /// L'identifiant donné à la demande.
    async fn remise(&self) -> Uuid {
        self.0.id
    }

    /// De qui.
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::load(ctx, self.0.personne).await
    }

    /// Jour de la demande.
    async fn demandee_le(&self) -> NaiveDate {
        self.0.demandee_le
    }

    /// Dernier jour pour les retirer.
    async fn jusque(&self) -> NaiveDate {
        self.0.jusque
    }

    /// Combien de fois elles ont été retirées.
    async fn fois(&self) -> i32 {
        self.0.fois
    }

    /// SHA-256 du dernier fichier remis.
    async fn empreinte(&self) -> Option<&str> {
        self.0.empreinte.as_deref()
    }
}

impl Remise {
    /// The demand, for who made it.
    async fn load(ctx: &Context<'_>, id: RemiseId) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let row = Droits::remises(requete.views(), &[id.0]).await.map_err(fault)?.pop();
        let acteur = requete.acteur().await?;
        Ok(row.filter(|row| acteur.is(PersonneId(row.par))).map(Self))
    }
}

/// Ce qui est dit faux.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Champ")]
pub enum ChampARectifier {
    /// Nom, prénom ou civilité.
    EtatCivil,
    /// Date de naissance.
    Naissance,
    /// Adresse électronique.
    Courriel,
    /// Établissement, profil, division ou groupe.
    Rattachement,
    /// Qui répond d'un élève.
    Responsabilite,
    /// Une absence ou un retard.
    Absence,
    /// Une note.
    Note,
    /// Autre chose.
    Autre,
}

/// Où en est une demande de rectification.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum EtatDeRectification {
    Demandee,
    Accordee,
    Refusee,
}

/// Une demande de rectification.
pub struct Rectification(views::Rectification);

#[Object]
/// Une demande de rectification.
impl Rectification {
    pub async fn id(&self) -> ID {
        global("Rectification", self.0.id)
    }

    /// De qui.
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.personne).await
    }

    /// Qui demande.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.par).await
    }

    /// Ce qui est dit faux.
    async fn champ(&self) -> ChampARectifier {
        match self.0.champ.as_str() {
            "etat_civil" => ChampARectifier::EtatCivil,
            "naissance" => ChampARectifier::Naissance,
            "courriel" => ChampARectifier::Courriel,
            "rattachement" => ChampARectifier::Rattachement,
            "responsabilite" => ChampARectifier::Responsabilite,
            "absence" => ChampARectifier::Absence,
            "note" => ChampARectifier::Note,
            _ => ChampARectifier::Autre,
        }
    }

    /// Ce qui devrait être écrit.
    async fn valeur(&self) -> &str {
        &self.0.valeur
    }

    /// Pourquoi.
    async fn motif(&self) -> &str {
        &self.0.motif
    }

    /// Jour de la demande.
    async fn demandee_le(&self) -> NaiveDate {
        self.0.demandee_le
    }

    /// Dernier jour pour répondre (RGPD, art. 12.3).
    async fn avant_le(&self) -> NaiveDate {
        self.0.avant_le
    }

    /// Où elle en est.
    async fn etat(&self) -> EtatDeRectification {
        match self.0.etat.as_str() {
            "accordee" => EtatDeRectification::Accordee,
            "refusee" => EtatDeRectification::Refusee,
            _ => EtatDeRectification::Demandee,
        }
    }

    /// Ce qui a été fait, ou pourquoi rien ne l'a été.
    async fn reponse(&self) -> Option<&str> {
        self.0.reponse.as_deref()
    }

    /// Jour de la réponse.
    async fn repondue_le(&self) -> Option<NaiveDate> {
        self.0.repondue_le
    }
}

impl Rectification {
    /// The demand, for who made it and who answers it.
    async fn load(ctx: &Context<'_>, id: RectificationId) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = Droits::rectifications(requete.views(), &[id.0]).await.map_err(fault)?.pop() else {
            return Ok(None);
        };
        if requete.acteur().await?.is(PersonneId(row.par)) {
            return Ok(Some(Self(row)));
        }
        let Some(carrier) = Portail::load(ctx, &row.portail).await? else { return Ok(None) };
        Ok(carrier.may(ctx, Action::LireRectifications).await?.then_some(Self(row)))
    }
}

/// Les données à demander.
#[derive(InputObject)]
pub struct DemanderDonneesInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    /// Identifiant choisi pour la demande.
    remise: Uuid,
    personne_id: ID,
}

/// La rectification à demander.
#[derive(InputObject)]
pub struct DemanderRectificationInput {
    client_mutation_id: Option<Uuid>,
    /// Identifiant choisi pour la demande.
    rectification: Uuid,
    personne_id: ID,
    champ: ChampARectifier,
    /// Ce qui devrait être écrit.
    valeur: String,
    motif: String,
}

/// La rectification à accorder.
#[derive(InputObject)]
pub struct AccorderRectificationInput {
    client_mutation_id: Option<Uuid>,
    rectification_id: ID,
    /// Ce qui a été fait.
    suite: String,
}

/// La rectification à refuser.
#[derive(InputObject)]
pub struct RefuserRectificationInput {
    client_mutation_id: Option<Uuid>,
    rectification_id: ID,
    /// Pourquoi, et comment saisir la CNIL.
    motif: String,
}

payload!(
    /// Réponse de `demanderDonnees`.
    DemanderDonneesPayload, remise: Remise, RemiseId, VIEW, Remise::load
);
payload!(
    /// Réponse de `demanderRectification`.
    DemanderRectificationPayload, rectification: Rectification, RectificationId, VIEW, Rectification::load
);
payload!(
    /// Réponse d'`accorderRectification`.
    AccorderRectificationPayload, rectification: Rectification, RectificationId, VIEW, Rectification::load
);
payload!(
    /// Réponse de `refuserRectification`.
    RefuserRectificationPayload, rectification: Rectification, RectificationId, VIEW, Rectification::load
);

/// Mutations of demands.
#[derive(Default)]
pub struct ProtectionMutation;

#[Object]
impl ProtectionMutation {
    /// Demande toutes les données d'une personne : les siennes, ou celles de son enfant mineur.
    async fn demander_donnees(
        &self,
        ctx: &Context<'_>,
        input: DemanderDonneesInput,
    ) -> Result<DemanderDonneesPayload> {
        tell!(ctx, "demanderDonnees", input, DemanderDonneesPayload, |commands, demande| {
            let (remise, personne) = (RemiseId(input.remise), personne_id("personneId", &input.personne_id)?);
            Ok((remise, commands.demander_donnees(demande, remise, personne).await?))
        })
    }

    /// Demande que quelque chose soit rectifié au sujet d'une personne.
    async fn demander_rectification(
        &self,
        ctx: &Context<'_>,
        input: DemanderRectificationInput,
    ) -> Result<DemanderRectificationPayload> {
        tell!(ctx, "demanderRectification", input, DemanderRectificationPayload, |commands, demande| {
            let rectification = RectificationId(input.rectification);
            let personne = personne_id("personneId", &input.personne_id)?;
            let asked = RectificationDemandee {
                champ: input.champ.into(),
                valeur: input.valeur.clone(),
                motif: input.motif.clone(),
            };
            let recorded = commands.demander_rectification(demande, rectification, personne, asked);
            Ok((rectification, recorded.await?))
        })
    }

    /// Fait droit à une demande de rectification, une fois la donnée corrigée.
    async fn accorder_rectification(
        &self,
        ctx: &Context<'_>,
        input: AccorderRectificationInput,
    ) -> Result<AccorderRectificationPayload> {
        tell!(ctx, "accorderRectification", input, AccorderRectificationPayload, |commands, demande| {
            let rectification = rectification_id(&input.rectification_id)?;
            let reponse = Reponse::Accordee(input.suite.clone());
            let recorded = commands.repondre_rectification(demande, rectification, reponse);
            Ok((rectification, recorded.await?))
        })
    }

    /// Refuse une demande de rectification.
    async fn refuser_rectification(
        &self,
        ctx: &Context<'_>,
        input: RefuserRectificationInput,
    ) -> Result<RefuserRectificationPayload> {
        tell!(ctx, "refuserRectification", input, RefuserRectificationPayload, |commands, demande| {
            let rectification = rectification_id(&input.rectification_id)?;
            let reponse = Reponse::Refusee(input.motif.clone());
            let recorded = commands.repondre_rectification(demande, rectification, reponse);
            Ok((rectification, recorded.await?))
        })
    }
}
