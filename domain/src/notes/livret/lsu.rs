//! The livret scolaire unique: one *bilan périodique* per bulletin, and at the end of a cycle
//! one *bilan de cycle*.
//!
//! Averages are out of 20, as they were told. Who has no mark in an enseignement is *non noté*
//! there, whatever the reason; a division too small to be summed up is *non notée*. The
//! conseil that ends the last year of a cycle speaks of its end.

use super::{
    BulletinFige, CadreDuLivret, EleveDuLivret, Manque, PeriodeDuLivret, code_national, cycle, ecrit, exiger,
    matieres, redige, said,
};
use crate::annuaire::NumeroSts;
use crate::notes::{
    ASSIDUITE_MAX, Cycle, EnseignantDuBulletin, EnseignementDuBulletin, Positionnement, Valeur, referentiel,
};
use crate::{PersonneId, heure_locale};
use chrono::{NaiveDate, NaiveDateTime};
use std::collections::{BTreeMap, BTreeSet};

/// Longest synthèse of a bilan périodique, in characters.
const SYNTHESE_MAX: usize = 1_000;
/// Longest appreciation, in characters: that of one enseignement always fits.
const APPRECIATION_MAX: usize = 600;
/// Longest name of a matière.
const LIBELLE_MAX: usize = 40;
/// Longest name of a person.
const NOM_MAX: usize = 100;
/// Longest code of a division.
const DIVISION_MAX: usize = 20;

/// A pupil in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct EleveLsu {
    pub nom: String,
    pub prenom: String,
    pub division: String,
}

/// A teacher in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnseignantLsu {
    /// `M` or `MME`, where it is known.
    pub civilite: Option<&'static str>,
    /// Last name.
    pub nom: String,
    /// First name.
    pub prenom: String,
}

/// What a bilan says of one discipline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcquisLsu {
    /// Code of the matière.
    pub discipline: String,
    /// Who taught it.
    pub enseignants: Vec<NumeroSts>,
    /// The average out of 20; nothing where there is none.
    pub moyenne: Option<String>,
    /// That of the division.
    pub moyenne_de_la_division: Option<String>,
    /// What the teacher wrote.
    pub appreciation: Option<String>,
}

/// A domaine of the socle, and the degree.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct DomaineLsu {
    pub code: &'static str,
    pub niveau: u8,
}

/// A bilan périodique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilanLsu {
    /// Number of the pupil in SIECLE.
    pub eleve: u64,
    /// Rank of the period, and how many the year has.
    pub periode: (u16, u16),
    /// School day of the conseil de classe.
    pub conseil: NaiveDate,
    /// First day of the schooling.
    pub scolarite: NaiveDate,
    /// When the bulletin was frozen, by the clock of the school.
    pub verrou: NaiveDateTime,
    /// The professeurs principaux whose numbers are known.
    pub principaux: Vec<NumeroSts>,
    /// By discipline.
    pub acquis: Vec<AcquisLsu>,
    /// What the conseil wrote.
    pub synthese: String,
    /// Latenesses, half-days with a legitimate motive, and without.
    pub assiduite: (u16, u16, u16),
    /// Where the pupil stands in the socle of his or her cycle.
    pub socle: Vec<DomaineLsu>,
}

/// A bilan at the end of a cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilanDeCycleLsu {
    /// Number of the pupil in SIECLE.
    pub eleve: u64,
    /// 3 or 4.
    pub cycle: u8,
    /// The day on which it was made.
    pub le: NaiveDate,
    /// When it was frozen, by the clock of the school.
    pub verrou: NaiveDateTime,
    /// The professeurs principaux whose numbers are known.
    pub principaux: Vec<NumeroSts>,
    /// The eight domaines.
    pub socle: Vec<DomaineLsu>,
    /// What the conseil wrote.
    pub synthese: String,
}

/// All that a file says, in the order of its keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LivretLsu {
    /// Pupils by number.
    pub eleves: BTreeMap<u64, EleveLsu>,
    /// Ranks of periods, with how many the year has.
    pub periodes: BTreeSet<(u16, u16)>,
    /// Names of matières by code.
    pub disciplines: BTreeMap<String, String>,
    /// Teachers by number, each register's own.
    pub enseignants: BTreeMap<NumeroSts, EnseignantLsu>,
    /// By pupil.
    pub bilans: Vec<BilanLsu>,
    /// By pupil, of those whose cycle ends.
    pub bilans_de_cycle: Vec<BilanDeCycleLsu>,
}

impl LivretLsu {
    /// Adds what a pupil's bulletin of a period says; or tells all that lacks, and adds nothing.
    pub fn ajouter(
        &mut self,
        cadre: &CadreDuLivret,
        periode: &PeriodeDuLivret,
        eleve: &EleveDuLivret,
    ) -> Result<(), Vec<Manque>> {
        let mut manques = Vec::new();
        let numero = exiger(eleve.siecle, Manque::NumeroSiecleInconnu, &mut manques);
        exiger(cadre.chef.as_ref(), Manque::ResponsableInconnu, &mut manques);
        let scolarite = exiger(cadre.rentree, Manque::RentreeInconnue, &mut manques);
        if let Some(numero) = numero.filter(|numero| self.eleves.contains_key(numero)) {
            manques.push(Manque::NumeroSieclePartage { numero });
        }
        let found = eleve.bulletins.get(&periode.rang);
        let Some(bulletin) = exiger(found, Manque::BulletinAbsent { rang: periode.rang }, &mut manques)
        else {
            return Err(manques);
        };
        let conseil = exiger(periode.conseil, Manque::ConseilSansDate, &mut manques);
        let synthese = synthese(bulletin, &mut manques);
        let assiduite = exiger(bulletin.contenu.assiduite(), Manque::AssiduiteAbsente, &mut manques);
        let acquis = acquis(cadre, bulletin, &mut manques);
        let socle = Socle::of(bulletin);
        if socle.incomplet(periode) {
            manques.push(Manque::SocleIncomplet);
        }
        let (true, Some(numero), Some(scolarite), Some(conseil), Some(synthese), Some(assiduite)) =
            (manques.is_empty(), numero, scolarite, conseil, synthese, assiduite)
        else {
            return Err(manques);
        };
        self.nommer(cadre, periode, numero, bulletin);
        let principaux = self.principaux(cadre, periode);
        let verrou = heure_locale(bulletin.le);
        if let Some(cycle) = socle.finit(periode) {
            self.bilans_de_cycle.push(BilanDeCycleLsu {
                eleve: numero,
                cycle,
                le: verrou.date(),
                verrou,
                principaux: principaux.clone(),
                socle: socle.domaines.clone(),
                synthese: synthese.clone(),
            });
        }
        let capped = |count: u16| count.min(ASSIDUITE_MAX);
        let justifiees = assiduite.demi_journees.saturating_sub(assiduite.injustifiees);
        self.bilans.push(BilanLsu {
            eleve: numero,
            periode: (periode.rang, periode.total),
            conseil,
            scolarite,
            verrou,
            principaux,
            acquis,
            synthese,
            assiduite: (capped(assiduite.retards), capped(justifiees), capped(assiduite.injustifiees)),
            socle: socle.domaines,
        });
        Ok(())
    }

    /// Names whom and what a bilan refers to.
    fn nommer(
        &mut self,
        cadre: &CadreDuLivret,
        periode: &PeriodeDuLivret,
        numero: u64,
        bulletin: &BulletinFige,
    ) {
        let contenu = &bulletin.contenu;
        self.eleves.insert(
            numero,
            EleveLsu {
                nom: ecrit(&contenu.eleve.nom, NOM_MAX),
                prenom: ecrit(&contenu.eleve.prenom, NOM_MAX),
                division: ecrit(&contenu.division.code, DIVISION_MAX),
            },
        );
        self.periodes.insert((periode.rang, periode.total));
        for one in contenu.enseignements.iter().filter(|one| said(one)) {
            self.disciplines.insert(one.matiere_code.clone(), ecrit(&one.matiere, LIBELLE_MAX));
            for enseignant in &one.enseignants {
                if let Some(numero) = cadre.enseignants.get(&enseignant.personne) {
                    self.enseignants.insert(*numero, EnseignantLsu::of(enseignant));
                }
            }
        }
    }

    /// Those of a division who are named in the file: it refers to nobody else.
    fn principaux(&self, cadre: &CadreDuLivret, periode: &PeriodeDuLivret) -> Vec<NumeroSts> {
        let numero = |personne: &PersonneId| cadre.enseignants.get(personne).copied();
        let known = periode.principaux.iter().filter_map(numero);
        known.filter(|numero| self.enseignants.contains_key(numero)).collect()
    }
}

impl EnseignantLsu {
    fn of(enseignant: &EnseignantDuBulletin) -> Self {
        let civilite = match enseignant.civilite.as_deref() {
            Some("M" | "M." | "MR") => Some("M"),
            Some("MME" | "Mme" | "Mme." | "MLLE" | "Mlle") => Some("MME"),
            _ => None,
        };
        Self { civilite, nom: ecrit(&enseignant.nom, NOM_MAX), prenom: ecrit(&enseignant.prenom, NOM_MAX) }
    }
}

fn synthese(bulletin: &BulletinFige, manques: &mut Vec<Manque>) -> Option<String> {
    let text = bulletin.contenu.conseil.synthese.as_ref();
    let text = exiger(text, Manque::SyntheseAbsente, manques)?;
    let fits = (text.chars().count() <= SYNTHESE_MAX).then(|| redige(text));
    exiger(fits, Manque::SyntheseTropLongue { max: SYNTHESE_MAX }, manques)
}

fn acquis(cadre: &CadreDuLivret, bulletin: &BulletinFige, manques: &mut Vec<Manque>) -> Vec<AcquisLsu> {
    let mut acquis: Vec<AcquisLsu> = Vec::new();
    let told = matieres(&bulletin.contenu);
    exiger(told.first(), Manque::AcquisAbsents, manques);
    for one in &told {
        let discipline = match code_national(one, |c| c.is_ascii_alphanumeric()) {
            Ok(code) => code,
            Err(manque) => {
                manques.push(manque);
                continue;
            }
        };
        acquis.push(AcquisLsu {
            discipline,
            enseignants: numeros(cadre, one, manques),
            moyenne: one.moyenne.moyenne.map(sur_vingt),
            moyenne_de_la_division: one.division.as_ref().map(|division| sur_vingt(division.moyenne)),
            appreciation: appreciation(one, manques),
        });
    }
    acquis
}

fn appreciation(one: &EnseignementDuBulletin, manques: &mut Vec<Manque>) -> Option<String> {
    let text = one.appreciation.as_deref()?;
    let fits = (text.chars().count() <= APPRECIATION_MAX).then(|| redige(text));
    let trop = Manque::AppreciationTropLongue { matiere: one.matiere.clone(), max: APPRECIATION_MAX };
    exiger(fits, trop, manques)
}

fn numeros(cadre: &CadreDuLivret, one: &EnseignementDuBulletin, manques: &mut Vec<Manque>) -> Vec<NumeroSts> {
    exiger(one.enseignants.first(), Manque::EnseignantAbsent { matiere: one.matiere.clone() }, manques);
    let mut numero = |enseignant: &EnseignantDuBulletin| {
        let known = cadre.enseignants.get(&enseignant.personne).copied();
        let named = format!("{} {}", enseignant.prenom, enseignant.nom);
        exiger(known, Manque::EnseignantSansNumero { enseignant: named }, manques)
    };
    let found: BTreeSet<_> = one.enseignants.iter().filter_map(&mut numero).collect();
    found.into_iter().collect()
}

fn sur_vingt(valeur: Valeur) -> String {
    format!("{valeur}/20")
}

/// Where a pupil stands in the socle of the cycle that his or her class is of.
struct Socle {
    cycle: Option<(Cycle, bool)>,
    domaines: Vec<DomaineLsu>,
}

impl Socle {
    fn of(bulletin: &BulletinFige) -> Self {
        let cycle = cycle(bulletin.contenu.division.mef.as_deref());
        let placed = |domaine| {
            let mut all = bulletin.contenu.positionnements.iter();
            all.find(|one: &&Positionnement| {
                one.domaine == domaine && Some(one.cycle) == cycle.map(|it| it.0)
            })
        };
        let domaines = cycle.map(|(cycle, _)| referentiel(cycle)).unwrap_or_default().iter();
        let domaines = domaines.filter_map(|entree| {
            let niveau = placed(entree.domaine)?.niveau.into();
            Some(DomaineLsu { code: entree.code, niveau })
        });
        Self { cycle, domaines: domaines.collect() }
    }

    /// The number of the cycle that ends with this period, if one does.
    fn finit(&self, periode: &PeriodeDuLivret) -> Option<u8> {
        match self.cycle? {
            _ if periode.rang != periode.total => None,
            (Cycle::Cycle3, true) => Some(3),
            (Cycle::Cycle4, true) => Some(4),
            (Cycle::Cycle2 | Cycle::Cycle3 | Cycle::Cycle4, _) => None,
        }
    }

    fn incomplet(&self, periode: &PeriodeDuLivret) -> bool {
        let all = self.cycle.map_or(0, |(cycle, _)| referentiel(cycle).len());
        self.finit(periode).is_some() && self.domaines.len() < all
    }
}
