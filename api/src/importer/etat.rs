//! What the directory knows of one établissement, before one of its own sources is imported.

use super::rapprochement::{Rapprochement, Trouve, sans_accents};
use chrono::NaiveDate;
use domain::annuaire::{Academie, Origine, Source, Uai};
use domain::{EtablissementId, PersonneId};
use projections::annuaire::{Annuaire, Sources};
use sqlx::PgPool;
use std::collections::{BTreeSet, HashMap};

/// See the module. Empty where nothing is known.
#[derive(Debug, Default)]
pub struct Etat {
    /// Its académie, once it is in the directory.
    pub academie: Option<Academie>,
    /// Codes of its divisions.
    pub divisions: BTreeSet<String>,
    /// By key of the source.
    connues: HashMap<String, PersonneId>,
    /// Those whom the source has not named yet.
    inconnues: Rapprochement,
    /// Those whom STS has named by a number without a register.
    sans_registre: Rapprochement,
    /// By the directory's own id, which a list that it wrote brings back.
    par_id: HashMap<String, PersonneId>,
    /// By pupil and name, who answers for the pupil.
    adultes: HashMap<(PersonneId, String), Vec<PersonneId>>,
}

impl Etat {
    /// Of this établissement, for this source.
    pub async fn charger(views: &PgPool, origine: Origine, uai: &Uai) -> sqlx::Result<Self> {
        let Some(connu) = Annuaire::par_uai(views, uai.as_str()).await? else { return Ok(Self::default()) };
        let divisions = Annuaire::divisions_of(views, &[connu.id]).await?;
        let connues = Sources::personnes(views, origine, uai.as_str()).await?;
        let inconnues = Annuaire::inconnus_de(views, &[connu.id], origine, uai.as_str()).await?;
        let sans_registre = match origine {
            Origine::Sts => Annuaire::sans_registre_de(views, connu.id, uai.as_str()).await?,
            Origine::Aaf | Origine::Siecle | Origine::Csv | Origine::Saisie => vec![],
        };
        let mut par_id: HashMap<_, _> =
            inconnues.iter().map(|une| (une.personne.to_string(), PersonneId(une.personne))).collect();
        let mut adultes: HashMap<_, Vec<PersonneId>> = HashMap::new();
        for adulte in Annuaire::adultes_de(views, connu.id).await? {
            let cle = (PersonneId(adulte.eleve), nom_entier(&adulte.nom, &adulte.prenom));
            adultes.entry(cle).or_default().push(PersonneId(adulte.responsable));
            par_id.insert(adulte.responsable.to_string(), PersonneId(adulte.responsable));
        }
        Ok(Self {
            academie: connu.academie.parse().ok(),
            divisions: divisions.into_iter().map(|row| row.code).collect(),
            connues: connues.into_iter().map(|cle| (cle.cle, PersonneId(cle.id))).collect(),
            inconnues: Rapprochement::parmi(inconnues),
            sans_registre: Rapprochement::parmi(sans_registre),
            par_id,
            adultes,
        })
    }

    /// Whom the source names by this key: known under it, or found by identity.
    pub fn trouver(
        &self,
        cle: &str,
        etablissement: EtablissementId,
        noms: &[&str],
        prenom: &str,
        naissance: Option<NaiveDate>,
    ) -> Trouve {
        match self.connues.get(cle).or_else(|| self.par_id.get(cle)) {
            Some(personne) => Trouve::Un(*personne),
            None => self.inconnues.chercher([etablissement], noms, prenom, naissance),
        }
    }

    /// The same, of STS: whom it named by the same number before registers were read is found by
    /// identity too, since in another register the number is another's.
    pub fn trouver_au_registre(
        &self,
        cle: &str,
        etablissement: EtablissementId,
        noms: &[&str],
        prenom: &str,
        naissance: Option<NaiveDate>,
    ) -> Trouve {
        let found = self.trouver(cle, etablissement, noms, prenom, naissance);
        if found != Trouve::Personne {
            return found;
        }
        let known = self.connues.get(Source::sans_registre(cle));
        match self.sans_registre.chercher([etablissement], noms, prenom, naissance) {
            Trouve::Un(personne) if known == Some(&personne) => Trouve::Un(personne),
            Trouve::Un(_) | Trouve::Personne | Trouve::Plusieurs => Trouve::Personne,
        }
    }

    /// All whom the source has named by a key that begins so.
    pub fn connues_sous(&self, debut: &str) -> impl Iterator<Item = PersonneId> {
        self.connues.iter().filter(move |(cle, _)| cle.starts_with(debut)).map(|(_, personne)| *personne)
    }

    /// Whom the source names by this key: known under it, or of that name among who answers for
    /// these pupils.
    pub fn trouver_adulte(&self, cle: &str, eleves: &[PersonneId], noms: &[&str], prenom: &str) -> Trouve {
        if let Some(personne) = self.connues.get(cle) {
            return Trouve::Un(*personne);
        }
        let mut trouves: BTreeSet<PersonneId> = BTreeSet::new();
        for eleve in eleves {
            for nom in noms {
                trouves.extend(self.adultes.get(&(*eleve, nom_entier(nom, prenom))).into_iter().flatten());
            }
        }
        match trouves.into_iter().collect::<Vec<_>>().as_slice() {
            [] => Trouve::Personne,
            [un] => Trouve::Un(*un),
            [_, _, ..] => Trouve::Plusieurs,
        }
    }
}

fn nom_entier(nom: &str, prenom: &str) -> String {
    format!("{} {}", sans_accents(nom), sans_accents(prenom))
}
