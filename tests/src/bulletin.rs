//! What a bulletin says, in tests that are not about that.

use crate::PORTAIL;
use chrono::{DateTime, Utc};
use domain::EtablissementId;
use domain::notes::{
    ContenuBulletin, DivisionDuBulletin, EleveDuBulletin, EtablissementDuBulletin, Examen, FichePeriode,
    PolitiqueVersionnee, moyenne,
};

/// A bulletin of this period without a mark, and with these words of the conseil.
pub fn contenu(periode: FichePeriode, synthese: &str) -> ContenuBulletin {
    ContenuBulletin {
        etablissement: EtablissementDuBulletin {
            etablissement: EtablissementId::derived(&["collège"]),
            uai: PORTAIL.to_uppercase(),
            nom: "Collège".to_owned(),
            commune: "Lyon".to_owned(),
            academie: "LYON".to_owned(),
        },
        division: DivisionDuBulletin {
            division: periode.division,
            code: "6A".to_owned(),
            libelle: "Sixième A".to_owned(),
            mef: None,
        },
        periode,
        eleve: EleveDuBulletin { nom: "Fictif".to_owned(), prenom: "Alix".to_owned(), naissance: None },
        enseignements: vec![],
        generale: moyenne(&PolitiqueVersionnee::default(), DateTime::<Utc>::UNIX_EPOCH, vec![]),
        generale_de_la_division: None,
        conseil: Examen { synthese: Some(synthese.to_owned()), ..Examen::default() },
        assiduite: None,
        positionnements: vec![],
    }
}
