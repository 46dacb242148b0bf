//! An actualité, from its draft to its withdrawal.
//!
//! Writing and putting online are distinct facts: `modifiee` makes a new version,
//! and what is online stays the version last published until `publiee` names another.
//! Each `publiee` restarts the clock of the loi of 29 July 1881 (art. 65: three months from
//! the first day online) and names the directeur de la publication who answers for it
//! (LCEN, art. 6 III, now 1-1; loi n° 82-652, art. 93-2 and 93-3): without one, nothing is published. The
//! contents are sealed under the portal's key, since they are the portal's acts.

use super::contenu::ContenuInvalide;
use super::espace::lue_par_le_directeur;
use super::{Contenu, Decision, Empreinte, ModeDeModeration};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId, PortailId, SignalementId, texte};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may read a publication; what is shown to one audience is one space of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Anybody.
    Public,
    /// The persons of the portal.
    Portail,
}

impl Audience {
    /// Both.
    pub const TOUTES: &'static [Self] = &[Self::Public, Self::Portail];

    /// The frozen word, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Portail => "portail",
        }
    }
}

/// The version that is online.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diffusion {
    /// Which version.
    pub version: u32,
    /// Hash of what it says.
    pub empreinte: Empreinte,
    /// Who wrote it.
    pub auteur: PersonneId,
}

/// How a version is to be put online.
#[derive(Debug, Clone)]
pub struct Parution {
    /// Which version was read.
    pub version: u32,
    /// The directeur de la publication in office now.
    pub directeur: Option<PersonneId>,
    /// Who may read it.
    pub audience: Audience,
    /// How the space of that audience is moderated now.
    pub mode: ModeDeModeration,
    /// Who puts it online.
    pub par: PersonneId,
    /// Whether by a right to the first putting online alone: that of who wrote it.
    pub premiere: bool,
    /// From when; never before now.
    pub du: DateTime<Utc>,
    /// Until when.
    pub au: Option<DateTime<Utc>>,
    /// Now.
    pub maintenant: DateTime<Utc>,
}

/// What may be asked of a publication.
#[derive(Debug, Clone)]
pub enum PublicationCommand {
    /// Writes an actualité.
    RedigerActualite {
        /// For which portal.
        portail: PortailId,
        /// Who writes.
        auteur: PersonneId,
        /// What.
        contenu: Contenu,
    },
    /// Writes a new version; it is online only once it is published.
    ModifierPublication {
        /// Who writes.
        auteur: PersonneId,
        /// What.
        contenu: Contenu,
    },
    /// Asks for the last version to be published.
    SoumettrePublication,
    /// Puts the last version online, if it is the one that was read.
    PublierPublication(Parution),
    /// Withdraws it for good.
    RetirerPublication {
        /// Who withdraws it.
        par: PersonneId,
        /// Why.
        motif: String,
    },
    /// Hides it while a notice is being judged.
    MasquerPublication {
        /// Who hides it.
        par: PersonneId,
        /// Why.
        motif: String,
    },
    /// Shows it again.
    LeverMasquage {
        /// Who shows it.
        par: PersonneId,
        /// Why.
        motif: String,
    },
    /// Does to it what was decided of a notice.
    AppliquerDecision {
        /// Who decided.
        par: PersonneId,
        /// What.
        decision: Decision,
        /// Of which notice.
        signalement: SignalementId,
    },
}

events! {
    /// What happens to a publication.
    pub enum PublicationEvent {
        /// Its first version was written.
        ActualiteRedigee = "publications.publication.redigee" v 1 Publication {
            portail: PortailId, auteur: PersonneId, version: u32, contenu: Contenu,
        },
        /// A further version was written; what is online has not changed.
        PublicationModifiee = "publications.publication.modifiee" v 1 Publication {
            auteur: PersonneId, version: u32, contenu: Contenu,
        },
        /// The version waits for publication.
        PublicationSoumise = "publications.publication.soumise" v 1 Publication { version: u32 },
        /// The version goes online: the directeur answers for it.
        PublicationPubliee = "publications.publication.publiee" v 2 Publication {
            version: u32, empreinte: Empreinte, directeur: PersonneId, audience: Audience,
            du: DateTime<Utc>, au: Option<DateTime<Utc>>,
            /// How the space was moderated then.
            mode: ModeDeModeration,
            /// Who put it online; of acts of the first version the envelope alone tells.
            par: Option<PersonneId>,
        },
        /// It is withdrawn for good.
        PublicationRetiree = "publications.publication.retiree" v 1 Publication {
            par: PersonneId, motif: String,
        },
        /// It is hidden while a notice is being judged.
        PublicationMasquee = "publications.publication.masquee" v 1 Publication {
            par: PersonneId, motif: String,
        },
        /// It is shown again.
        PublicationDemasquee = "publications.publication.demasquee" v 1 Publication {
            par: PersonneId, motif: String,
        },
    }
    upcast {
        "publications.publication.publiee" v 1 => lue_par_le_directeur,
    }
}

refusals! {
    /// Why a publication refuses.
    pub enum RefusPublication {
        PublicationInexistante = "PUBLICATION_INEXISTANTE" at "publicationId":
            "Cette publication n'existe pas : rédigez-la d'abord.",
        PublicationDejaRedigee = "PUBLICATION_DEJA_REDIGEE" at "publicationId":
            "Cette publication existe déjà : modifiez-la.",
        TitreInvalide = "TITRE_INVALIDE" at "titre":
            "Le titre doit tenir en une ligne de 1 à 200 caractères.",
        CorpsInvalide = "CORPS_INVALIDE" at "corps":
            "Le texte doit avoir de 1 à 20 000 caractères, sans caractère de contrôle.",
        PortailSansDirecteur = "PORTAIL_SANS_DIRECTEUR":
            "Ce portail n'a pas de directeur de la publication : rien ne peut y paraître avant sa désignation.",
        PeriodeInvalide = "PERIODE_INVALIDE" at "au":
            "La fin de la période doit suivre son début.",
        VersionPerimee = "VERSION_PERIMEE" at "version":
            "La publication a changé depuis votre lecture : relisez-la.",
        PublicationDejaPubliee = "PUBLICATION_DEJA_PUBLIEE":
            "Cette version est déjà publiée : modifiez la publication avant de la publier à nouveau.",
        PublicationNonPubliee = "PUBLICATION_NON_PUBLIEE":
            "Cette publication n'est pas en ligne : il n'y a rien à masquer.",
        PublicationRetiree = "PUBLICATION_RETIREE":
            "Cette publication est retirée : rédigez-en une nouvelle.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Un retrait ou un masquage doit dire son motif, en 500 caractères au plus.",
    }
}

/// The version last written.
#[derive(Debug, Clone)]
struct Redaction {
    portail: PortailId,
    auteur: PersonneId,
    version: u32,
    contenu: Contenu,
    soumise: bool,
}

/// State of a publication.
#[derive(Debug, Clone, Default)]
pub struct Publication {
    redaction: Option<Redaction>,
    diffusion: Option<Diffusion>,
    masquee: bool,
    retiree: bool,
}

impl Aggregate for Publication {
    const TYPE: &'static str = "publications.publication";
    /// Versions count on one another.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = PublicationCommand;
    type Event = PublicationEvent;
    type Refus = RefusPublication;

    fn decide(&self, command: PublicationCommand) -> Result<Vec<PublicationEvent>, RefusPublication> {
        match command {
            PublicationCommand::RedigerActualite { portail, auteur, contenu } => {
                self.rediger(portail, auteur, &contenu)
            }
            PublicationCommand::ModifierPublication { auteur, contenu } => self.modifier(auteur, &contenu),
            PublicationCommand::SoumettrePublication => self.soumettre(),
            PublicationCommand::PublierPublication(parution) => self.publier(parution),
            PublicationCommand::RetirerPublication { par, motif } => self.retirer(par, &motif),
            PublicationCommand::MasquerPublication { par, motif } => self.masquer(par, &motif),
            PublicationCommand::LeverMasquage { par, motif } => self.lever_masquage(par, &motif),
            PublicationCommand::AppliquerDecision { par, decision, signalement } => {
                self.appliquer_decision(par, decision, signalement)
            }
        }
    }

    fn apply(&mut self, event: PublicationEvent) {
        match event {
            PublicationEvent::ActualiteRedigee { portail, auteur, version, contenu } => {
                self.redaction = Some(Redaction { portail, auteur, version, contenu, soumise: false });
            }
            PublicationEvent::PublicationModifiee { auteur, version, contenu } => {
                if let Some(redaction) = self.redaction.take() {
                    let portail = redaction.portail;
                    self.redaction = Some(Redaction { portail, auteur, version, contenu, soumise: false });
                }
            }
            PublicationEvent::PublicationSoumise { .. } => {
                if let Some(redaction) = &mut self.redaction {
                    redaction.soumise = true;
                }
            }
            PublicationEvent::PublicationPubliee { version, empreinte, .. } => {
                self.diffusion = self.redaction.as_ref().map(|redaction| Diffusion {
                    version,
                    empreinte,
                    auteur: redaction.auteur,
                });
            }
            PublicationEvent::PublicationRetiree { .. } => self.retiree = true,
            PublicationEvent::PublicationMasquee { .. } => self.masquee = true,
            PublicationEvent::PublicationDemasquee { .. } => self.masquee = false,
        }
    }
}

impl Publication {
    /// Whose portal it is on.
    pub fn portail(&self) -> Option<&PortailId> {
        self.redaction.as_ref().map(|redaction| &redaction.portail)
    }

    /// The version that is online, hidden or not; none once withdrawn.
    pub fn diffusion(&self) -> Option<&Diffusion> {
        self.diffusion.as_ref().filter(|_| !self.retiree)
    }

    fn rediger(
        &self,
        portail: PortailId,
        auteur: PersonneId,
        contenu: &Contenu,
    ) -> Result<Vec<PublicationEvent>, RefusPublication> {
        if self.redaction.is_some() {
            return Err(RefusPublication::PublicationDejaRedigee);
        }
        let contenu = checked(contenu)?;
        Ok(vec![PublicationEvent::ActualiteRedigee { portail, auteur, version: 1, contenu }])
    }

    fn modifier(
        &self,
        auteur: PersonneId,
        contenu: &Contenu,
    ) -> Result<Vec<PublicationEvent>, RefusPublication> {
        let redaction = self.living()?;
        let contenu = checked(contenu)?;
        if redaction.contenu == contenu {
            return Ok(vec![]);
        }
        let version = redaction.version.saturating_add(1);
        Ok(vec![PublicationEvent::PublicationModifiee { auteur, version, contenu }])
    }

    fn soumettre(&self) -> Result<Vec<PublicationEvent>, RefusPublication> {
        let redaction = self.unpublished()?;
        if redaction.soumise {
            return Ok(vec![]);
        }
        Ok(vec![PublicationEvent::PublicationSoumise { version: redaction.version }])
    }

    /// Who puts online answers for what he or she read, not for what was written since.
    fn publier(&self, parution: Parution) -> Result<Vec<PublicationEvent>, RefusPublication> {
        let redaction = self.unpublished()?;
        let Parution { version, directeur, audience, mode, par, premiere, du, au, maintenant } = parution;
        // That nothing was online yet was read from a view: somebody may have put it there since.
        let replaces = premiere && self.diffusion.is_some();
        if redaction.version != version || replaces {
            return Err(RefusPublication::VersionPerimee);
        }
        let directeur = directeur.ok_or(RefusPublication::PortailSansDirecteur)?;
        let du = du.max(maintenant);
        if au.is_some_and(|au| au <= du) {
            return Err(RefusPublication::PeriodeInvalide);
        }
        let (empreinte, par) = (redaction.contenu.empreinte(), Some(par));
        Ok(vec![PublicationEvent::PublicationPubliee {
            version,
            empreinte,
            directeur,
            audience,
            du,
            au,
            mode,
            par,
        }])
    }

    fn retirer(&self, par: PersonneId, motif: &str) -> Result<Vec<PublicationEvent>, RefusPublication> {
        self.living()?;
        let motif = checked_motif(motif)?;
        Ok(vec![PublicationEvent::PublicationRetiree { par, motif }])
    }

    fn masquer(&self, par: PersonneId, motif: &str) -> Result<Vec<PublicationEvent>, RefusPublication> {
        self.living()?;
        if self.diffusion.is_none() {
            return Err(RefusPublication::PublicationNonPubliee);
        }
        let motif = checked_motif(motif)?;
        if self.masquee {
            return Ok(vec![]);
        }
        Ok(vec![PublicationEvent::PublicationMasquee { par, motif }])
    }

    fn lever_masquage(
        &self,
        par: PersonneId,
        motif: &str,
    ) -> Result<Vec<PublicationEvent>, RefusPublication> {
        self.living()?;
        let motif = checked_motif(motif)?;
        if !self.masquee {
            return Ok(vec![]);
        }
        Ok(vec![PublicationEvent::PublicationDemasquee { par, motif }])
    }

    /// What is withdrawn already leaves a decision nothing to take away; what another
    /// notice hid stays hidden.
    fn appliquer_decision(
        &self,
        par: PersonneId,
        decision: Decision,
        signalement: SignalementId,
    ) -> Result<Vec<PublicationEvent>, RefusPublication> {
        let motif = format!("Décision rendue sur le signalement {signalement}.");
        match decision {
            _ if self.retiree => Ok(vec![]),
            Decision::Maintien => Ok(vec![]),
            Decision::Retrait => self.retirer(par, &motif),
            Decision::Masquage => self.masquer(par, &motif),
        }
    }

    /// Written, and not withdrawn.
    fn living(&self) -> Result<&Redaction, RefusPublication> {
        let redaction = self.redaction.as_ref().ok_or(RefusPublication::PublicationInexistante)?;
        if self.retiree { Err(RefusPublication::PublicationRetiree) } else { Ok(redaction) }
    }

    /// Its last version is not the one online.
    fn unpublished(&self) -> Result<&Redaction, RefusPublication> {
        let redaction = self.living()?;
        let online = self.diffusion.as_ref().is_some_and(|online| online.version == redaction.version);
        if online { Err(RefusPublication::PublicationDejaPubliee) } else { Ok(redaction) }
    }
}

fn checked(contenu: &Contenu) -> Result<Contenu, RefusPublication> {
    contenu.checked().map_err(|fault| match fault {
        ContenuInvalide::Titre => RefusPublication::TitreInvalide,
        ContenuInvalide::Corps => RefusPublication::CorpsInvalide,
    })
}

fn checked_motif(motif: &str) -> Result<String, RefusPublication> {
    texte::motif(motif).ok_or(RefusPublication::MotifManquant)
}

#[cfg(test)]
mod tests;
