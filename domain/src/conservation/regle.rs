//! How long each class of contents is kept: the rules, as data, each with its source.
//!
//! A rule is never changed: another version of it begins with a school year, and what is
//! destroyed says under which version it was due. A rule that counts from the end of the
//! school year, or of the month, counts from the one in which the content was written,
//! because that is how keys are filed. Sanctions: code de l'éducation, art. R511-13.

use super::{Mois, Periode, Sujet};
use crate::{AnneeScolaire, EventSpec, Retention, catalogue};
use chrono::{Months, NaiveDate};

/// From when a duration counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depart {
    /// The end of the school year in which the content was written.
    FinDAnnee,
    /// The end of the month in which the content was written.
    FinDeMois,
    /// The day on which the person left the directory. What is about no person has no end of
    /// its own: it is kept as long as its portal.
    SortieDeLaPersonne,
    /// Nothing: no day is due by itself.
    Aucun,
}

/// How long the contents of a class are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regle {
    /// Which class.
    pub classe: Retention,
    /// From 1.
    pub version: u32,
    /// First school year in which this version is applied.
    pub depuis: AnneeScolaire,
    /// From when.
    pub depart: Depart,
    /// For how many months.
    pub mois: u32,
    /// What the class holds, in French.
    pub libelle: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
}

const fn regle(
    classe: Retention,
    depart: Depart,
    mois: u32,
    libelle: &'static str,
    source: &'static str,
) -> Regle {
    Regle { classe, version: 1, depuis: AnneeScolaire(2026), depart, mois, libelle, source }
}

/// All versions of all rules.
pub const REGLES: &[Regle] = &[
    regle(
        Retention::Annuaire,
        Depart::SortieDeLaPersonne,
        3,
        "Comptes et fiches de l'annuaire : trois mois après la fin du besoin",
        "arrêté du 30 novembre 2006 relatif aux ENT ; RGPD, art. 5.1.e",
    ),
    regle(
        Retention::Scolarite,
        Depart::FinDAnnee,
        12,
        "Vie scolaire et notes : l'année scolaire et la suivante",
        "code de l'éducation, art. R131-6 et D111-3 ; RGPD, art. 5.1.e",
    ),
    regle(
        Retention::SanctionAvertissement,
        Depart::FinDAnnee,
        0,
        "Avertissement : jusqu'à la fin de l'année scolaire",
        "code de l'éducation, art. R511-13",
    ),
    regle(
        Retention::SanctionBlame,
        Depart::FinDAnnee,
        12,
        "Blâme et mesure de responsabilisation : jusqu'à la fin de l'année scolaire suivante",
        "code de l'éducation, art. R511-13",
    ),
    regle(
        Retention::SanctionExclusion,
        Depart::FinDAnnee,
        24,
        "Exclusion temporaire : jusqu'à la fin de la deuxième année scolaire suivante",
        "code de l'éducation, art. R511-13",
    ),
    regle(
        Retention::SanctionExclusionDefinitive,
        Depart::SortieDeLaPersonne,
        0,
        "Exclusion définitive : jusqu'au terme de la scolarité dans le second degré",
        "code de l'éducation, art. R511-13",
    ),
    // Of the time when keys of this class were of a school year: nothing was written under it.
    regle(
        Retention::Connexion,
        Depart::FinDAnnee,
        12,
        "Données de connexion : un an au moins, et jusqu'à la fin de l'année scolaire suivante",
        "LCEN, art. 6 ; décret n° 2021-1362 du 20 octobre 2021",
    ),
    Regle {
        classe: Retention::Connexion,
        version: 2,
        depuis: AnneeScolaire(2026),
        depart: Depart::FinDeMois,
        mois: 12,
        libelle: "Données de connexion : un an, compté de la fin du mois",
        source: "LCEN, art. 6 ; décret n° 2021-1362 du 20 octobre 2021, art. 5",
    },
    regle(
        Retention::Publication,
        Depart::Aucun,
        0,
        "Publications : archives publiques, aussi longtemps que le portail",
        "code du patrimoine, art. L211-1 et L212-2",
    ),
    regle(
        Retention::Moderation,
        Depart::FinDAnnee,
        60,
        "Signalements et décisions : cinq ans après la fin de l'année scolaire",
        "code civil, art. 2224 ; DSA, art. 16 et 17",
    ),
    regle(
        Retention::Office,
        Depart::SortieDeLaPersonne,
        60,
        "Fonctions et délégations : cinq ans après le départ de la personne",
        "code civil, art. 2224",
    ),
    regle(
        Retention::Conservation,
        Depart::Aucun,
        0,
        "Gels et destructions : la preuve de ce qui fut détruit reste",
        "RGPD, art. 5.2",
    ),
    // No text fixes it for an infirmerie scolaire: what may have to be answered for is kept as long
    // as an action for bodily harm may be brought, and no longer.
    regle(
        Retention::Sante,
        Depart::FinDAnnee,
        120,
        "Soins de l'infirmerie : dix ans après la fin de l'année scolaire",
        "code civil, art. 2226 ; code de la santé publique, art. L1142-28 ; RGPD, art. 9.2.h et 5.1.e",
    ),
];

impl Regle {
    /// The version in force on a day. Before the first one began, the first one.
    pub fn en_vigueur(classe: Retention, le: NaiveDate) -> Option<&'static Self> {
        let versions = || REGLES.iter().filter(|regle| regle.classe == classe);
        let begun = versions().filter(|regle| regle.depuis <= AnneeScolaire::of(le));
        begun.max_by_key(|regle| regle.version).or_else(|| versions().min_by_key(|regle| regle.version))
    }

    /// The rules in force on a day, one for each class.
    pub fn toutes(le: NaiveDate) -> Vec<&'static Self> {
        Retention::ALL.iter().filter_map(|classe| Self::en_vigueur(*classe, le)).collect()
    }

    /// The day from which what was written about a subject in a period is due; `sortie`
    /// is the day on which the person left the directory, if he or she did.
    pub fn echeance(&self, sujet: &Sujet, periode: Periode, sortie: Option<NaiveDate>) -> Option<NaiveDate> {
        let depart = match (self.depart, sujet) {
            (Depart::FinDAnnee, _) => Periode::Annee(periode.annee()).fin(),
            (Depart::FinDeMois, _) => periode.fin(),
            (Depart::SortieDeLaPersonne, Sujet::Personne(_)) => sortie,
            (Depart::SortieDeLaPersonne, Sujet::Portail(_)) | (Depart::Aucun, _) => None,
        };
        depart?.checked_add_months(Months::new(self.mois))
    }

    /// The last period of which the contents are due on a day, by a rule that counts from the
    /// end of the school year or of the month.
    pub fn derniere_periode(&self, le: NaiveDate) -> Option<Periode> {
        let then = le.checked_sub_months(Months::new(self.mois))?;
        match self.depart {
            Depart::FinDAnnee => Some(Periode::Annee(AnneeScolaire(AnneeScolaire::of(then).0 - 1))),
            Depart::FinDeMois => Some(Periode::Mois(Mois::of(then).precedent())),
            Depart::SortieDeLaPersonne | Depart::Aucun => None,
        }
    }

    /// The event types of its class.
    pub fn types(&self) -> Vec<&'static str> {
        let all = catalogue();
        let specs = all.iter().flat_map(|(_, specs, _)| *specs);
        specs.filter(|spec: &&EventSpec| spec.retention == self.classe).map(|spec| spec.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PersonneId;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eleve() -> Sujet {
        Sujet::Personne(PersonneId::derived(&["Zoé"]))
    }

    fn due(classe: Retention, sortie: Option<&str>) -> Option<NaiveDate> {
        let regle = Regle::en_vigueur(classe, day("2026-11-23")).unwrap();
        regle.echeance(&eleve(), AnneeScolaire(2026).into(), sortie.map(day))
    }

    #[test]
    fn every_class_has_a_rule_with_its_source() {
        for classe in Retention::ALL {
            let regle = Regle::en_vigueur(*classe, day("2020-01-01")).unwrap();
            assert!(!regle.source.is_empty() && !regle.libelle.is_empty(), "{classe}");
        }
        assert_eq!(Regle::toutes(day("2026-11-23")).len(), Retention::ALL.len());
    }

    #[test]
    fn sanctions_go_at_the_end_of_this_the_next_or_the_second_next_school_year() {
        assert_eq!(due(Retention::SanctionAvertissement, None), Some(day("2027-08-01")));
        assert_eq!(due(Retention::SanctionBlame, None), Some(day("2028-08-01")));
        assert_eq!(due(Retention::SanctionExclusion, None), Some(day("2029-08-01")));
    }

    #[test]
    fn a_compte_goes_three_months_after_its_holder_has_left() {
        assert_eq!(due(Retention::Annuaire, None), None);
        assert_eq!(due(Retention::Annuaire, Some("2029-07-07")), Some(day("2029-10-07")));
        assert_eq!(due(Retention::SanctionExclusionDefinitive, Some("2029-07-07")), Some(day("2029-07-07")));
    }

    #[test]
    fn what_is_about_a_portal_stays_as_long_as_the_portal() {
        let regle = Regle::en_vigueur(Retention::Office, day("2026-11-23")).unwrap();
        let portail = Sujet::Portail("0690001b".parse().unwrap());
        assert_eq!(regle.echeance(&portail, AnneeScolaire(2026).into(), Some(day("2030-01-01"))), None);
        assert_eq!(due(Retention::Publication, Some("2030-01-01")), None);
    }

    #[test]
    fn the_last_period_due_is_the_last_one_whose_day_has_come() {
        for regle in REGLES.iter().filter(|regle| regle.depart == Depart::FinDAnnee) {
            for le in ["2027-07-31", "2027-08-01", "2028-02-29", "2031-08-01"].map(day) {
                let last = regle.derniere_periode(le).unwrap().annee().0;
                let come = |year: i16| due_by(regle, AnneeScolaire(year).into(), le);
                assert!(come(last) && !come(last + 1), "{} on {le}", regle.classe);
            }
        }
    }

    fn due_by(regle: &Regle, periode: Periode, le: NaiveDate) -> bool {
        regle.echeance(&eleve(), periode, None).is_some_and(|due| due <= le)
    }

    #[test]
    fn connection_data_are_kept_for_a_year_from_the_end_of_their_month_and_no_longer() {
        let regle = Regle::en_vigueur(Retention::Connexion, day("2026-11-23")).unwrap();
        for written in ["2026-09-01", "2026-09-30", "2027-02-28", "2027-07-31"].map(day) {
            let periode = Periode::Mois(Mois::of(written));
            let due = regle.echeance(&eleve(), periode, None).unwrap();
            let (year, thirteen_months) = (Months::new(12), Months::new(13));
            assert!(due > written + year && due <= written + thirteen_months, "{written}: {due}");
            assert_eq!(regle.derniere_periode(due), Some(periode));
            assert!(regle.derniere_periode(due.pred_opt().unwrap()) < Some(periode));
        }
    }

    #[test]
    fn every_class_that_counts_from_a_month_is_filed_by_month_and_no_other_is() {
        let now = "2026-11-23T07:00:00Z".parse().unwrap();
        for classe in Retention::ALL {
            let regle = Regle::en_vigueur(*classe, day("2026-11-23")).unwrap();
            let by_month = matches!(classe.periode(now), Periode::Mois(_));
            assert_eq!(by_month, regle.depart == Depart::FinDeMois, "{classe}");
        }
    }

    #[test]
    fn a_rule_knows_the_events_that_it_governs() {
        let regle = Regle::en_vigueur(Retention::Scolarite, day("2026-11-23")).unwrap();
        assert!(regle.types().contains(&"absences.appel.clos"));
    }
}
