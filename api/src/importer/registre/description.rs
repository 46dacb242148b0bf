//! What there is to say of an établissement, once a feed has been read so far.

use super::{Etablissement, Registre};
use commands::annuaire::{DivisionDecrite, EnseignementDecrit, EtablissementDecrit, GroupesDecrits, Limite};
use domain::PersonneId;
use domain::annuaire::{Matiere, Origine, Source};
use std::collections::BTreeSet;

impl Registre {
    /// What there is to say now of the établissement with this key.
    pub fn decrire(&self, jointure: &str, etablissement: &Etablissement) -> EtablissementDecrit {
        let Etablissement { uai, fiche, divisions, enseignements, groupes, .. } = etablissement;
        let divisions = divisions.iter().map(|(code, (libelle, mefs))| DivisionDecrite {
            code: code.clone(),
            libelle: libelle.clone(),
            mef: mefs.first().map(|mef| self.mefs.get(mef).unwrap_or(mef).clone()),
        });
        let enseignements =
            enseignements.iter().map(|((auditoire, code, enseignant), principal)| EnseignementDecrit {
                auditoire: auditoire.clone(),
                matiere: Matiere {
                    code: code.clone(),
                    libelle: self.matiere(code).unwrap_or(code).to_owned(),
                },
                enseignant: *enseignant,
                principal: *principal,
            });
        let source = self.academie.map(|academie| Source {
            origine: Origine::Aaf,
            portee: academie.nom().to_owned(),
            cle: jointure.to_owned(),
        });
        let connu = |attribution: &EnseignementDecrit| self.personnes.contains(&attribution.enseignant);
        EtablissementDecrit {
            uai: uai.clone(),
            fiche: Some(fiche.clone()),
            source,
            divisions: divisions.collect(),
            groupes: groupes.clone().map(|groupes| GroupesDecrits { groupes, entiers: true }),
            enseignements: enseignements.filter(connu).collect(),
            limite: Limite::Aucune,
        }
    }

    /// What ends at an établissement, of which `decrit` says all that is taught. Where these teach
    /// and some of their entries are refused, it ends teacher by teacher: a refusal takes nothing
    /// from anybody. An entry that does not say of whom it is may be anybody's.
    pub fn limiter(
        &self,
        decrit: EtablissementDecrit,
        enseignants: Option<&BTreeSet<PersonneId>>,
    ) -> Vec<EtablissementDecrit> {
        if self.sans_cle {
            return vec![decrit];
        }
        let Some(enseignants) = enseignants else {
            return vec![EtablissementDecrit { limite: Limite::Etablissement, ..decrit }];
        };
        let entendus =
            enseignants.iter().filter(|qui| self.personnes.contains(*qui) || !self.cites.contains(*qui));
        let chacun: Vec<_> = entendus.map(|qui| seul(&decrit, *qui)).collect();
        std::iter::once(decrit).chain(chacun).collect()
    }
}

/// Of all that is taught somewhere, what one teacher teaches.
fn seul(decrit: &EtablissementDecrit, enseignant: PersonneId) -> EtablissementDecrit {
    let siens = decrit.enseignements.iter().filter(|un| un.enseignant == enseignant);
    EtablissementDecrit {
        uai: decrit.uai.clone(),
        fiche: None,
        source: None,
        divisions: Vec::new(),
        groupes: None,
        enseignements: siens.cloned().collect(),
        limite: Limite::Enseignant(enseignant),
    }
}
