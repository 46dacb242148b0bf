//! How much somebody may have deposited: nobody fills the store with what is joined to nothing.

use super::RefusPiece;

/// Who deposits files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deposant {
    /// A pupil, or who answers for one: a copie, a justificatif.
    EleveOuFamille,
    /// Who works at the school: what accompanies the chapters of several divisions, the papers of a week of
    /// flu.
    Personnel,
}

/// What one person may deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plafond {
    /// Files within two days, whatever becomes of them.
    pub recents: u64,
    /// Files that wait to be joined to something.
    pub fichiers: u64,
    /// Mebibytes of these.
    pub mebioctets: u64,
}

/// What somebody has deposited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deposes {
    /// Files of the last two days, whatever became of them.
    pub recents: u64,
    /// Those that wait to be joined to something.
    pub en_attente: u64,
    /// Bytes of these.
    pub octets: u64,
}

impl Deposant {
    /// What is his or hers at most.
    pub const fn plafond(self) -> Plafond {
        match self {
            Self::EleveOuFamille => Plafond { recents: 100, fichiers: 20, mebioctets: 60 },
            Self::Personnel => Plafond { recents: 1_000, fichiers: 100, mebioctets: 2_000 },
        }
    }

    /// Whether one more file of so many bytes may be deposited.
    pub fn admet(self, deposes: Deposes, octets: u64) -> Result<(), RefusPiece> {
        let Plafond { recents, fichiers, mebioctets } = self.plafond();
        if deposes.recents >= recents {
            return Err(RefusPiece::TropDeDepots);
        }
        let full = deposes.en_attente >= fichiers;
        if full || deposes.octets.saturating_add(octets) > mebioctets << 20 {
            return Err(RefusPiece::TropEnAttente { fichiers, mebioctets });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIO: u64 = 1 << 20;

    fn attendent(en_attente: u64, octets: u64) -> Deposes {
        Deposes { recents: en_attente, en_attente, octets }
    }

    #[test]
    fn less_may_wait_of_a_pupil_than_of_a_teacher() {
        let (eleve, enseignant) = (Deposant::EleveOuFamille, Deposant::Personnel);
        let trop = Err(RefusPiece::TropEnAttente { fichiers: 20, mebioctets: 60 });
        assert_eq!(eleve.admet(attendent(1, 1), u64::MAX), trop);
        assert_eq!(eleve.admet(attendent(19, 19), 1), Ok(()));
        assert_eq!(eleve.admet(attendent(20, 20), 1), trop, "files");
        assert_eq!(eleve.admet(attendent(2, 40 * MIO), 20 * MIO), Ok(()));
        assert_eq!(eleve.admet(attendent(2, 40 * MIO), 20 * MIO + 1), trop, "bytes");
        assert_eq!(enseignant.admet(attendent(99, 99 * 20 * MIO), 20 * MIO), Ok(()));
        let trop = Err(RefusPiece::TropEnAttente { fichiers: 100, mebioctets: 2_000 });
        assert_eq!(enseignant.admet(attendent(99, 1_999 * MIO), 2 * MIO), trop);
    }

    #[test]
    fn what_is_joined_counts_among_the_files_of_two_days() {
        let joined = |recents| Deposes { recents, ..Deposes::default() };
        for (who, most) in [(Deposant::EleveOuFamille, 100), (Deposant::Personnel, 1_000)] {
            assert_eq!(who.admet(joined(most - 1), 1), Ok(()));
            assert_eq!(who.admet(joined(most), 1), Err(RefusPiece::TropDeDepots));
        }
    }
}
