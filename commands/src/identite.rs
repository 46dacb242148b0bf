//! Comptes: who is recognised, who is let in, who is locked.
//!
//! What an identity opens is decided here from what a provider vouched for; how it vouched is
//! the faces' affair. All that is refused is on the record, and what is not about anybody known
//! no more than once a minute, or anyone could fill a journal.

use crate::rights::{Acteur, Action, Resource};
use crate::{Commands, Demande, Refused, UseCaseError, portail};
use domain::annuaire::Profil;
use domain::identite::{
    CleExterne, Compte, CompteCommand, Designation, FinDeSession, FournisseurId, Liaison, LiaisonCommand,
    MotifDEchec, ProfilTenu, RefusCompte, RefusLiaison, RefusTentative, Session, SessionCommand, Tentative,
    TentativeCommand,
};
use domain::{
    CommandeId, CompteId, EtablissementId, LiaisonId, PersonneId, PortailId, SessionId, TentativeId,
};
use ledger::unit::Recorded;
use projections::annuaire::{Annuaire, Identites, Sources};
use projections::identite::{Comptes, LiaisonDeCompte};
use std::collections::BTreeSet;
use std::net::IpAddr;
use uuid::Uuid;

/// Somebody for whom a provider vouches.
#[derive(Debug, Clone)]
pub struct Arrivee {
    /// Which provider.
    pub fournisseur: FournisseurId,
    /// In whose journal is kept what is nobody's else.
    pub portail: PortailId,
    /// By which key.
    pub cle: CleExterne,
    /// From where, as far as it is known.
    pub adresse: Option<IpAddr>,
}

/// A sign-in that failed before a key was read.
#[derive(Debug, Clone)]
pub struct Echec {
    /// By which provider.
    pub fournisseur: FournisseurId,
    /// In whose journal it is kept.
    pub portail: PortailId,
    /// Why.
    pub motif: MotifDEchec,
    /// From where, as far as it is known.
    pub adresse: Option<IpAddr>,
}

/// Somebody who was let in.
#[derive(Debug, Clone)]
pub struct Entree {
    /// To which compte.
    pub compte: CompteId,
    /// In whose journal the session is.
    pub portail: PortailId,
    /// The profils to choose from; an office's compte has none.
    pub profils: Vec<ProfilTenu>,
}

/// A compte as it is found, and where its streams are.
struct Lieu {
    acteur: Acteur,
    resource: Resource,
    portail: PortailId,
}

impl Commands {
    /// Lets in who comes, or says why not; both are on the record.
    pub async fn ouvrir_session(
        &self,
        arrivee: &Arrivee,
        session: SessionId,
    ) -> Result<Entree, UseCaseError> {
        let liaison = self.liaison(&arrivee.fournisseur, &arrivee.cle)?;
        let (compte, personne, portail) = match Comptes::liaisons(&self.views, &[liaison.0]).await?.pop() {
            Some(row) => (CompteId(row.compte), PersonneId(row.personne), portail(&row.portail)?),
            None => match self.designee(&arrivee.cle).await? {
                Ok(personne) => (CompteId::personnel(personne), personne, arrivee.portail.clone()),
                Err(motif) => return Err(self.inconnu(arrivee, motif, liaison).await?),
            },
        };
        let acteur = self.acteur(Some(compte)).await?;
        if let Some(motif) = self.barred(compte, &acteur).await? {
            return Err(self.refuser(arrivee, session, (&acteur, personne), motif).await?);
        }
        let lieu = self.lieu(compte, acteur.clone()).await?;
        let autorite = self.permit(&acteur, Action::OuvrirSession, &lieu)?;
        let recognised = LiaisonCommand::ReconnaitreIdentite {
            fournisseur: arrivee.fournisseur.clone(),
            cle: arrivee.cle.clone(),
            compte,
            personne,
        };
        let opened = SessionCommand::OuvrirSession {
            fournisseur: arrivee.fournisseur.clone(),
            adresse: arrivee.adresse,
        };
        let demande = demande(acteur.clone(), CommandeId::derived(&["session", &session.to_string()]));
        let act = self
            .act(&demande, autorite, portail.clone())
            .tell::<Liaison>(liaison, recognised)
            .tell::<Session>(session, opened);
        match act.record().await {
            Ok(_) => Ok(Entree { compte, portail, profils: self.profils(&acteur).await? }),
            // What the view had not read yet: it was detached, or is another's.
            Err(UseCaseError::Refused(_)) => {
                let motif = MotifDEchec::IdentiteDetachee;
                Err(self.refuser(arrivee, session, (&acteur, personne), motif).await?)
            }
            Err(error) => Err(error),
        }
    }

    /// Puts on the record a sign-in that failed before a key was read, and gives what who tried
    /// is told.
    pub async fn inscrire_echec(&self, echec: &Echec) -> Result<UseCaseError, UseCaseError> {
        self.inscrire_tentative(echec, "").await
    }

    /// The profils in which the person of a compte may act.
    pub async fn profils(&self, acteur: &Acteur) -> Result<Vec<ProfilTenu>, UseCaseError> {
        let Some(personne) = acteur.personne.filter(|_| !acteur.compte_d_office) else { return Ok(vec![]) };
        let rows = Annuaire::profils_of(&self.views, personne.0).await?;
        Ok(rows.iter().filter_map(|(etablissement, word)| tenu(*etablissement, word)).collect())
    }

    /// Says in which profil one acts from now on.
    pub async fn choisir_profil(
        &self,
        demande: &Demande,
        session: SessionId,
        portail: PortailId,
        choix: ProfilTenu,
    ) -> Result<Recorded, UseCaseError> {
        let compte = demande.acteur.compte.ok_or(UseCaseError::Interdit)?;
        let resource = self.lieu(compte, demande.acteur.clone()).await?;
        let autorite = self.permit(&demande.acteur, Action::ChoisirProfil, &resource)?;
        let command = SessionCommand::ChoisirProfil { choix, tenus: self.profils(&demande.acteur).await? };
        self.act(demande, autorite, portail).tell::<Session>(session, command).record().await
    }

    /// Puts the end of a session on the record.
    pub async fn clore_session(
        &self,
        compte: CompteId,
        session: SessionId,
        portail: PortailId,
        fin: FinDeSession,
    ) -> Result<Recorded, UseCaseError> {
        let acteur = self.acteur(Some(compte)).await?;
        let demande = demande(acteur, CommandeId::derived(&["fin", &session.to_string()]));
        let act = self.act(&demande, self.no_authority(), portail);
        act.tell::<Session>(session, SessionCommand::CloreSession { fin }).record().await
    }

    /// Says which compte an external identity opens.
    pub async fn lier_identite(
        &self,
        demande: &Demande,
        compte: CompteId,
        fournisseur: FournisseurId,
        cle: CleExterne,
    ) -> Result<(LiaisonId, Recorded), UseCaseError> {
        let lieu = self.place(compte).await?;
        let autorite = self.permit(&demande.acteur, Action::LierIdentite, &lieu.resource)?;
        let personne = lieu.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let id = self.liaison(&fournisseur, &cle)?;
        let known = Comptes::liaisons(&self.views, &[id.0]).await?.pop();
        let portail = known.map_or(Ok(lieu.portail), |row| portail(&row.portail))?;
        let designee = self.designee(&cle).await?.ok();
        let command = LiaisonCommand::LierIdentite { fournisseur, cle, compte, personne, designee };
        Ok((id, self.act(demande, autorite, portail).tell::<Liaison>(id, command).record().await?))
    }

    /// Ends that.
    pub async fn rompre_liaison(
        &self,
        demande: &Demande,
        id: LiaisonId,
        motif: String,
    ) -> Result<(CompteId, Recorded), UseCaseError> {
        let found = Comptes::liaisons(&self.views, &[id.0]).await?.pop();
        let LiaisonDeCompte { compte, portail: label, .. } = found.ok_or(UseCaseError::Interdit)?;
        let lieu = self.place(CompteId(compte)).await?;
        let autorite = self.permit(&demande.acteur, Action::RompreLiaison, &lieu.resource)?;
        let act = self.act(demande, autorite, portail(&label)?);
        let recorded = act.tell::<Liaison>(id, LiaisonCommand::RompreLiaison { motif }).record().await?;
        Ok((CompteId(compte), recorded))
    }

    /// Locks a compte until somebody unlocks it.
    pub async fn verrouiller_compte(
        &self,
        demande: &Demande,
        compte: CompteId,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let lieu = self.place(compte).await?;
        let autorite = self.permit(&demande.acteur, Action::VerrouillerCompte, &lieu.resource)?;
        let personne = lieu.acteur.personne.ok_or(UseCaseError::Interdit)?;
        let command = CompteCommand::VerrouillerCompte { personne, motif, le: self.now() };
        self.act(demande, autorite, lieu.portail).tell::<Compte>(compte, command).record().await
    }

    /// Unlocks it.
    pub async fn deverrouiller_compte(
        &self,
        demande: &Demande,
        compte: CompteId,
        motif: String,
    ) -> Result<Recorded, UseCaseError> {
        let lieu = self.place(compte).await?;
        let autorite = self.permit(&demande.acteur, Action::DeverrouillerCompte, &lieu.resource)?;
        let command = CompteCommand::DeverrouillerCompte { motif, le: self.now() };
        self.act(demande, autorite, lieu.portail).tell::<Compte>(compte, command).record().await
    }

    /// A compte as a resource of the rights, whoever asks.
    pub async fn acces(&self, compte: CompteId) -> Result<Resource, UseCaseError> {
        let acteur = self.acteur(Some(compte)).await?;
        self.lieu(compte, acteur).await
    }

    /// A keyed digest of what a provider says of somebody: it finds without telling.
    pub fn empreinte_externe(
        &self,
        fournisseur: &FournisseurId,
        nature: &str,
        valeur: &str,
    ) -> Result<[u8; 32], UseCaseError> {
        let message = ["identite", fournisseur.as_str(), nature, valeur].join("\u{1f}");
        self.keys().kek().digest(message.as_bytes()).map_err(UseCaseError::fault)
    }

    /// The id of an external identity.
    fn liaison(&self, fournisseur: &FournisseurId, cle: &CleExterne) -> Result<LiaisonId, UseCaseError> {
        let digest = self.empreinte_externe(fournisseur, cle.nature().as_str(), cle.valeur())?;
        let id = uuid::Builder::from_slice(&digest[..16]).map_err(UseCaseError::fault)?;
        Ok(LiaisonId(id.with_version(uuid::Version::Custom).into_uuid()))
    }

    /// Whom a key that opens nothing yet designates in the directory.
    async fn designee(&self, cle: &CleExterne) -> Result<Result<PersonneId, MotifDEchec>, UseCaseError> {
        let found = match cle.designe() {
            // Another source may have named the person first: the id is not the key's.
            Designation::Jointure { academie, cle } => {
                Sources::personne_de(&self.views, academie.nom(), &cle).await?.into_iter().collect()
            }
            Designation::Vecteur(vecteur) => Comptes::decrits(&self.views, &vecteur).await?,
            Designation::Aucune => vec![],
        };
        // Fiches of one person are one: nobody is ambiguous for having two.
        let found = Identites::racines(&self.views, &found).await?;
        Ok(match found.as_slice() {
            [personne] => Ok(PersonneId(*personne)),
            [] => Err(MotifDEchec::IdentiteInconnue),
            [_, _, ..] => Err(MotifDEchec::IdentiteAmbigue),
        })
    }

    /// Why a compte may not be opened now, if so.
    async fn barred(&self, compte: CompteId, acteur: &Acteur) -> Result<Option<MotifDEchec>, UseCaseError> {
        let verrou = Comptes::verrou(&self.views, compte.0).await?;
        if verrou.is_some_and(|verrou| verrou.tient(self.now())) {
            return Ok(Some(MotifDEchec::CompteVerrouille));
        }
        let holds =
            !acteur.administrateur_de.is_empty() || !acteur.habilite_de.is_empty() || acteur.habilite_partout;
        let idle = acteur.compte_d_office && !holds;
        Ok((acteur.suspendu || idle).then_some(MotifDEchec::CompteSuspendu))
    }

    /// Puts on the record that somebody who is known was not let in, and gives what he is told.
    async fn refuser(
        &self,
        arrivee: &Arrivee,
        session: SessionId,
        (acteur, personne): (&Acteur, PersonneId),
        motif: MotifDEchec,
    ) -> Result<UseCaseError, UseCaseError> {
        let compte = acteur.compte.unwrap_or(CompteId::NONE);
        let id = match motif {
            // Who knocks at a locked door again and again is told so each time, and noted once a minute.
            MotifDEchec::CompteVerrouille => self.once_a_minute(&["echec", &compte.to_string()]),
            _ => CommandeId::derived(&["echec", &session.to_string()]),
        };
        let known = Comptes::verrou(&self.views, compte.0).await?;
        let portail = known.map_or(Ok(arrivee.portail.clone()), |row| portail(&row.portail))?;
        let command = CompteCommand::InscrireEchec {
            personne,
            fournisseur: arrivee.fournisseur.clone(),
            motif,
            adresse: arrivee.adresse,
            le: self.now(),
        };
        let act = self.act(&demande(acteur.clone(), id), self.no_authority(), portail);
        act.tell::<Compte>(compte, command).record().await?;
        Ok(UseCaseError::Refused(told(motif)))
    }

    /// The same of somebody who is not known.
    async fn inconnu(
        &self,
        arrivee: &Arrivee,
        motif: MotifDEchec,
        liaison: LiaisonId,
    ) -> Result<UseCaseError, UseCaseError> {
        let Arrivee { fournisseur, portail, adresse, .. } = arrivee.clone();
        self.inscrire_tentative(&Echec { fournisseur, portail, motif, adresse }, &liaison.to_string()).await
    }

    async fn inscrire_tentative(&self, echec: &Echec, of: &str) -> Result<UseCaseError, UseCaseError> {
        let Echec { fournisseur, portail, motif, adresse } = echec.clone();
        let id = self.once_a_minute(&["tentative", fournisseur.as_str(), motif.as_str(), of]);
        let tentative = TentativeId::derived(&[&id.to_string()]);
        let command = TentativeCommand::InscrireTentative { fournisseur, motif, adresse };
        let act = self.act(&demande(Acteur::anonyme(), id), self.no_authority(), portail);
        act.tell::<Tentative>(tentative, command).record().await?;
        Ok(UseCaseError::Refused(told(motif)))
    }

    fn once_a_minute(&self, parts: &[&str]) -> CommandeId {
        let minute = self.now().format("%Y-%m-%dT%H:%M").to_string();
        CommandeId::derived(&[parts, &[&minute]].concat())
    }

    /// Where a compte is at home: the portal of its office; else that in whose journal the first
    /// établissement of its person is; else the Région's. A compte that is nobody's has no home.
    async fn place(&self, compte: CompteId) -> Result<Lieu, UseCaseError> {
        let acteur = self.acteur(Some(compte)).await?;
        let resource = self.lieu(compte, acteur.clone()).await?;
        let known = Comptes::verrou(&self.views, compte.0).await?;
        let portail = match (known, acteur.administrateur_de.first()) {
            (Some(row), _) => portail(&row.portail)?,
            (None, Some(office)) => office.clone(),
            (None, None) => {
                let first: Vec<Uuid> = acteur.etablissements.iter().take(1).map(|id| id.0).collect();
                match Annuaire::etablissements(&self.views, &first).await?.pop() {
                    Some(row) => portail(&row.portail)?,
                    None if acteur.personne.is_some() => PortailId::region(),
                    None => return Err(UseCaseError::Interdit),
                }
            }
        };
        Ok(Lieu { acteur, resource, portail })
    }

    async fn lieu(&self, compte: CompteId, acteur: Acteur) -> Result<Resource, UseCaseError> {
        let ids: Vec<Uuid> = acteur.etablissements.iter().map(|id| id.0).collect();
        let rows = Annuaire::etablissements(&self.views, &ids).await?;
        let own = rows.iter().filter_map(|row| row.uai.to_lowercase().parse().ok());
        let portails: BTreeSet<PortailId> = own.chain(acteur.administrateur_de.iter().cloned()).collect();
        Ok(Resource::Acces {
            compte,
            titulaire: acteur.personne,
            etablissements: acteur.etablissements,
            portails,
        })
    }
}

fn demande(acteur: Acteur, commande: CommandeId) -> Demande {
    Demande { acteur, commande, corps: Vec::new(), cause: None }
}

fn tenu(etablissement: Uuid, word: &str) -> Option<ProfilTenu> {
    Some(ProfilTenu { etablissement: EtablissementId(etablissement), profil: Profil::named(word)? })
}

/// What who was not let in is told.
fn told(motif: MotifDEchec) -> Refused {
    match motif {
        MotifDEchec::RetourRefuse => Refused::of(&RefusTentative::RetourRefuse),
        MotifDEchec::ReponseRefusee => Refused::of(&RefusTentative::ReponseRefusee),
        MotifDEchec::CleIllisible => Refused::of(&RefusTentative::CleIllisible),
        MotifDEchec::IdentiteInconnue => Refused::of(&RefusTentative::IdentiteInconnue),
        MotifDEchec::IdentiteAmbigue => Refused::of(&RefusTentative::IdentiteAmbigue),
        MotifDEchec::IdentiteDetachee => Refused::of(&RefusLiaison::IdentiteDetachee),
        MotifDEchec::CompteSuspendu => Refused::of(&RefusCompte::CompteSuspendu),
        MotifDEchec::CompteVerrouille => Refused::of(&RefusCompte::CompteVerrouille),
    }
}
