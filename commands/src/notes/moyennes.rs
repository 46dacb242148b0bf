//! The averages of a division in a period: as they stand, for its teachers and its conseil de
//! classe, and as families read them; and those of a groupe, for who teaches it.

use super::Classe;
use super::fiches::Listees;
use crate::{Commands, UseCaseError};
use chrono::{DateTime, NaiveDate, Utc};
use domain::notes::{
    Arrets, DivisionArretee, FichePeriode, MatiereEnseignee, PolitiqueVersionnee, Releve, ReleveDeMatiere,
};
use domain::{AnneeScolaire, EnseignementId, PersonneId, journee};
use projections::annuaire::{Annuaire, Enseignement, Histoire, Personne};
use projections::notes::{Bulletins, Champ, Notes, Periodes, Vue};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The averages of a division in a period, and whom they are of.
#[derive(Debug, Clone)]
pub struct Chiffres {
    /// Its pupils, in the order of the class list.
    pub eleves: Vec<Personne>,
    /// Their averages.
    pub releve: Releve,
    /// What any of them was taught in the period in another division, or in a groupe.
    pub ailleurs: Vec<Enseignement>,
}

/// A division in a period, and by which policy it is averaged.
struct Cadre<'a> {
    classe: &'a Classe,
    fiche: &'a FichePeriode,
    politique: PolitiqueVersionnee,
}

/// Pupils, and what any of them was taught in the period in another division, or in a groupe.
struct Cohorte {
    eleves: BTreeSet<PersonneId>,
    listees: Listees,
    ailleurs: Vec<Enseignement>,
    /// Of whom teachers of groupes have written in what.
    ecrites: BTreeSet<(EnseignementId, PersonneId)>,
}

impl Cohorte {
    /// All that they were taught, here and elsewhere.
    fn suivis<'a>(&'a self, classe: &'a Classe) -> impl Iterator<Item = &'a Enseignement> {
        classe.enseignements.iter().chain(&self.ailleurs)
    }
}

impl Commands {
    /// The averages of a division in a period, of all marks as they stand. Its pupils are those of
    /// its last day, with all marks that they got in it, under whichever fiche. Of whom something is written
    /// in what a groupe is taught, there is a line of it, as there is of what the division is taught.
    pub async fn chiffres(&self, classe: &Classe, fiche: &FichePeriode) -> Result<Chiffres, UseCaseError> {
        let cadre = self.cadre(classe, fiche).await?;
        let eleves = Histoire::classe(&self.views, classe.division.id, &[fiche.fin]).await?;
        let cohorte = self.cohorte(&cadre, &ids(&eleves)).await?;
        let cohorte = self.avec_les_ecrites(&cadre, cohorte).await?;
        let vues: Vec<Vue> = cohorte.suivis(classe).map(|row| (row.id, None)).collect();
        let releve = self.releve(&cadre, &cohorte, &vues, self.now()).await?;
        Ok(Chiffres { eleves, releve, ailleurs: cohorte.ailleurs })
    }

    /// The averages of a groupe in what it is taught, of all marks as they stand: of each of its pupils in
    /// the period of his or her division, and how they are spread over the groupe; with the days from the
    /// first of these periods to the last one.
    pub async fn chiffres_du_groupe(
        &self,
        enseignement: &Enseignement,
        quand: (AnneeScolaire, u16),
    ) -> Result<(Chiffres, (NaiveDate, NaiveDate)), UseCaseError> {
        let (auditoire, place) = (enseignement.auditoire, enseignement.etablissement);
        let listed = self.inscrits(auditoire, &[self.today()]).await?.into_iter().collect::<Vec<_>>();
        let (mut eleves, mut moyennes, mut jours) = (Vec::new(), BTreeMap::new(), None);
        for fiche in self.periodes_des(place, &listed, quand).await? {
            let Some(classe) = self.classe(fiche.division.0).await? else { continue };
            let of_division = self.chiffres(&classe.avec_le_seul(enseignement), &fiche).await?;
            let membres = self.inscrits(auditoire, &[fiche.fin]).await?;
            let releves = of_division.releve.matieres.into_iter();
            let theirs = releves.filter(|it| it.matiere.enseignement.0 == enseignement.id);
            moyennes.extend(theirs.flat_map(|it| it.moyennes).filter(|(eleve, _)| membres.contains(eleve)));
            eleves.extend(of_division.eleves.into_iter().filter(|one| membres.contains(&PersonneId(one.id))));
            let (debut, fin) = jours.unwrap_or(fiche.jours());
            jours = Some((fiche.debut.min(debut), fiche.fin.max(fin)));
        }
        eleves.sort_by(|one: &Personne, other| {
            (&one.nom, &one.prenom, one.id).cmp(&(&other.nom, &other.prenom, other.id))
        });
        let politique = Periodes::politique_au(&self.views, place, self.today()).await?;
        let releve = ReleveDeMatiere::du_groupe(&politique, self.now(), matiere(enseignement), moyennes);
        let releve = Releve { matieres: vec![releve], generales: BTreeMap::new(), repartition: None };
        let today = self.today();
        Ok((Chiffres { eleves, releve, ailleurs: vec![] }, jours.unwrap_or((today, today))))
    }

    /// The averages of a pupil as the family saw them at an instant, with the figures of the division
    /// that it then read.
    pub async fn moyennes_vues(
        &self,
        classe: &Classe,
        fiche: &FichePeriode,
        eleve: PersonneId,
        vu_le: DateTime<Utc>,
    ) -> Result<Releve, UseCaseError> {
        let cadre = self.cadre(classe, fiche).await?;
        let cohorte = self.cohorte(&cadre, &[eleve.0]).await?;
        let vues: Vec<Vue> = cohorte.suivis(classe).map(|row| (row.id, Some(vu_le))).collect();
        let releve = self.releve(&cadre, &cohorte, &vues, vu_le).await?;
        Ok(releve.vu_des_familles(&self.arretee(&cadre, vu_le).await?))
    }

    /// The same as [`Self::chiffres`], with the figures of the division that bulletins tell.
    pub(super) async fn chiffres_des_bulletins(
        &self,
        classe: &Classe,
        fiche: &FichePeriode,
    ) -> Result<Chiffres, UseCaseError> {
        let Chiffres { eleves, releve, ailleurs } = self.chiffres(classe, fiche).await?;
        let cadre = self.cadre(classe, fiche).await?;
        let division = self.arretee(&cadre, self.now()).await?;
        Ok(Chiffres { eleves, releve: releve.au_bulletin(&division), ailleurs })
    }

    /// What families read of a division at an instant. Once its bulletins are frozen nothing new is
    /// arrêté: who compared it with what these say would read a correction in it.
    async fn arretee(
        &self,
        cadre: &Cadre<'_>,
        vu_le: DateTime<Utc>,
    ) -> Result<DivisionArretee, UseCaseError> {
        let Cadre { classe, fiche, politique } = cadre;
        let fige_le = Bulletins::fige_le(&self.views, fiche.periode().0).await?;
        let vu_le = fige_le.map_or(vu_le, |fige_le| fige_le.min(vu_le));
        let taught: Vec<_> = classe.enseignements.iter().map(|row| row.id).collect();
        let mut parues = Notes::parues(&self.views, &taught, fiche.jours(), vu_le).await?;
        parues.retain(|parue| {
            let of = classe.enseignements.iter().find(|row| row.id == parue.enseignement.0);
            of.is_some_and(|row| parue.pese(politique, &row.matiere_code))
        });
        let Some(arrets) = Arrets::de(&parues, vu_le) else { return Ok(DivisionArretee::default()) };
        let jour = journee(arrets.premier).min(fiche.fin);
        let eleves = Histoire::classe(&self.views, classe.division.id, &[jour]).await?;
        let cohorte = self.cohorte(cadre, &ids(&eleves)).await?;
        // What was taught elsewhere counts with the same matière here, and as of the same instant.
        let arret = |row: &Enseignement| {
            let here = classe.enseignements.iter().find(|here| here.matiere_code == row.matiere_code);
            let counted = if taught.contains(&row.id) { Some(row) } else { here };
            let le = arrets.derniers.get(&EnseignementId(counted?.id))?;
            Some((row.id, Some(*le)))
        };
        let vues: Vec<Vue> = cohorte.suivis(classe).filter_map(arret).collect();
        let releve = self.releve(cadre, &cohorte, &vues, vu_le).await?;
        Ok(DivisionArretee::de(politique, &arrets, &releve))
    }

    async fn releve(
        &self,
        cadre: &Cadre<'_>,
        cohorte: &Cohorte,
        vues: &[Vue],
        au: DateTime<Utc>,
    ) -> Result<Releve, UseCaseError> {
        let Cadre { classe, fiche, politique } = cadre;
        let fiches = cohorte.listees.fiches();
        let champ = Champ { vues, eleves: &fiches, debut: fiche.debut, fin: fiche.fin };
        let mut resultats = cohorte.listees.reunir(Notes::comptees(&self.views, champ).await?);
        for written in &cohorte.ecrites {
            resultats.entry(*written).or_default();
        }
        let enseignees = classe.enseignements.iter().map(matiere).collect();
        let matieres = (enseignees, cohorte.ailleurs.iter().map(matiere).collect());
        Ok(Releve::calculer(politique, au, matieres, &cohorte.eleves, resultats))
    }

    /// A period that was locked keeps the policy that was named then.
    async fn cadre<'a>(
        &self,
        classe: &'a Classe,
        fiche: &'a FichePeriode,
    ) -> Result<Cadre<'a>, UseCaseError> {
        let politique = match Periodes::by_id(&self.views, fiche.periode().0).await? {
            Some(locked) if !locked.is_open() => locked.politique,
            _ => {
                let (place, today) = (classe.division.etablissement, self.today());
                Periodes::politique_au(&self.views, place, today).await?
            }
        };
        Ok(Cadre { classe, fiche, politique })
    }

    async fn cohorte(&self, cadre: &Cadre<'_>, listed: &[Uuid]) -> Result<Cohorte, UseCaseError> {
        let listees = self.listees(listed).await?;
        let ailleurs = self.suivis_ailleurs(cadre, &listees.fiches()).await?;
        let eleves = listed.iter().copied().map(PersonneId).collect();
        Ok(Cohorte { eleves, listees, ailleurs, ecrites: BTreeSet::new() })
    }

    /// The same pupils, with what teachers of groupes have written of them in the period.
    async fn avec_les_ecrites(&self, cadre: &Cadre<'_>, cohorte: Cohorte) -> Result<Cohorte, UseCaseError> {
        let Cadre { classe, fiche, .. } = cadre;
        let written = self.appreciations(fiche.periode(), &cohorte.listees).await?;
        let known: BTreeSet<Uuid> = cohorte.suivis(classe).map(|row| row.id).collect();
        let others: BTreeSet<Uuid> = written.keys().map(|(taught, _)| taught.0).collect();
        let others: Vec<Uuid> = others.difference(&known).copied().collect();
        let mut ailleurs = cohorte.ailleurs;
        if !others.is_empty() {
            let mut rows = Annuaire::enseignements(&self.views, &others).await?;
            rows.retain(|row| row.auditoire.groupe().is_some());
            rows.sort_by_cached_key(|row| (row.matiere_libelle.clone(), row.id));
            ailleurs.extend(rows);
        }
        let of_groupes = ailleurs.iter().filter(|row| row.auditoire.groupe().is_some());
        let of_groupes: BTreeSet<_> = of_groupes.map(|row| EnseignementId(row.id)).collect();
        let ecrites = written.into_keys().filter(|(taught, _)| of_groupes.contains(taught)).collect();
        Ok(Cohorte { ailleurs, ecrites, ..cohorte })
    }

    /// What pupils of a division were taught in another one of theirs in a period, and what they were marked
    /// in in groupes: the matière of a groupe that is taught here too counts in it, and any other is a line
    /// of its own.
    async fn suivis_ailleurs(
        &self,
        cadre: &Cadre<'_>,
        eleves: &[Uuid],
    ) -> Result<Vec<Enseignement>, UseCaseError> {
        let (division, days) = (&cadre.classe.division, cadre.fiche.jours());
        let mut divisions =
            Histoire::divisions_entre(&self.views, division.etablissement, eleves, days).await?;
        divisions.retain(|other| *other != division.id);
        let mut found = match divisions.as_slice() {
            [] => vec![],
            others => Annuaire::enseignements_of(&self.views, others).await?,
        };
        let marked = Notes::en_groupe(&self.views, division.etablissement, eleves, days).await?;
        if !marked.is_empty() {
            let mut rows = Annuaire::enseignements(&self.views, &marked).await?;
            let here = &cadre.classe.enseignements;
            let is_here = |row: &Enseignement| here.iter().any(|taught| taught.id == row.id);
            rows.retain(|row| !is_here(row));
            rows.sort_by_cached_key(|row| (row.matiere_libelle.clone(), row.id));
            found.extend(rows);
        }
        Ok(found)
    }
}

fn matiere(row: &Enseignement) -> MatiereEnseignee {
    MatiereEnseignee {
        enseignement: EnseignementId(row.id),
        code: row.matiere_code.clone(),
        libelle: row.matiere_libelle.clone(),
    }
}

fn ids(eleves: &[Personne]) -> Vec<Uuid> {
    eleves.iter().map(|eleve| eleve.id).collect()
}
