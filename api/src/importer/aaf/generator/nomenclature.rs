//! Levels, formations and matières, in the manner of the national nomenclatures.

/// A year of collège or lycée.
pub(super) struct Niveau {
    pub(super) prefixe: &'static str,
    pub(super) mef: &'static str,
    pub(super) libelle: &'static str,
    /// Age reached in the calendar year of the rentrée.
    pub(super) age: i32,
    /// Second living language, in groupes.
    pub(super) lv2: bool,
}

const fn niveau(
    prefixe: &'static str,
    mef: &'static str,
    libelle: &'static str,
    age: i32,
    lv2: bool,
) -> Niveau {
    Niveau { prefixe, mef, libelle, age, lv2 }
}

pub(super) const COLLEGE: &[Niveau] = &[
    niveau("6", "10010012110", "6EME", 11, false),
    niveau("5", "10110001110", "5EME", 12, true),
    niveau("4", "10210001110", "4EME", 13, true),
    niveau("3", "10310019110", "3EME", 14, true),
];

pub(super) const LYCEE: &[Niveau] = &[
    niveau("2", "20010018110", "2NDE GENERALE ET TECHNOLOGIQUE", 15, true),
    niveau("1", "20111010110", "1ERE GENERALE", 16, true),
    niveau("T", "20211010110", "TERMINALE GENERALE", 17, true),
];

/// A matière, and the post of who teaches it.
pub(super) struct Matiere {
    pub(super) code: &'static str,
    pub(super) libelle: &'static str,
    pub(super) poste: &'static str,
    /// Divisions that one teacher has.
    pub(super) divisions: usize,
}

const fn matiere(
    code: &'static str,
    libelle: &'static str,
    poste: &'static str,
    divisions: usize,
) -> Matiere {
    Matiere { code, libelle, poste, divisions }
}

/// Taught to divisions.
pub(super) const TRONC_COMMUN: &[Matiere] = &[
    matiere("020700", "FRANÇAIS", "L0202$LETTRES MODERNES", 4),
    matiere("061300", "MATHÉMATIQUES", "L1300$MATHEMATIQUES", 4),
    matiere("043700", "HISTOIRE-GÉOGRAPHIE", "L1000$HISTOIRE GEOGRAPHIE", 5),
    matiere("030201", "ANGLAIS LV1", "L0422$ANGLAIS", 5),
    matiere("062300", "PHYSIQUE-CHIMIE", "L1500$SCIENCES PHYSIQUES ET CHIMIQUES", 8),
    matiere("062900", "SCIENCES DE LA VIE ET DE LA TERRE", "L1600$SCIENCES DE LA VIE ET DE LA TERRE", 8),
    matiere("100100", "ÉDUCATION PHYSIQUE ET SPORTIVE", "L1900$EDUCATION PHYSIQUE ET SPORTIVE", 6),
    matiere("080100", "ARTS PLASTIQUES", "L1800$ARTS PLASTIQUES", 18),
    matiere("080200", "ÉDUCATION MUSICALE : CHŒUR ET ÉCOUTE", "L1700$EDUCATION MUSICALE", 18),
];

/// Taught to groupes that gather the divisions of a level: code of the groupe, share of the pupils.
pub(super) const LANGUES: &[(&str, f64, Matiere)] = &[
    ("ESP2", 0.75, matiere("030602", "ESPAGNOL LV2", "L0426$ESPAGNOL", usize::MAX)),
    ("ALL2", 1.0, matiere("030102", "ALLEMAND LV2", "L0421$ALLEMAND", usize::MAX)),
];

/// A function besides teaching: its fields in the feed, one holder for so many divisions.
pub(super) struct Poste {
    pub(super) champs: &'static str,
    pub(super) divisions: usize,
}

const fn poste(champs: &'static str, divisions: usize) -> Poste {
    Poste { champs, divisions }
}

pub(super) const POSTES: &[Poste] = &[
    poste("DIR$DIRECTION$D0010$CHEF D'ETABLISSEMENT", usize::MAX),
    poste("DIR$DIRECTION$D0011$CHEF D'ETABLISSEMENT ADJOINT", usize::MAX),
    poste("EDU$EDUCATION$E0030$CONSEILLER PRINCIPAL D'EDUCATION", 10),
    poste("AED$ASSISTANT D'EDUCATION$-$SANS OBJET", 4),
    poste("DOC$DOCUMENTATION$L0080$DOCUMENTATION", usize::MAX),
    poste("MDS$PERSONNELS MEDICO-SOCIAUX$S0010$INFIRMIER", usize::MAX),
];
