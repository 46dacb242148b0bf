//! What the administrateur ENT tells the directeur de la publication, who is also responsable
//! de traitement: counsel, information, recommendations, alerts and warnings.
//!
//! It is on the record that it was said, when it was read, and what was answered: a directeur
//! who was warned cannot have known nothing, and an administrateur who warned has done his
//! part (RGPD, art. 24 and 5.2; loi n° 82-652 of 29 July 1982, art. 93-3).

use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId, PortailId, texte};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How grave it is, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gravite {
    /// What to do.
    Conseil,
    /// What is so.
    Information,
    /// What should be done.
    Recommandation,
    /// What goes wrong.
    Alerte,
    /// What will be held against whoever does not act.
    MiseEnGarde,
}

/// What may be asked of a mise en garde.
#[derive(Debug, Clone)]
pub enum MiseEnGardeCommand {
    /// Addresses it to the directeur.
    MettreEnGarde {
        /// On which portal.
        portail: PortailId,
        /// The administrateur.
        par: PersonneId,
        /// The directeur in office now.
        directeur: Option<PersonneId>,
        /// How grave it is.
        gravite: Gravite,
        /// What it is about, in one line.
        objet: String,
        /// What it says.
        texte: String,
    },
    /// Reads it.
    LireMiseEnGarde {
        /// The directeur in office now, who may be another than the one addressed.
        par: PersonneId,
        /// Now.
        le: DateTime<Utc>,
    },
    /// Answers it, having read it.
    RepondreMiseEnGarde {
        /// The directeur in office now.
        par: PersonneId,
        /// What is answered.
        reponse: String,
        /// Now.
        le: DateTime<Utc>,
    },
}

events! {
    /// What happens to a mise en garde.
    pub enum MiseEnGardeEvent {
        /// It was addressed to the directeur.
        MiseEnGardeAdressee = "portails.mise_en_garde.adressee" v 1 Office {
            portail: PortailId, par: PersonneId, directeur: PersonneId, gravite: Gravite, objet: String,
            texte: String,
        },
        /// It was read for the first time.
        MiseEnGardeLue = "portails.mise_en_garde.lue" v 1 Office { par: PersonneId, le: DateTime<Utc> },
        /// It was answered.
        MiseEnGardeRepondue = "portails.mise_en_garde.repondue" v 1 Office {
            par: PersonneId, reponse: String, le: DateTime<Utc>,
        },
    }
}

refusals! {
    /// Why a mise en garde refuses.
    pub enum RefusMiseEnGarde {
        PortailSansDirecteur = "PORTAIL_SANS_DIRECTEUR":
            "Ce portail n'a pas de directeur de la publication : demandez d'abord sa désignation.",
        MiseEnGardeDejaAdressee = "MISE_EN_GARDE_DEJA_ADRESSEE" at "miseEnGarde":
            "Une autre mise en garde porte déjà cet identifiant : donnez-en un nouveau.",
        ObjetInvalide = "OBJET_INVALIDE" at "objet":
            "L'objet doit tenir en une ligne de 1 à 200 caractères.",
        TexteDeMiseEnGardeInvalide = "TEXTE_DE_MISE_EN_GARDE_INVALIDE" at "texte":
            "Le texte doit avoir de 1 à 5 000 caractères, sans caractère de contrôle.",
        MiseEnGardeInexistante = "MISE_EN_GARDE_INEXISTANTE" at "miseEnGardeId":
            "Cette mise en garde n'existe pas.",
        ReponseInvalide = "REPONSE_INVALIDE" at "reponse":
            "La réponse doit avoir de 1 à 5 000 caractères, sans caractère de contrôle.",
        MiseEnGardeDejaRepondue = "MISE_EN_GARDE_DEJA_REPONDUE" at "miseEnGardeId":
            "Cette mise en garde a déjà reçu une autre réponse, qui reste inscrite.",
    }
}

/// Longest subject, in characters.
const OBJET_MAX: usize = 200;
/// Longest text and longest answer, in characters.
const TEXTE_MAX: usize = 5_000;

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Adresse {
    portail: PortailId,
    par: PersonneId,
    gravite: Gravite,
    objet: String,
    texte: String,
}

/// State of a mise en garde.
#[derive(Debug, Clone, Default)]
pub struct MiseEnGarde {
    adressee: Option<Adresse>,
    lue: bool,
    reponse: Option<String>,
}

impl Aggregate for MiseEnGarde {
    const TYPE: &'static str = "portails.mise_en_garde";
    /// Each step stands on the one before.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = MiseEnGardeCommand;
    type Event = MiseEnGardeEvent;
    type Refus = RefusMiseEnGarde;

    fn decide(&self, command: MiseEnGardeCommand) -> Result<Vec<MiseEnGardeEvent>, RefusMiseEnGarde> {
        match command {
            MiseEnGardeCommand::MettreEnGarde { portail, par, directeur, gravite, objet, texte } => {
                let objet = texte::line(&objet, OBJET_MAX).ok_or(RefusMiseEnGarde::ObjetInvalide)?;
                let texte = texte::paragraphs(&texte, TEXTE_MAX)
                    .ok_or(RefusMiseEnGarde::TexteDeMiseEnGardeInvalide)?;
                self.adresser(Adresse { portail, par, gravite, objet, texte }, directeur)
            }
            MiseEnGardeCommand::LireMiseEnGarde { par, le } => {
                self.adressee.as_ref().ok_or(RefusMiseEnGarde::MiseEnGardeInexistante)?;
                Ok(self.lire(par, le))
            }
            MiseEnGardeCommand::RepondreMiseEnGarde { par, reponse, le } => self.repondre(par, &reponse, le),
        }
    }

    fn apply(&mut self, event: MiseEnGardeEvent) {
        match event {
            MiseEnGardeEvent::MiseEnGardeAdressee { portail, par, gravite, objet, texte, .. } => {
                self.adressee = Some(Adresse { portail, par, gravite, objet, texte });
            }
            MiseEnGardeEvent::MiseEnGardeLue { .. } => self.lue = true,
            MiseEnGardeEvent::MiseEnGardeRepondue { reponse, .. } => self.reponse = Some(reponse),
        }
    }
}

impl MiseEnGarde {
    fn adresser(
        &self,
        wished: Adresse,
        directeur: Option<PersonneId>,
    ) -> Result<Vec<MiseEnGardeEvent>, RefusMiseEnGarde> {
        match &self.adressee {
            Some(known) if *known == wished => return Ok(vec![]),
            Some(_) => return Err(RefusMiseEnGarde::MiseEnGardeDejaAdressee),
            None => {}
        }
        let directeur = directeur.ok_or(RefusMiseEnGarde::PortailSansDirecteur)?;
        let Adresse { portail, par, gravite, objet, texte } = wished;
        Ok(vec![MiseEnGardeEvent::MiseEnGardeAdressee { portail, par, directeur, gravite, objet, texte }])
    }

    fn lire(&self, par: PersonneId, le: DateTime<Utc>) -> Vec<MiseEnGardeEvent> {
        if self.lue { vec![] } else { vec![MiseEnGardeEvent::MiseEnGardeLue { par, le }] }
    }

    fn repondre(
        &self,
        par: PersonneId,
        reponse: &str,
        le: DateTime<Utc>,
    ) -> Result<Vec<MiseEnGardeEvent>, RefusMiseEnGarde> {
        self.adressee.as_ref().ok_or(RefusMiseEnGarde::MiseEnGardeInexistante)?;
        let reponse = texte::paragraphs(reponse, TEXTE_MAX).ok_or(RefusMiseEnGarde::ReponseInvalide)?;
        match &self.reponse {
            Some(known) if *known == reponse => return Ok(vec![]),
            Some(_) => return Err(RefusMiseEnGarde::MiseEnGardeDejaRepondue),
            None => {}
        }
        let mut events = self.lire(par, le);
        events.push(MiseEnGardeEvent::MiseEnGardeRepondue { par, reponse, le });
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn personne(name: &str) -> PersonneId {
        PersonneId::derived(&[name])
    }

    fn at(time: &str) -> DateTime<Utc> {
        format!("2026-11-23T{time}:00Z").parse().unwrap()
    }

    fn mettre(texte: &str, directeur: Option<PersonneId>) -> MiseEnGardeCommand {
        MiseEnGardeCommand::MettreEnGarde {
            portail: "0690001b".parse().unwrap(),
            par: personne("adm"),
            directeur,
            gravite: Gravite::MiseEnGarde,
            objet: "Blog des 4e".to_owned(),
            texte: texte.to_owned(),
        }
    }

    fn adressee(texte: &str) -> MiseEnGardeEvent {
        MiseEnGardeEvent::MiseEnGardeAdressee {
            portail: "0690001b".parse().unwrap(),
            par: personne("adm"),
            directeur: personne("ana"),
            gravite: Gravite::MiseEnGarde,
            objet: "Blog des 4e".to_owned(),
            texte: texte.to_owned(),
        }
    }

    fn lue() -> MiseEnGardeEvent {
        MiseEnGardeEvent::MiseEnGardeLue { par: personne("ana"), le: at("09:00") }
    }

    fn lire(time: &str) -> MiseEnGardeCommand {
        MiseEnGardeCommand::LireMiseEnGarde { par: personne("ana"), le: at(time) }
    }

    fn repondre(reponse: &str) -> MiseEnGardeCommand {
        let (par, reponse) = (personne("ana"), reponse.to_owned());
        MiseEnGardeCommand::RepondreMiseEnGarde { par, reponse, le: at("10:00") }
    }

    fn repondue(reponse: &str) -> MiseEnGardeEvent {
        let (par, reponse) = (personne("ana"), reponse.to_owned());
        MiseEnGardeEvent::MiseEnGardeRepondue { par, reponse, le: at("10:00") }
    }

    #[test]
    fn the_administrateur_warns_the_directeur_in_office() {
        given::<MiseEnGarde>([])
            .when(mettre("Des photos sans accord.", Some(personne("ana"))))
            .then([adressee("Des photos sans accord.")]);
        given::<MiseEnGarde>([])
            .when(mettre("Des photos sans accord.", None))
            .then_refused(RefusMiseEnGarde::PortailSansDirecteur);
    }

    #[test]
    fn one_id_is_one_mise_en_garde() {
        let known = adressee("Des photos sans accord.");
        given::<MiseEnGarde>([known.clone()])
            .when(mettre("Des photos sans accord.", Some(personne("ana"))))
            .then([]);
        given::<MiseEnGarde>([known])
            .when(mettre("Autre chose.", Some(personne("ana"))))
            .then_refused(RefusMiseEnGarde::MiseEnGardeDejaAdressee);
    }

    #[test]
    fn its_first_reading_is_a_fact() {
        given::<MiseEnGarde>([adressee("a")]).when(lire("09:00")).then([lue()]);
        given::<MiseEnGarde>([adressee("a"), lue()]).when(lire("11:00")).then([]);
        given::<MiseEnGarde>([]).when(lire("09:00")).then_refused(RefusMiseEnGarde::MiseEnGardeInexistante);
    }

    #[test]
    fn who_answers_has_read() {
        given::<MiseEnGarde>([adressee("a"), lue()]).when(repondre("Retiré.")).then([repondue("Retiré.")]);
        let read_now = MiseEnGardeEvent::MiseEnGardeLue { par: personne("ana"), le: at("10:00") };
        given::<MiseEnGarde>([adressee("a")]).when(repondre("Retiré.")).then([read_now, repondue("Retiré.")]);
    }

    #[test]
    fn an_answer_stays() {
        let answered = [adressee("a"), lue(), repondue("Retiré.")];
        given::<MiseEnGarde>(answered.clone()).when(repondre("Retiré.")).then([]);
        given::<MiseEnGarde>(answered)
            .when(repondre("Non."))
            .then_refused(RefusMiseEnGarde::MiseEnGardeDejaRepondue);
    }

    #[test]
    fn nothing_is_said_without_words() {
        given::<MiseEnGarde>([])
            .when(mettre(" ", Some(personne("ana"))))
            .then_refused(RefusMiseEnGarde::TexteDeMiseEnGardeInvalide);
        given::<MiseEnGarde>([adressee("a")])
            .when(repondre(" "))
            .then_refused(RefusMiseEnGarde::ReponseInvalide);
    }
}
