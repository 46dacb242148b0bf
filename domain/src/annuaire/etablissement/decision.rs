//! What an établissement decides.

use super::super::paroles::{Fait, Paroles, Retrait, Suite};
use super::super::{Auditoire, FicheEtablissement, Matiere, Origine, Parole, Provenance, Source, Uai};
use super::fait::{Attribution, DitEtablissement, ObjetEtablissement, Ouverture};
use super::{Etablissement, EtablissementEvent, RefusEtablissement};
use crate::{AnneeScolaire, DivisionId, EnseignementId, GroupeId, PersonneId, texte};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Longest name or code, in characters.
const TEXTE_MAX: usize = 200;

pub(super) type Decision = Result<Vec<EtablissementEvent>, RefusEtablissement>;

impl Etablissement {
    pub(super) fn enregistrer(&self, uai: Uai, fiche: &FicheEtablissement, parole: &Parole) -> Decision {
        let fiche = FicheEtablissement {
            nom: texte("nom", &fiche.nom)?,
            nature: texte("nature", &fiche.nature)?,
            academie: texte("academie", &fiche.academie)?,
            commune: texte("commune", &fiche.commune)?,
        };
        let provenance = parole.provenance.clone();
        match &self.uai {
            None => Ok(vec![EtablissementEvent::EtablissementEnregistre { uai, fiche, provenance }]),
            Some(known) if *known != uai => Err(RefusEtablissement::UaiDifferent { uai: known.clone() }),
            Some(_) => Ok(suivre(
                &self.fiche,
                parole,
                fiche,
                |fiche, provenance| EtablissementEvent::EtablissementActualise { fiche, provenance },
                DitEtablissement::Fiche,
            )),
        }
    }

    pub(super) fn reconnaitre(&self, source: Source) -> Decision {
        self.uai()?;
        if self.sources.contains(&source) {
            return Ok(vec![]);
        }
        let autre_cle =
            |connue: &Source| (connue.origine, &connue.portee) == (source.origine, &source.portee);
        if self.sources.iter().any(autre_cle) {
            return Err(RefusEtablissement::CleDifferente);
        }
        Ok(vec![EtablissementEvent::EtablissementReconnu { source }])
    }

    pub(super) fn ouvrir_division(
        &self,
        code: &str,
        libelle: &str,
        mef: Option<&str>,
        parole: &Parole,
    ) -> Decision {
        let code = texte("code", code)?;
        let libelle = texte("libelle", libelle)?;
        let mef = mef.map(|mef| texte("mef", mef)).transpose()?;
        let division = self.uai()?.division(&code);
        let Some(paroles) = self.divisions.get(&division) else {
            let provenance = parole.provenance.clone();
            return Ok(vec![EtablissementEvent::DivisionOuverte {
                division,
                code,
                libelle,
                mef,
                provenance,
            }]);
        };
        Ok(suivre(
            paroles,
            parole,
            Ouverture { libelle, mef },
            |Ouverture { libelle, mef }, provenance| EtablissementEvent::DivisionActualisee {
                division,
                libelle,
                mef,
                provenance,
            },
            |Ouverture { libelle, mef }| DitEtablissement::Division { division, libelle, mef },
        ))
    }

    pub(super) fn attribuer(
        &self,
        division: &str,
        matiere: &Matiere,
        enseignant: PersonneId,
        principal: bool,
        parole: &Parole,
    ) -> Decision {
        let uai = self.uai()?;
        let code = texte("division", division)?;
        let matiere = nommee(matiere)?;
        let division = uai.division(&code);
        if !self.divisions.contains_key(&division) {
            return Err(RefusEtablissement::DivisionInconnue);
        }
        let enseignement = uai.enseignement(&code, &matiere.code);
        let dit = Attribution { auditoire: division.into(), matiere, principal };
        Ok(self.enseigner((enseignement, enseignant), dit, parole))
    }

    pub(super) fn attribuer_au_groupe(
        &self,
        (annee, code): (AnneeScolaire, &str),
        matiere: &Matiere,
        enseignant: PersonneId,
        parole: &Parole,
    ) -> Decision {
        let uai = self.uai()?;
        let (code, matiere) = (texte("groupe", code)?, nommee(matiere)?);
        // A feed may go on telling the year that has ended: its groupes are not declared anew either.
        if self.annee.is_some_and(|tournee| annee < tournee) {
            return Ok(vec![]);
        }
        let groupe = uai.groupe(annee, &code);
        if !self.groupes.contains_key(&groupe) {
            return Err(RefusEtablissement::GroupeNonDeclare);
        }
        let enseignement = groupe.enseignement(&matiere.code);
        let dit = Attribution { auditoire: groupe.into(), matiere, principal: false };
        Ok(self.enseigner((enseignement, enseignant), dit, parole))
    }

    fn enseigner(
        &self,
        (enseignement, enseignant): (EnseignementId, PersonneId),
        dit: Attribution,
        parole: &Parole,
    ) -> Vec<EtablissementEvent> {
        let inconnue = Paroles::default();
        let paroles = self.attributions.get(&(enseignement, enseignant)).unwrap_or(&inconnue);
        suivre(paroles, parole, dit, attribue(enseignement, enseignant), |dit| {
            let Attribution { auditoire, matiere, principal } = dit;
            DitEtablissement::Enseignement { enseignement, auditoire, matiere, enseignant, principal }
        })
    }

    pub(super) fn limiter(
        &self,
        enseignant: Option<PersonneId>,
        sauf: &BTreeSet<(EnseignementId, PersonneId)>,
        parole: &Parole,
    ) -> Decision {
        self.uai()?;
        let vises = self.attributions.iter().filter(|(cle, _)| {
            enseignant.is_none_or(|enseignant| enseignant == cle.1) && !sauf.contains(cle)
        });
        Ok(vises.flat_map(|(cle, paroles)| retirer(*cle, paroles, parole)).collect())
    }

    pub(super) fn quitter(&self, enseignant: PersonneId, le: NaiveDate) -> Decision {
        self.uai()?;
        let siens = self.attributions.iter().filter(|(cle, _)| cle.1 == enseignant);
        let tus = siens.flat_map(|(cle, paroles)| {
            let main = paroles.emetteurs().find(|qui| qui.origine == Origine::Saisie).cloned();
            let tue = main.map(|main| Parole { provenance: main.into(), le });
            tue.into_iter().flat_map(|tue| retirer(*cle, paroles, &tue))
        });
        Ok(tus.collect())
    }

    pub(super) fn tourner(
        &self,
        divisions: &BTreeSet<DivisionId>,
        sauf: &BTreeSet<(EnseignementId, PersonneId)>,
    ) -> Decision {
        self.uai()?;
        let tournee = |auditoire: Auditoire| auditoire.division().is_some_and(|one| divisions.contains(&one));
        let vises = self.enseignes(tournee).filter(|cle| !sauf.contains(cle));
        Ok(vises.map(retire).collect())
    }

    /// A groupe is no more, and nothing is taught to it any more, whoever said so.
    pub(super) fn finir(&self, groupe: GroupeId) -> Vec<EtablissementEvent> {
        let retires = self.enseignes(|auditoire| auditoire.groupe() == Some(groupe)).map(retire);
        retires.chain([EtablissementEvent::GroupeAbandonne { groupe }]).collect()
    }

    /// What is taught to whom is wanted.
    fn enseignes(
        &self,
        voulu: impl Fn(Auditoire) -> bool,
    ) -> impl Iterator<Item = (EnseignementId, PersonneId)> {
        let vises = self.attributions.iter();
        let vises =
            vises.filter(move |(_, paroles)| paroles.en_vigueur().is_some_and(|dit| voulu(dit.auditoire)));
        vises.map(|(cle, _)| *cle)
    }

    pub(super) fn uai(&self) -> Result<&Uai, RefusEtablissement> {
        self.uai.as_ref().ok_or(RefusEtablissement::EtablissementInconnu)
    }
}

/// The events by which a source says no more that a teacher teaches something.
fn retirer(
    (enseignement, enseignant): (EnseignementId, PersonneId),
    paroles: &Paroles<Attribution>,
    parole: &Parole,
) -> Vec<EtablissementEvent> {
    let objet = ObjetEtablissement::Enseignement { enseignement, enseignant };
    let retiree = EtablissementEvent::ParoleRetiree { objet, provenance: parole.provenance.clone() };
    match paroles.taire(parole) {
        None => vec![],
        Some(Retrait::Fin) => vec![retire((enseignement, enseignant))],
        Some(Retrait::Inchange) => vec![retiree],
        Some(Retrait::Succession(suivante, apres)) => {
            vec![retiree, attribue(enseignement, enseignant)(apres, suivante.into())]
        }
    }
}

/// The events by which a source says something: what is in force from now on, and what was said
/// where that is another thing.
pub(super) fn suivre<T: Fait>(
    paroles: &Paroles<T>,
    parole: &Parole,
    dit: T,
    en_vigueur: impl Fn(T, Provenance) -> EtablissementEvent,
    entendu: impl Fn(T) -> DitEtablissement,
) -> Vec<EtablissementEvent> {
    let Some(Suite { nouveau, a_part }) = paroles.dire(parole, &dit) else { return vec![] };
    let provenance = &parole.provenance;
    let change = nouveau.map(|nouveau| en_vigueur(nouveau, provenance.clone()));
    let a_part = a_part
        .then(|| EtablissementEvent::ParoleEntendue { dit: entendu(dit), provenance: provenance.clone() });
    change.into_iter().chain(a_part).collect()
}

fn attribue(
    enseignement: EnseignementId,
    enseignant: PersonneId,
) -> impl Fn(Attribution, Provenance) -> EtablissementEvent {
    move |dit: Attribution, provenance| {
        let Attribution { auditoire, matiere, principal } = dit;
        EtablissementEvent::EnseignementAttribue {
            enseignement,
            auditoire,
            matiere,
            enseignant,
            principal,
            provenance,
        }
    }
}

fn retire((enseignement, enseignant): (EnseignementId, PersonneId)) -> EtablissementEvent {
    EtablissementEvent::EnseignementRetire { enseignement, enseignant }
}

/// A matière whose code and name the directory can have.
fn nommee(matiere: &Matiere) -> Result<Matiere, RefusEtablissement> {
    Ok(Matiere {
        code: texte("matiere.code", &matiere.code)?,
        libelle: texte("matiere.libelle", &matiere.libelle)?,
    })
}

pub(super) fn texte(champ: &'static str, text: &str) -> Result<String, RefusEtablissement> {
    texte::line(text, TEXTE_MAX).ok_or(RefusEtablissement::TexteInvalide { champ })
}
