//! Bulletins as the ministry's livrets: what the house knows of each pupil, put together.
//!
//! One division is read after the other, so that an établissement's year is never in memory at
//! once but as what leaves it.

use super::fiches::Listees;
use super::periodes::fiche;
use crate::{Commands, UseCaseError};
use chrono::NaiveDate;
use domain::annuaire::{Decoupage, Origine, Source};
use domain::notes::{
    BulletinFige, CadreDuLivret, EleveDuLivret, EtatDePeriode, FichePeriode, Livret, LivretLsu, Manque,
    PeriodeDeNotes, PeriodeDuLivret, PeriodeEvent, Redigeables, ScolariteLsl,
};
use domain::{Aggregate, AnneeScolaire, Event, PersonneId, journee};
use ledger::envelope::Stream;
use ledger::feed::facts_of;
use projections::annuaire::{
    Annuaire, Calendriers, Division, Enseignement, Etablissement, Groupes, Histoire, Identites, Sources,
};
use projections::identite::Comptes;
use projections::notes::{Bulletin, Bulletins, Periodes};
use projections::portails::Portails;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What leaves an établissement as a livret, and what pupils lack for it.
#[derive(Debug, Clone)]
pub struct Livrets<T> {
    /// What holds for everybody.
    pub cadre: CadreDuLivret,
    /// What is said of those who lack nothing.
    pub contenu: T,
    /// Every pupil, in the order of the class lists, with what he or she lacks.
    pub eleves: Vec<(PersonneId, Vec<Manque>)>,
}

/// Bilans for the livret scolaire unique.
pub type LivretsLsu = Livrets<LivretLsu>;
/// Years for the livret scolaire du lycée.
pub type LivretsLsl = Livrets<Vec<ScolariteLsl>>;

/// A division as a livret reads it.
struct ClasseDuLivret {
    /// In order.
    periodes: Vec<FichePeriode>,
    decoupage: Option<Decoupage>,
    eleves: Vec<EleveDuLivret>,
}

impl ClasseDuLivret {
    fn total(&self) -> u16 {
        u16::try_from(self.periodes.len()).unwrap_or(u16::MAX)
    }
}

impl Commands {
    /// The bilans of divisions of an établissement in a period.
    pub async fn livrets_lsu(
        &self,
        place: &Etablissement,
        divisions: &[Division],
        (annee, rang): (AnneeScolaire, u16),
    ) -> Result<LivretsLsu, UseCaseError> {
        let mut cadre = self.cadre_du_livret(place, annee).await?;
        let (mut contenu, mut eleves) = (LivretLsu::default(), Vec::new());
        for division in divisions.iter().filter(|row| Livret::Lsu.prend(row.mef.as_deref())) {
            let classe = self.classe_du_livret(place, division, annee, Some(rang)).await?;
            self.numeroter(&mut cadre, place, &classe).await?;
            let periode = self.periode_du_livret(&classe, division, rang).await?;
            for eleve in &classe.eleves {
                let manques = contenu.ajouter(&cadre, &periode, eleve).err().unwrap_or_default();
                eleves.push((eleve.eleve, manques));
            }
        }
        Ok(Livrets { cadre, contenu, eleves })
    }

    /// The years of pupils of divisions of a lycée.
    pub async fn livrets_lsl(
        &self,
        place: &Etablissement,
        divisions: &[Division],
        annee: AnneeScolaire,
    ) -> Result<LivretsLsl, UseCaseError> {
        let cadre = self.cadre_du_livret(place, annee).await?;
        let (mut contenu, mut eleves) = (Vec::new(), Vec::new());
        for division in divisions.iter().filter(|row| Livret::Lsl.prend(row.mef.as_deref())) {
            let classe = self.classe_du_livret(place, division, annee, None).await?;
            for eleve in &classe.eleves {
                let said = ScolariteLsl::of(&cadre, (classe.decoupage, classe.total()), eleve);
                let manques = said.map(|scolarite| contenu.push(scolarite)).err().unwrap_or_default();
                eleves.push((eleve.eleve, manques));
            }
        }
        Ok(Livrets { cadre, contenu, eleves })
    }

    /// The head of the établissement is who answers for its portal (code de l'éducation, art. R421-9).
    async fn cadre_du_livret(
        &self,
        place: &Etablissement,
        annee: AnneeScolaire,
    ) -> Result<CadreDuLivret, UseCaseError> {
        let terms = Portails::directions_on(&self.views, &[place.hote()], self.today()).await?;
        let directeurs: Vec<_> = terms.iter().map(|term| term.directeur).collect();
        let chef = Annuaire::personnes(&self.views, &directeurs).await?.pop();
        let annees = Calendriers::annees(&self.views, place.id).await?;
        Ok(CadreDuLivret {
            annee,
            chef: chef.map(|chef| format!("{} {}", chef.prenom, chef.nom)),
            rentree: annees.iter().find(|one| one.annee == annee.0).map(|one| one.debut),
            enseignants: BTreeMap::new(),
        })
    }

    /// A division with its pupils of the last day that is asked, and those of whom it has a bulletin;
    /// each once, under the listed fiche.
    async fn classe_du_livret(
        &self,
        place: &Etablissement,
        division: &Division,
        annee: AnneeScolaire,
        rang: Option<u16>,
    ) -> Result<ClasseDuLivret, UseCaseError> {
        let rows = Calendriers::periodes(&self.views, &[division.id], annee.0).await?;
        let decoupage = rows.first().and_then(|row| decoupage(&row.decoupage));
        let periodes: Vec<_> = rows.iter().filter_map(fiche).collect();
        let asked: Vec<_> = periodes.iter().filter(|one| rang.is_none_or(|rang| one.rang == rang)).collect();
        let fin = asked.iter().map(|one| one.fin).max().unwrap_or_else(|| self.today());
        let ids: Vec<_> = asked.iter().map(|one| one.periode().0).collect();
        let listed = Histoire::classe(&self.views, division.id, &[fin]).await?;
        let mut order: Vec<_> = listed.into_iter().map(|eleve| eleve.id).collect();
        let listees = self.listees(&order).await?;
        let mut rows = Bulletins::of_periodes(&self.views, &ids).await?;
        if rang.is_none() {
            rows.extend(self.bulletins_de_l_annee(place, &listees.fiches(), annee).await?);
        }
        // What was said under the listed fiche itself has the last word.
        rows.sort_by_key(|row| listees.sous(row.eleve) == row.eleve);
        let now = self.now();
        let mut bulletins: BTreeMap<Uuid, BTreeMap<u16, BulletinFige>> = BTreeMap::new();
        for row in rows.into_iter().filter(|row| row.is_visible(now)) {
            let eleve = listees.sous(row.eleve);
            let fige = BulletinFige { contenu: row.contenu, le: row.fige_le };
            bulletins.entry(eleve).or_default().insert(fige.contenu.periode.rang, fige);
        }
        let mut redigeables = match periodes.last() {
            Some(derniere) if rang.is_none() => self.redigeables(division, derniere, &listees).await?,
            _ => BTreeMap::new(),
        };
        let mut gone: Vec<_> = bulletins.keys().filter(|id| !order.contains(id)).copied().collect();
        if rang.is_none() {
            self.retenir_les_partis(&mut gone, fin).await?;
        }
        order.extend(gone);
        let numeros = self.numeros_de_siecle(place, &order).await?;
        let eleve = |id: Uuid| EleveDuLivret {
            eleve: PersonneId(id),
            siecle: numeros.get(&id).copied(),
            bulletins: bulletins.remove(&id).unwrap_or_default(),
            redigeables: redigeables.remove(&id).unwrap_or_default(),
        };
        let eleves = order.into_iter().map(eleve).collect();
        Ok(ClasseDuLivret { periodes, decoupage, eleves })
    }

    /// What those who teach a division or its groupes may still write of each of these pupils in its last
    /// period, as they have so far; nothing once its bulletins are published.
    async fn redigeables(
        &self,
        division: &Division,
        derniere: &FichePeriode,
        listees: &Listees,
    ) -> Result<BTreeMap<Uuid, Redigeables>, UseCaseError> {
        let periode = derniere.periode();
        let known = Periodes::by_id(&self.views, periode.0).await?;
        if known.is_some_and(|row| row.etat() == EtatDePeriode::Publiee) {
            return Ok(BTreeMap::new());
        }
        let today = self.today();
        let mut taught = Annuaire::enseignements_of(&self.views, &[division.id]).await?;
        taught.retain(|row| !row.enseignants(today).is_empty());
        let nothing: Redigeables = taught.iter().map(|row| (row.matiere_code.clone(), None)).collect();
        let eleves = listees.paires().into_iter().map(|(_, listee)| listee);
        let mut found: BTreeMap<_, _> = eleves.map(|eleve| (eleve, nothing.clone())).collect();
        for row in self.en_groupes(division, listees).await? {
            if row.enseignants(today).is_empty() || nothing.contains_key(&row.matiere_code) {
                continue;
            }
            for eleve in self.inscrits(row.auditoire, &[derniere.fin]).await? {
                if let Some(written) = found.get_mut(&listees.sous(eleve.0)) {
                    written.insert(row.matiere_code.clone(), None);
                }
            }
            taught.push(row);
        }
        for ((_, eleve), row) in self.appreciations(periode, listees).await? {
            let of = taught.iter().find(|one| one.id == row.enseignement);
            if let (Some(of), Some(written)) = (of, found.get_mut(&eleve.0)) {
                written.insert(of.matiere_code.clone(), Some(row.texte));
            }
        }
        Ok(found)
    }

    /// What the groupes are taught in which any of these pupils of a division is.
    async fn en_groupes(
        &self,
        division: &Division,
        listees: &Listees,
    ) -> Result<Vec<Enseignement>, UseCaseError> {
        let groupes = Groupes::suivis(&self.views, &listees.fiches()).await?;
        let mut rows = Annuaire::enseignements_of(&self.views, &groupes).await?;
        rows.retain(|row| row.etablissement == division.etablissement);
        Ok(rows)
    }

    /// The bulletins of these pupils in a year, whichever of the établissement's divisions each was
    /// in then: a year is told whole.
    async fn bulletins_de_l_annee(
        &self,
        place: &Etablissement,
        eleves: &[Uuid],
        annee: AnneeScolaire,
    ) -> Result<Vec<Bulletin>, UseCaseError> {
        let mut rows = Bulletins::of_pupil(&self.views, eleves).await?;
        rows.retain(|row| {
            let contenu = &row.contenu;
            contenu.periode.annee == annee && contenu.etablissement.etablissement.0 == place.id
        });
        Ok(rows)
    }

    /// Of those who have left a division, those who are in no other one on a day, under whichever fiche:
    /// the year of the others is told where it ended.
    async fn retenir_les_partis(&self, gone: &mut Vec<Uuid>, le: NaiveDate) -> Result<(), UseCaseError> {
        let fiches = Identites::fiches(&self.views, gone).await?;
        let all: Vec<_> = fiches.iter().map(|(_, fiche)| *fiche).collect();
        let affectations = Histoire::affectations(&self.views, &all).await?.into_iter();
        let places = affectations.filter(|one| one.court(le)).map(|one| (one.eleve, one.division));
        let elsewhere = of_persons(&fiches, &places.collect());
        gone.retain(|id| !elsewhere.contains_key(id));
        Ok(())
    }

    /// By which number SIECLE knows pupils: its own word before that of the AAF, which repeats it
    /// (`ENTEleveStructRattachId`).
    async fn numeros_de_siecle(
        &self,
        place: &Etablissement,
        eleves: &[Uuid],
    ) -> Result<BTreeMap<Uuid, u64>, UseCaseError> {
        let mut connus: BTreeMap<Uuid, u64> = BTreeMap::new();
        let fiches = Identites::fiches(&self.views, eleves).await?;
        let all: Vec<_> = fiches.iter().map(|(_, fiche)| *fiche).collect();
        for (fiche, numero) in Comptes::immatriculations(&self.views, place.id, &all).await? {
            connus.extend(Source::numero(&numero).map(|numero| (fiche, numero)));
        }
        for cle in Sources::cles_de(&self.views, Origine::Siecle, &place.uai, &all).await? {
            connus.extend(Source::numero(&cle.cle).map(|numero| (cle.id, numero)));
        }
        Ok(of_persons(&fiches, &connus))
    }

    /// Adds by what STS knows the teachers of a division; a number with its register before one that
    /// was kept without.
    async fn numeroter(
        &self,
        cadre: &mut CadreDuLivret,
        place: &Etablissement,
        classe: &ClasseDuLivret,
    ) -> Result<(), UseCaseError> {
        let bulletins = classe.eleves.iter().flat_map(|eleve| eleve.bulletins.values());
        let taught = bulletins.flat_map(|bulletin| &bulletin.contenu.enseignements);
        let named: BTreeSet<_> =
            taught.flat_map(|one| one.enseignants.iter().map(|who| who.personne.0)).collect();
        let named: Vec<_> = named.into_iter().collect();
        let fiches = Identites::fiches(&self.views, &named).await?;
        let all: Vec<_> = fiches.iter().map(|(_, fiche)| *fiche).collect();
        let cles = Sources::cles_de(&self.views, Origine::Sts, &place.uai, &all).await?;
        let connus: BTreeMap<_, _> =
            cles.iter().filter_map(|cle| Some((cle.id, Source::enseignant(&cle.cle)?))).collect();
        let numeros = of_persons(&fiches, &connus).into_iter();
        cadre.enseignants.extend(numeros.map(|(personne, numero)| (PersonneId(personne), numero)));
        Ok(())
    }

    /// A period of a division; when its conseil met is what the record says.
    async fn periode_du_livret(
        &self,
        classe: &ClasseDuLivret,
        division: &Division,
        rang: u16,
    ) -> Result<PeriodeDuLivret, UseCaseError> {
        let fiche = classe.periodes.iter().find(|one| one.rang == rang);
        let conseil = match fiche {
            Some(fiche) => self.conseil_reuni_le(fiche).await?,
            None => None,
        };
        let le = fiche.map_or_else(|| self.today(), |fiche| fiche.fin);
        let principaux = Histoire::principaux(&self.views, division.id, le).await?;
        let principaux = principaux.into_iter().map(PersonneId).collect();
        Ok(PeriodeDuLivret { rang, total: classe.total(), conseil, principaux })
    }

    async fn conseil_reuni_le(&self, fiche: &FichePeriode) -> Result<Option<NaiveDate>, UseCaseError> {
        let stream = Stream { kind: PeriodeDeNotes::TYPE.to_owned(), id: fiche.periode().to_string() };
        let mut connection = self.views.acquire().await?;
        let facts = facts_of(&mut connection, self.keys(), &[stream]).await.map_err(UseCaseError::fault)?;
        let met = facts
            .iter()
            .rev()
            .find(|fact| matches!(fact.event(), Some(Event::PeriodeDeNotes(PeriodeEvent::ConseilReuni {}))));
        Ok(met.map(|fact| journee(fact.envelope.recorded_at)))
    }
}

fn decoupage(name: &str) -> Option<Decoupage> {
    [Decoupage::Trimestres, Decoupage::Semestres].into_iter().find(|one| one.as_str() == name)
}

/// What is known under any of a person's fiches; under several, the fiche asked for comes first.
fn of_persons<T: Copy>(fiches: &[(Uuid, Uuid)], connus: &BTreeMap<Uuid, T>) -> BTreeMap<Uuid, T> {
    let mut found = BTreeMap::new();
    for (personne, fiche) in fiches {
        if let Some(numero) = connus.get(personne).or_else(|| connus.get(fiche)) {
            found.entry(*personne).or_insert(*numero);
        }
    }
    found
}
