//! The text of a message. It says what happened and where to read more; never a mark, a motive or a
//! sanction, since a mail is read by others than its recipient (RGPD, art. 5.1.c and 32).

use askama::Template;
use chrono::{NaiveDate, NaiveTime};
use domain::PortailId;
use domain::absences::Suite;
use domain::notifications::{Annonce, Appareil, Canal, Theme};
use projections::notifications::Pli;
use serde_json::json;
use sha2::{Digest, Sha256};

/// A message to somebody: several envois together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The same for the same envois: left part of its Message-ID.
    pub id: String,
    /// From whom, by name.
    pub expediteur: String,
    /// Where it goes.
    pub adresse: String,
    /// What it is about.
    pub objet: String,
    /// What it says.
    pub texte: String,
    /// Whether the law has something in it told at once.
    pub urgent: bool,
    /// The device that it goes to; none of what goes to an address.
    pub appareil: Option<Appareil>,
}

#[derive(Template)]
#[template(path = "envois/courriel.txt")]
struct Courriel<'a> {
    phrases: &'a [String],
    lien: &'a str,
    etablissement: &'a str,
}

#[derive(Template)]
#[template(path = "envois/sms.txt")]
struct Sms<'a> {
    phrases: &'a [String],
    lien: &'a str,
    etablissement: &'a str,
}

#[derive(Template)]
#[template(path = "envois/lettre.txt")]
struct Lettre<'a> {
    phrases: &'a [String],
    lien: &'a str,
    etablissement: &'a str,
}

impl Message {
    /// Of envois to one person by one way; none where there is no address, or nothing is left to tell.
    pub fn of(plis: &[Pli], canal: Canal, base: &str) -> Option<Self> {
        let first = plis.first()?;
        let adresse = first.adresse.clone()?;
        let phrases = phrases(plis);
        let etablissement = etablissement(first);
        let lien = lien(first, base)?;
        let texte = match canal {
            Canal::Courriel => Courriel { phrases: &phrases, lien: &lien, etablissement }.render(),
            Canal::Sms => Sms { phrases: &phrases, lien: &lien, etablissement }.render(),
            Canal::Lettre | Canal::Appareil => return None,
        };
        let texte = texte.ok().filter(|_| !phrases.is_empty())?;
        let objet = match phrases.as_slice() {
            [phrase] => phrase.trim_end_matches('.').to_owned(),
            several => format!("{} nouvelles de votre établissement", several.len()),
        };
        let expediteur = etablissement.to_owned();
        let (id, urgent) = (identifiant(plis), urgent(plis));
        Some(Self { id, expediteur, adresse, objet, texte, urgent, appareil: None })
    }

    /// The same for a device, whose screen is seen by others: that there is something, about whom,
    /// and where to read it (RGPD, art. 25). It is JSON, of which the page that the browser knows for
    /// ours makes what is shown.
    pub fn discret(plis: &[Pli], appareil: &Appareil, base: &str) -> Option<Self> {
        let lien = lien(plis.first()?, base)?;
        if phrases(plis).is_empty() {
            return None;
        }
        let told = plis.iter().filter_map(|pli| Some((pli.details.as_ref()?.0, pli.destinataire)));
        let (personnel, familles): (Vec<_>, Vec<_>) =
            told.partition(|(annonce, _)| annonce.theme() == Theme::SuiviDesAbsences);
        let eleves = familles.iter().filter_map(|(annonce, qui)| Some(annonce.eleve()?.0 == *qui));
        let concernes: Vec<_> = eleves.collect();
        let objet = match concernes.as_slice() {
            [] if familles.is_empty() && !personnel.is_empty() => {
                "Un appel ou un suivi d'absences vous attend."
            }
            // All of a division or a groupe is told of it, and its families too.
            [] => "Il y a du nouveau dans le cahier de textes.",
            eleves if eleves.iter().all(|lui_meme| *lui_meme) => "Une nouvelle vous concerne.",
            _ => "Une nouvelle concerne votre enfant.",
        };
        let (id, urgent) = (identifiant(plis), urgent(plis));
        Some(Self {
            texte: json!({ "id": id, "texte": objet, "lien": lien }).to_string(),
            id,
            expediteur: String::new(),
            adresse: appareil.adresse.clone(),
            objet: objet.to_owned(),
            urgent,
            appareil: Some(appareil.clone()),
        })
    }
}

fn urgent(plis: &[Pli]) -> bool {
    plis.iter().filter_map(|pli| pli.details.as_ref()).any(|details| details.0.theme().est_du_sans_delai())
}

/// The text of a letter on paper.
pub fn lettre(pli: &Pli, base: &str) -> Option<String> {
    let phrases = phrases(std::slice::from_ref(pli));
    let lien = lien(pli, base)?;
    let letter = Lettre { phrases: &phrases, lien: &lien, etablissement: etablissement(pli) };
    letter.render().ok().filter(|_| !phrases.is_empty())
}

fn identifiant(plis: &[Pli]) -> String {
    let mut ids: Vec<_> = plis.iter().map(|pli| pli.id).collect();
    ids.sort_unstable();
    let mut hash = Sha256::new();
    ids.iter().for_each(|id| hash.update(id));
    data_encoding::HEXLOWER.encode(&hash.finalize()[..16])
}

fn etablissement(pli: &Pli) -> &str {
    pli.etablissement.as_deref().unwrap_or("Votre établissement")
}

fn lien(pli: &Pli, base: &str) -> Option<String> {
    let portail: PortailId = pli.portail.parse().ok()?;
    Some(format!("https://{portail}.{base}/"))
}

fn phrases(plis: &[Pli]) -> Vec<String> {
    plis.iter().filter_map(phrase).collect()
}

/// What one envoi says; none once what it would tell was erased.
fn phrase(pli: &Pli) -> Option<String> {
    let annonce = pli.details?.0;
    // What is all of a division's or a groupe's names nobody.
    let prenom = annonce.eleve().map_or(Some(""), |_| pli.prenom.as_deref())?;
    Some(match annonce {
        Annonce::Absence { date, debut, fin, .. } => {
            format!("{prenom} était absent(e) le {} de {} à {}.", jour(date), heure(debut), heure(fin))
        }
        Annonce::Retard { date, debut, minutes, .. } => {
            format!("{prenom} est arrivé(e) {minutes} min en retard le {} à {}.", jour(date), heure(debut))
        }
        Annonce::Presence { date, debut, .. } => {
            format!(
                "{prenom} était bien présent(e) le {} à {} : l'absence est corrigée.",
                jour(date),
                heure(debut)
            )
        }
        Annonce::Note { .. } => match &pli.matiere {
            Some(matiere) => format!("{prenom} a une nouvelle note en {matiere}."),
            None => format!("{prenom} a une nouvelle note."),
        },
        Annonce::Competences { .. } => match &pli.matiere {
            Some(matiere) => format!("{prenom} a une nouvelle évaluation de compétences en {matiere}."),
            None => format!("{prenom} a une nouvelle évaluation de compétences."),
        },
        Annonce::NoteCorrigee { .. } => match &pli.matiere {
            Some(matiere) => format!("Une note de {prenom} en {matiere} a été corrigée."),
            None => format!("Une note de {prenom} a été corrigée."),
        },
        Annonce::Bulletin { .. } => format!("Le bulletin de {prenom} peut être lu."),
        Annonce::Courrier { .. } => {
            format!("La vie scolaire vous a écrit au sujet de {prenom} : lisez-le dans l'ENT.")
        }
        Annonce::Travail { pour_le, .. } => format!("Nouveau travail {}.", du_travail(pli, pour_le)),
        Annonce::TravailModifie { pour_le, .. } => {
            format!("Le travail {} a changé.", du_travail(pli, pour_le))
        }
        Annonce::TravailAnnule { pour_le, .. } => {
            format!("Le travail {} n'est plus à faire.", du_travail(pli, pour_le))
        }
        Annonce::AppelNonClos { date, debut, .. } => {
            let matiere = pli.matiere.as_ref().map(|matiere| format!(" en {matiere}")).unwrap_or_default();
            format!("L'appel de votre séance{matiere} du {} à {} n'est pas clos.", jour(date), heure(debut))
        }
        // Who it is, is read in the ENT.
        Annonce::Seuil { suite, mois, .. } => {
            format!("Un élève a atteint en {} le seuil d'un {}.", mois.debut().format("%m/%Y"), nom(suite))
        }
    })
}

fn nom(suite: Suite) -> &'static str {
    match suite {
        Suite::Signalement => "signalement pour absences",
        Suite::SuiviRenforce => "suivi renforcé de l'assiduité",
    }
}

/// Which travail: what is to be done is read in the ENT.
fn du_travail(pli: &Pli, pour_le: NaiveDate) -> String {
    let matiere = pli.matiere.as_ref().map(|matiere| format!("en {matiere} ")).unwrap_or_default();
    let auditoire = pli.auditoire.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
    format!("{matiere}pour le {}{auditoire}", jour(pour_le))
}

fn jour(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

fn heure(heure: NaiveTime) -> String {
    heure.format("%-H h %M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use domain::PersonneId;
    use sqlx::types::Json;
    use uuid::Uuid;

    fn pli(n: u128, details: Option<Annonce>) -> Pli {
        Pli {
            id: Uuid::from_u128(n),
            portail: "0690001d".into(),
            destinataire: Uuid::from_u128(1),
            canal: "courriel".into(),
            pas_avant: DateTime::UNIX_EPOCH,
            details: details.map(Json),
            prenom: Some("Zoé".into()),
            etablissement: Some("Collège des Essais".into()),
            matiere: Some("Mathématiques".into()),
            auditoire: None,
            adresse: Some("parent@exemple.fr".into()),
        }
    }

    fn absence() -> Annonce {
        Annonce::Absence {
            eleve: PersonneId::derived(&["zoé"]),
            date: "2026-12-01".parse().unwrap(),
            debut: "08:00:00".parse().unwrap(),
            fin: "08:55:00".parse().unwrap(),
        }
    }

    fn appareil() -> Appareil {
        let cle = format!("B{}", "A".repeat(86));
        Appareil::new("https://push.exemple.fr/envoi/a", &cle, &"A".repeat(22), "Mon téléphone").unwrap()
    }

    fn note() -> Annonce {
        let eleve = PersonneId::derived(&["zoé"]);
        Annonce::Note { eleve, evaluation: domain::EvaluationId::derived(&["fractions"]) }
    }

    #[test]
    fn a_mail_says_what_happened_and_where_to_read_more() {
        let mail = Message::of(&[pli(1, Some(absence()))], Canal::Courriel, "ent.example").unwrap();
        assert_eq!(mail.objet, "Zoé était absent(e) le 01/12/2026 de 8 h 00 à 8 h 55");
        assert!(mail.texte.contains("https://0690001d.ent.example/"), "{}", mail.texte);
    }

    #[test]
    fn several_envois_are_one_message_with_one_name() {
        let (one, other) = (pli(1, Some(absence())), pli(2, Some(note())));
        let mail = Message::of(&[one.clone(), other.clone()], Canal::Courriel, "ent.example").unwrap();
        let turned = Message::of(&[other, one.clone()], Canal::Courriel, "ent.example").unwrap();
        assert_eq!(mail.id, turned.id);
        assert_ne!(mail.id, Message::of(&[one], Canal::Courriel, "ent.example").unwrap().id);
        assert_eq!(mail.objet, "2 nouvelles de votre établissement");
        assert!(mail.texte.contains("nouvelle note en Mathématiques"), "{}", mail.texte);
    }

    #[test]
    fn a_division_is_told_of_what_it_has_to_do_by_its_name() {
        let (auditoire, enseignement) =
            (domain::DivisionId::derived(&["6A"]).into(), domain::EnseignementId::derived(&["maths"]));
        let pour_le = "2026-12-04".parse().unwrap();
        let said = |annonce| {
            let pli = Pli { prenom: None, auditoire: Some("6A".into()), ..pli(1, Some(annonce)) };
            Message::of(&[pli], Canal::Courriel, "ent.example").unwrap().objet
        };
        assert_eq!(
            said(Annonce::Travail { auditoire, enseignement, pour_le }),
            "Nouveau travail en Mathématiques pour le 04/12/2026 (6A)"
        );
        assert_eq!(
            said(Annonce::TravailAnnule { auditoire, enseignement, pour_le }),
            "Le travail en Mathématiques pour le 04/12/2026 (6A) n'est plus à faire"
        );
    }

    #[test]
    fn the_staff_is_told_what_it_has_to_see_to_and_of_whom_in_the_ent_alone() {
        let non_clos = Annonce::AppelNonClos {
            enseignant: PersonneId::derived(&["ada"]),
            enseignement: domain::EnseignementId::derived(&["maths"]),
            date: "2026-12-01".parse().unwrap(),
            debut: "08:00:00".parse().unwrap(),
        };
        let seuil = Annonce::Seuil {
            eleve: PersonneId::derived(&["zoé"]),
            etablissement: domain::EtablissementId::derived(&["collège"]),
            suite: Suite::Signalement,
            mois: domain::absences::MoisCivil::of("2026-11-30".parse().unwrap()),
        };
        let said = |annonce| {
            let told = pli(1, Some(annonce));
            Message::of(&[told], Canal::Courriel, "ent.example").unwrap().objet
        };
        assert_eq!(
            said(non_clos),
            "L'appel de votre séance en Mathématiques du 01/12/2026 à 8 h 00 n'est pas clos"
        );
        assert_eq!(said(seuil), "Un élève a atteint en 11/2026 le seuil d'un signalement pour absences");
        let appareil = appareil();
        let shown = Message::discret(&[pli(1, Some(seuil))], &appareil, "ent.example").unwrap();
        assert_eq!(shown.objet, "Un appel ou un suivi d'absences vous attend.");
    }

    #[test]
    fn what_was_erased_is_not_told() {
        assert_eq!(Message::of(&[pli(1, None)], Canal::Courriel, "ent.example"), None);
        let nowhere = Pli { adresse: None, ..pli(1, Some(absence())) };
        assert_eq!(Message::of(&[nowhere], Canal::Courriel, "ent.example"), None);
    }

    #[test]
    fn a_screen_that_others_see_tells_neither_who_nor_what() {
        let appareil = appareil();
        let shown = Message::discret(&[pli(1, Some(absence()))], &appareil, "ent.example").unwrap();
        assert_eq!(shown.objet, "Une nouvelle concerne votre enfant.");
        assert!(!shown.texte.contains("Zoé") && !shown.texte.contains("absent"), "{}", shown.texte);
        assert!(shown.urgent && shown.texte.contains("https://0690001d.ent.example/"), "{}", shown.texte);
        assert!(!Message::discret(&[pli(1, Some(note()))], &appareil, "ent.example").unwrap().urgent);
        let own = Pli { destinataire: PersonneId::derived(&["zoé"]).0, ..pli(1, Some(note())) };
        let shown = Message::discret(&[own], &appareil, "ent.example").unwrap();
        assert_eq!(shown.objet, "Une nouvelle vous concerne.");
        assert_eq!(Message::discret(&[pli(1, None)], &appareil, "ent.example"), None);
    }

    #[test]
    fn an_sms_is_short() {
        let sms = Message::of(&[pli(1, Some(absence()))], Canal::Sms, "ent.example").unwrap();
        assert!(sms.texte.chars().count() <= 160, "{}", sms.texte);
    }
}
