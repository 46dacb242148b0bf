//! What a feed has said so far, as far as later entries need it: établissements, nomenclatures,
//! the ids of the people met, and where adults answer for pupils. It is all that an import
//! holds in memory.

mod description;
mod groupes;

use super::aaf::{EtabEducNat, EtatCivil, MatiereEducNat, MefEducNat};
use super::motif::Motif;
use super::rapprochement::{Rapprochement, Trouve};
use commands::annuaire::{AuditoireDecrit, GroupeDecrit};
use domain::annuaire::{Academie, FicheEtablissement, Perimetre, Uai};
use domain::{EtablissementId, PersonneId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The person whom an académie's directory is the first source to name, under this key.
pub fn personne(academie: Academie, jointure: &str) -> PersonneId {
    PersonneId::derived(&[academie.label(), "aaf", jointure])
}

/// See the module.
#[derive(Debug, Default)]
pub struct Registre {
    academie: Option<Academie>,
    /// By key; `None` where it was rejected.
    etablissements: BTreeMap<String, Option<Etablissement>>,
    mefs: HashMap<String, String>,
    matieres: HashMap<String, String>,
    personnes: HashSet<PersonneId>,
    /// Keys of those whose id is not derived from it: another source named them first.
    autrement: HashMap<String, PersonneId>,
    /// Keys that the directory knows, of those of which it was asked.
    connues: HashSet<String>,
    /// Those whom other sources named and this one not yet.
    inconnus: Rapprochement,
    /// Keys of the adults whom the feed names, or has named.
    adultes: HashSet<Box<str>>,
    /// Keys of those whose entry is refused; nothing for one that does not say of whom it is.
    adultes_refuses: HashSet<Option<Box<str>>>,
    /// Where an adult has the right to be informed of a pupil.
    rattaches: HashMap<PersonneId, Vec<EtablissementId>>,
    /// Keys of people of whom the feed speaks, though their entry is refused.
    cites: HashSet<PersonneId>,
    /// Pupils of whom the feed could not say who answers for them.
    muets: HashSet<PersonneId>,
    /// An entry is refused that does not say of whom it is.
    sans_cle: bool,
    perimetre: Perimetre,
}

/// An établissement that is imported.
#[derive(Debug)]
pub struct Etablissement {
    /// An entry of this feed says it, and not only an earlier one.
    lu: bool,
    /// Its number.
    pub uai: Uai,
    fiche: FicheEtablissement,
    /// By code: name, and formations of the feed.
    divisions: BTreeMap<String, (String, Vec<String>)>,
    /// By auditoire, matière and teacher: whether principal.
    enseignements: BTreeMap<(AuditoireDecrit, String, PersonneId), bool>,
    /// Codes of its groupes.
    codes_de_groupes: BTreeSet<String>,
    /// The groupes that this feed declares, where it says.
    groupes: Option<Vec<GroupeDecrit>>,
}

impl Registre {
    /// Whose directory the feed is, once an établissement said so.
    pub fn academie(&self) -> Option<Academie> {
        self.academie
    }

    /// Takes an établissement, and says what could not be taken of it; or says why not.
    pub fn prendre_etablissement(&mut self, lu: EtabEducNat) -> Result<Vec<Motif>, Motif> {
        let deja = self.etablissements.get(&lu.jointure);
        if deja.is_some_and(|deja| deja.as_ref().is_none_or(|etablissement| etablissement.lu)) {
            return Err(Motif::EntreeEnDouble);
        }
        let jointure = lu.jointure.clone();
        let pris = self.verifier(lu);
        let (connu, reponse) = match pris {
            Ok((etablissement, remarques)) => (Some(etablissement), Ok(remarques)),
            Err(motif) => (None, Err(motif)),
        };
        self.etablissements.insert(jointure, connu);
        reponse
    }

    fn verifier(&mut self, lu: EtabEducNat) -> Result<(Etablissement, Vec<Motif>), Motif> {
        let uai: Uai = lu.uai.parse().map_err(Motif::UaiFaux)?;
        if self.importes().any(|(jointure, autre)| jointure != lu.jointure && autre.uai == uai) {
            return Err(Motif::EntreeEnDouble);
        }
        let academie: Academie =
            lu.academie.ok_or(Motif::AcademieAbsente)?.parse().map_err(Motif::AcademieEtrangere)?;
        let nature = lu.nature.ok_or(Motif::NatureAbsente)?;
        let commune = lu.commune.ok_or(Motif::CommuneAbsente)?;
        if *self.academie.get_or_insert(academie) != academie {
            return Err(Motif::AutreAcademie);
        }
        let fiche = FicheEtablissement { nom: lu.nom, nature, academie: academie.nom().to_owned(), commune };
        let divisions = lu.classes.into_iter().map(|classe| {
            let libelle = classe.libelle.unwrap_or_else(|| classe.code.clone());
            (classe.code, (libelle, classe.mefs))
        });
        let divisions = divisions.collect();
        let mut etablissement = Etablissement::nouveau(true, uai, fiche, divisions);
        let remarques = etablissement.declarer_groupes(lu.groupes);
        Ok((etablissement, remarques))
    }

    /// Remembers an établissement that an earlier feed said.
    pub fn se_souvenir(
        &mut self,
        jointure: String,
        uai: Uai,
        fiche: FicheEtablissement,
        divisions: impl IntoIterator<Item = (String, String, Option<String>)>,
        groupes: BTreeSet<String>,
    ) {
        let divisions =
            divisions.into_iter().map(|(code, libelle, mef)| (code, (libelle, mef.into_iter().collect())));
        let divisions = divisions.collect();
        let connu = Etablissement {
            codes_de_groupes: groupes,
            ..Etablissement::nouveau(false, uai, fiche, divisions)
        };
        self.etablissements.insert(jointure, Some(connu));
    }

    /// Forgets an établissement that the directory refused.
    pub fn rejeter_etablissement(&mut self, jointure: &str) {
        if let Some(connu) = self.etablissements.get_mut(jointure) {
            *connu = None;
        }
    }

    /// The établissements that are imported, by key.
    pub fn importes(&self) -> impl Iterator<Item = (&str, &Etablissement)> {
        let connus = self.etablissements.iter();
        connus.filter_map(|(jointure, connu)| Some((jointure.as_str(), connu.as_ref()?)))
    }

    /// Their ids.
    pub fn ids(&self) -> BTreeSet<EtablissementId> {
        self.importes().map(|(_, connu)| connu.uai.etablissement()).collect()
    }

    /// Remembers whose directory earlier feeds were.
    pub fn etre_de(&mut self, academie: Academie) {
        self.academie = Some(academie);
    }

    /// From now on the feed speaks of the établissements that were read, and of no other.
    pub fn delimiter(&mut self) -> Perimetre {
        self.perimetre = Perimetre::new(self.ids());
        self.perimetre.clone()
    }

    /// The établissements of which the feed speaks.
    pub fn perimetre(&self) -> Perimetre {
        self.perimetre.clone()
    }

    /// The établissement with this key, or why it cannot be had.
    pub fn etablissement(&mut self, jointure: &str) -> Result<&mut Etablissement, Motif> {
        match self.etablissements.get_mut(jointure) {
            Some(Some(connu)) => Ok(connu),
            Some(None) => Err(Motif::EtablissementRejete),
            None => Err(Motif::EtablissementInconnu),
        }
    }

    /// Takes a formation.
    pub fn prendre_mef(&mut self, mef: MefEducNat) {
        self.mefs.insert(mef.code.clone(), mef.rattachement.unwrap_or(mef.code));
    }

    /// Takes a matière.
    pub fn prendre_matiere(&mut self, matiere: MatiereEducNat) {
        self.matieres.insert(matiere.code, matiere.libelle);
    }

    /// Remembers the name of a matière that an earlier feed said.
    pub fn se_souvenir_de_la_matiere(&mut self, code: String, libelle: String) {
        self.matieres.insert(code, libelle);
    }

    /// Name of a matière.
    pub fn matiere(&self, code: &str) -> Option<&str> {
        self.matieres.get(code).map(String::as_str)
    }

    /// The person whom the académie's directory knows under this key.
    pub fn personne(&self, academie: Academie, jointure: &str) -> PersonneId {
        let ailleurs = self.autrement.get(jointure).copied();
        ailleurs.unwrap_or_else(|| personne(academie, jointure))
    }

    /// Remembers that this key is that person's, whatever the key alone would give.
    pub fn reconnaitre(&mut self, academie: Academie, jointure: String, personne: PersonneId) {
        if self.personne(academie, &jointure) != personne {
            self.autrement.insert(jointure, personne);
        }
    }

    /// Remembers that the directory knows this key, and whose it is.
    pub fn connaitre(&mut self, academie: Academie, jointure: String, personne: PersonneId) {
        self.reconnaitre(academie, jointure.clone(), personne);
        self.connues.insert(jointure);
    }

    /// Those among whom a key that is new may find its person.
    pub fn chercher_parmi(&mut self, inconnus: Rapprochement) {
        self.inconnus = inconnus;
    }

    /// Whether another source names somebody so like this person that a new key would be his or
    /// hers: whether it is new is to be asked first.
    pub fn a_un_homonyme(&self, etat_civil: &EtatCivil) -> bool {
        let (noms, prenom) = (noms(etat_civil), &etat_civil.prenom);
        self.inconnus.homonymes(&noms, prenom, etat_civil.date_de_naissance).next().is_some()
    }

    /// Whether somebody else in these établissements, whom other sources name, may be this person.
    pub fn a_un_double(
        &self,
        personne: PersonneId,
        etat_civil: &EtatCivil,
        etablissements: &[EtablissementId],
    ) -> bool {
        match self.chercher(etat_civil, etablissements) {
            Trouve::Personne => false,
            Trouve::Un(trouvee) => trouvee != personne,
            Trouve::Plusieurs => true,
        }
    }

    fn chercher(&self, etat_civil: &EtatCivil, etablissements: &[EtablissementId]) -> Trouve {
        let (noms, prenom) = (noms(etat_civil), &etat_civil.prenom);
        let ou = etablissements.iter().copied();
        self.inconnus.chercher(ou, &noms, prenom, etat_civil.date_de_naissance)
    }

    /// Takes a person, in these établissements; a second entry of the same key is refused. A key
    /// that is known never changes hands.
    pub fn prendre_personne(
        &mut self,
        academie: Academie,
        jointure: &str,
        etat_civil: &EtatCivil,
        etablissements: &[EtablissementId],
    ) -> Result<PersonneId, Motif> {
        if !self.connues.contains(jointure) {
            match self.chercher(etat_civil, etablissements) {
                Trouve::Personne => {}
                Trouve::Un(connue) => self.reconnaitre(academie, jointure.to_owned(), connue),
                Trouve::Plusieurs => return Err(Motif::RapprochementAmbigu),
            }
        }
        let personne = self.personne(academie, jointure);
        if self.personnes.insert(personne) { Ok(personne) } else { Err(Motif::EntreeEnDouble) }
    }

    /// The feed speaks of somebody whose entry is refused, under one of these keys; without any
    /// nobody knows of whom.
    pub fn citer(&mut self, academie: Academie, jointures: &[&str]) {
        self.sans_cle |= jointures.is_empty();
        for jointure in jointures {
            self.cites.insert(self.personne(academie, jointure));
        }
    }

    /// Those whose entry is refused.
    pub fn refusees(&self) -> impl Iterator<Item = PersonneId> {
        self.cites.iter().filter(|personne| !self.personnes.contains(personne)).copied()
    }

    /// The feed could not say who answers for a pupil.
    pub fn taire_les_responsables(&mut self, eleve: PersonneId) {
        self.muets.insert(eleve);
    }

    /// Those of whom the feed, if they are pupils, could not say who answers for them.
    pub fn sans_responsables_dits(&self) -> Vec<PersonneId> {
        self.refusees().chain(self.muets.iter().copied()).collect()
    }

    /// Whether the feed says of everybody of whom it speaks who that is.
    pub fn nomme_chacun(&self) -> bool {
        !self.sans_cle
    }

    /// Whether the feed speaks of the person.
    pub fn parle_de(&self, personne: PersonneId) -> bool {
        self.personnes.contains(&personne) || self.cites.contains(&personne)
    }

    /// Forgets a person whom the directory refused; the feed has spoken of him or her.
    pub fn rejeter_personne(&mut self, personne: PersonneId) {
        self.personnes.remove(&personne);
        self.cites.insert(personne);
    }

    /// Remembers the keys of the adults of the feed, and of those whose entry is refused.
    pub fn prendre_adultes(&mut self, adultes: HashSet<Box<str>>, refuses: HashSet<Option<Box<str>>>) {
        (self.adultes, self.adultes_refuses) = (adultes, refuses);
    }

    /// Remembers the key of an adult whom an earlier feed named.
    pub fn se_souvenir_de_l_adulte(&mut self, jointure: &str) {
        self.adultes.insert(jointure.into());
    }

    /// Whether the feed names an adult of this key, or has named one.
    pub fn connait_adulte(&self, jointure: &str) -> bool {
        self.adultes.contains(jointure)
    }

    /// Whether the entry of this adult may be one of those that are refused.
    pub fn refuse_adulte(&self, jointure: &str) -> bool {
        self.adultes_refuses.contains(&None) || self.adultes_refuses.contains(&Some(jointure.into()))
    }

    /// An adult has the right to be informed of a pupil of these établissements.
    pub fn rattacher_adulte(&mut self, adulte: PersonneId, etablissements: &[EtablissementId]) {
        let connus = self.rattaches.entry(adulte).or_default();
        let nouveaux = etablissements.iter().filter(|id| !connus.contains(id)).copied();
        let nouveaux: Vec<_> = nouveaux.collect();
        connus.extend(nouveaux);
    }

    /// Where the pupils are of whom an adult has the right to be informed; told once.
    pub fn rattachements_de(&mut self, adulte: PersonneId) -> Vec<EtablissementId> {
        self.rattaches.remove(&adulte).unwrap_or_default()
    }

    /// The adults of whom [`Self::rattachements_de`] was not asked.
    pub fn adultes_restants(&mut self) -> HashMap<PersonneId, Vec<EtablissementId>> {
        std::mem::take(&mut self.rattaches)
    }
}

/// The names that a person bears or bore.
fn noms(etat_civil: &EtatCivil) -> Vec<&str> {
    let noms = [Some(&etat_civil.nom), etat_civil.nom_de_naissance.as_ref()];
    noms.into_iter().flatten().map(String::as_str).collect()
}

impl Etablissement {
    fn nouveau(
        lu: bool,
        uai: Uai,
        fiche: FicheEtablissement,
        divisions: BTreeMap<String, (String, Vec<String>)>,
    ) -> Self {
        Self {
            lu,
            uai,
            fiche,
            divisions,
            enseignements: BTreeMap::new(),
            codes_de_groupes: BTreeSet::new(),
            groupes: None,
        }
    }

    /// Changes what is public about it.
    pub fn actualiser(&mut self, nom: Option<String>, commune: Option<String>) {
        self.fiche.nom = nom.unwrap_or_else(|| std::mem::take(&mut self.fiche.nom));
        self.fiche.commune = commune.unwrap_or_else(|| std::mem::take(&mut self.fiche.commune));
    }

    /// Opens a division, or changes what is known of it.
    pub fn declarer_division(&mut self, code: String, libelle: Option<String>, mefs: Vec<String>) {
        let libelle = libelle.unwrap_or_else(|| code.clone());
        self.divisions.insert(code, (libelle, mefs));
    }

    /// Opens a division that somebody names and the établissement does not declare; says whether
    /// it was missing.
    pub fn ouvrir_division(&mut self, code: &str) -> bool {
        let manquait = !self.divisions.contains_key(code);
        if manquait {
            self.divisions.insert(code.to_owned(), (code.to_owned(), Vec::new()));
        }
        manquait
    }

    /// Takes an attribution of a teacher.
    pub fn prendre_attribution(
        &mut self,
        division: &str,
        matiere: &str,
        enseignant: PersonneId,
        principal: bool,
    ) {
        self.ouvrir_division(division);
        let attribution = (AuditoireDecrit::Division(division.to_owned()), matiere.to_owned(), enseignant);
        *self.enseignements.entry(attribution).or_default() |= principal;
    }
}
