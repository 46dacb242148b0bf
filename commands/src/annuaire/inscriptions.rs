//! Pupils who leave an établissement for another one.

use crate::rights::{Action, Autorite, Resource};
use crate::{Act, Commands, Demande, UseCaseError, portail};
use chrono::NaiveDate;
use domain::annuaire::{
    EtatCivil, Indice, Inscription, InscriptionCommand, Origine, Personne, PersonneCommand, Profil, Source,
    Uai, rapprocher,
};
use domain::{DivisionId, EtablissementId, PersonneId};
use ledger::unit::Recorded;
use projections::annuaire::{self as views, Annuaire, Etablissement, Identites, Inscriptions, Sources};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Why a pupil who is taken in, and who answers for him or her, are entered by hand.
const ACCUEIL: &str = "accueil d'un élève venu d'un autre établissement";

/// A departure that is asked for.
#[derive(Debug, Clone)]
pub struct DepartDemande {
    /// First day on which the pupil is no longer there.
    pub le: NaiveDate,
    /// Where to, if it is known.
    pub destination: Option<EtablissementId>,
    /// Why.
    pub motif: String,
}

/// What a fiche that the feed has brought has in common with that of the same pupil. A first name that
/// begins the other one is not enough to decide by itself: twins may be called Louis and Louise.
const MEME_ELEVE: [Indice; 3] = [Indice::MemeNom, Indice::MemePrenom, Indice::MemeNaissance];

/// Where, when and by what right a pupil is taken in.
struct Accueil<'a> {
    uai: &'a Uai,
    house: Etablissement,
    autorite: Autorite,
    division: Option<DivisionId>,
    le: NaiveDate,
}

impl Commands {
    /// Strikes a pupil off the list of an établissement; he or she leaves its division too.
    pub async fn radier_eleve(
        &self,
        demande: &Demande,
        uai: &Uai,
        eleve: PersonneId,
        asked: DepartDemande,
    ) -> Result<Recorded, UseCaseError> {
        let etablissement = uai.etablissement();
        let resource = Resource::Eleve { personne: eleve, etablissement: Some(etablissement) };
        let autorite = self.permit(&demande.acteur, Action::RadierEleve, &resource)?;
        let inscrit = self.attached(etablissement.0, &[eleve.0], &["eleve"]).await?.contains(&eleve);
        let house = self.house(etablissement).await?;
        let DepartDemande { le, destination, motif } = asked;
        let aujourd_hui = self.today();
        let parole = self.parole_saisie(uai, motif.clone());
        let leave = PersonneCommand::ReaffecterEleve { etablissement, division: None, annee: None, parole };
        let radier = InscriptionCommand::RadierEleve {
            eleve,
            etablissement,
            inscrit,
            le,
            aujourd_hui,
            destination,
            motif,
        };
        self.act_on(demande, autorite, portail(&house.portail)?, le)
            .tell::<Inscription>(eleve, radier)
            .tell::<Personne>(eleve, leave)
            .record()
            .await
    }

    /// Takes in a pupil whom another établissement has struck off for this one; gives the fiche that he
    /// or she has here.
    pub async fn accueillir_eleve(
        &self,
        demande: &Demande,
        uai: &Uai,
        eleve: PersonneId,
        (division, le): (Option<DivisionId>, NaiveDate),
    ) -> Result<(PersonneId, Recorded), UseCaseError> {
        let id = uai.etablissement();
        let autorite =
            self.permit(&demande.acteur, Action::AccueillirEleve, &Resource::Etablissement { id })?;
        let house = self.house(id).await?;
        if let Some(division) = division {
            self.division_of(division, id).await?;
        }
        let ici = Accueil { uai, house, autorite, division, le };
        if self.fiches_d_ici(&[eleve.0], &ici.house).await?.is_empty() {
            self.accueillir_d_ailleurs(demande, &ici, eleve).await
        } else {
            Ok((eleve, self.accueillir_d_ici(demande, &ici, eleve, None).await?))
        }
    }

    /// Who is informed of the pupil belongs here too.
    async fn accueillir_d_ici(
        &self,
        demande: &Demande,
        ici: &Accueil<'_>,
        eleve: PersonneId,
        exeat: Option<NaiveDate>,
    ) -> Result<Recorded, UseCaseError> {
        let reprise = self.reprise(ici, eleve).await?;
        let mut act = self.entrer(demande, ici, eleve, exeat, reprise)?;
        let fiches = self.fiches_of(eleve).await?;
        let mut adultes = Annuaire::informes_de(&self.views, &fiches).await?;
        // Whom another académie names has streams in its journal, and is not told anything in this one.
        let d_ici = self.fiches_d_ici(&fiches, &ici.house).await?;
        let d_ici = Annuaire::repondants(&self.views, &d_ici).await?;
        adultes.retain(|adulte| d_ici.contains(adulte));
        // Who is there already, as a teacher perhaps, stays what he or she is.
        let there = self.attached(ici.house.id, &adultes, &[]).await?;
        for adulte in adultes.into_iter().map(PersonneId).filter(|adulte| !there.contains(adulte)) {
            act = act.tell::<Personne>(adulte, self.rattacher(ici, Profil::Responsable));
        }
        act.record().await
    }

    /// A pupil's streams are in the journal of one académie: who comes from another one has another
    /// fiche here, which the feed has brought already, or which is made. It is read as the one that
    /// he or she had, and each établissement goes on to read its own record. Who answers for the
    /// pupil has streams there too, and comes with the feed. Who was of this académie before has the
    /// fiche of then, which its feed names.
    async fn accueillir_d_ailleurs(
        &self,
        demande: &Demande,
        ici: &Accueil<'_>,
        venue: PersonneId,
    ) -> Result<(PersonneId, Recorded), UseCaseError> {
        let fiches = self.fiches_of(venue).await?;
        let exeat = Inscriptions::exeat(&self.views, &fiches, ici.house.id).await?;
        if let Some(fiche) = self.fiche_d_ici(&fiches, &ici.house).await? {
            return Ok((fiche, self.accueillir_d_ici(demande, ici, fiche, exeat).await?));
        }
        let brought = self.brought(venue, ici.uai.etablissement()).await?;
        let cle = venue.to_string();
        let fiche = brought.unwrap_or_else(|| PersonneId::derived(&[ici.uai.as_str(), "saisie", &cle]));
        let enregistrer = match brought {
            Some(_) => None,
            // Who a pupil is, and nothing else that another académie knows.
            None => {
                let etat_civil = EtatCivil { courriel: None, ..etat_civil(self.personne(venue).await?) };
                Some(self.enregistrer(ici, fiche, cle, etat_civil))
            }
        };
        let act = self.entrer(demande, ici, fiche, exeat, enregistrer)?;
        // The fiche is followed first, unless nobody is let in: who asks again after a break finds it so.
        if act.decide().await.is_ok() {
            self.suivre_fiche(demande, ici.autorite.clone(), (fiche, venue)).await?;
        }
        Ok((fiche, act.record().await?))
    }

    /// The act by which a fiche enters the list and a division, after what makes it.
    fn entrer(
        &self,
        demande: &Demande,
        ici: &Accueil<'_>,
        fiche: PersonneId,
        exeat: Option<NaiveDate>,
        enregistrer: Option<PersonneCommand>,
    ) -> Result<Act, UseCaseError> {
        let (etablissement, le, aujourd_hui) = (ici.uai.etablissement(), ici.le, self.today());
        let accueillir =
            InscriptionCommand::AccueillirEleve { eleve: fiche, etablissement, le, aujourd_hui, exeat };
        // Where no division is said, the one that the feed has said stays.
        let placer = ici.division.map(|division| PersonneCommand::ReaffecterEleve {
            etablissement,
            division: Some(division),
            annee: None,
            parole: self.parole_saisie(ici.uai, ACCUEIL.to_owned()),
        });
        let enter = enregistrer.into_iter().chain([self.rattacher(ici, Profil::Eleve)]).chain(placer);
        let act = self.act_on(demande, ici.autorite.clone(), portail(&ici.house.portail)?, le);
        Ok(act.tell::<Inscription>(fiche, accueillir).tell_all::<Personne>(fiche, enter.collect()))
    }

    fn rattacher(&self, ici: &Accueil<'_>, profil: Profil) -> PersonneCommand {
        PersonneCommand::RattacherPersonne {
            etablissement: ici.uai.etablissement(),
            profil,
            fonctions: Vec::new(),
            parole: self.parole_saisie(ici.uai, ACCUEIL.to_owned()),
        }
    }

    /// A fiche that a pupil has in the académie of an établissement, there if possible.
    async fn fiche_d_ici(
        &self,
        fiches: &[Uuid],
        house: &Etablissement,
    ) -> Result<Option<PersonneId>, UseCaseError> {
        if let Some(fiche) = self.attached(house.id, fiches, &["eleve"]).await?.pop_first() {
            return Ok(Some(fiche));
        }
        for fiche in fiches {
            if self.academies_of(*fiche).await?.contains(&house.portail) {
                return Ok(Some(PersonneId(*fiche)));
            }
        }
        Ok(None)
    }

    /// The fiche that the feed has brought for a pupil, who has none here yet: the only one that can be
    /// his or hers. Of two nobody is guessed.
    async fn brought(
        &self,
        venue: PersonneId,
        ici: EtablissementId,
    ) -> Result<Option<PersonneId>, UseCaseError> {
        let Some(had) = Identites::portraits_de(&self.views, &[venue.0]).await?.pop() else {
            return Ok(None);
        };
        let only_here = BTreeSet::from([ici]);
        let here = Identites::portraits(&self.views, ici.0).await?.into_iter();
        let alike = here.filter(|one| {
            let seen = rapprocher(one, &had).indices;
            one.etablissements == only_here && MEME_ELEVE.iter().all(|indice| seen.contains(indice))
        });
        let alike: Vec<Uuid> = alike.map(|one| one.personne.0).collect();
        let mut eleves = self.attached(ici.0, &alike, &["eleve"]).await?;
        Ok(if eleves.len() == 1 { eleves.pop_first() } else { None })
    }

    /// Whom no source names any more the établissement names again: else a pupil who comes back before
    /// the feed says so is on no list.
    async fn reprise(
        &self,
        ici: &Accueil<'_>,
        eleve: PersonneId,
    ) -> Result<Option<PersonneCommand>, UseCaseError> {
        let known = Annuaire::personnes(&self.views, &[eleve.0]).await?.pop();
        let Some(known) = known.filter(|known| known.suspendue) else { return Ok(None) };
        let cle = Sources::cle_de(&self.views, eleve.0, Origine::Saisie, ici.uai.as_str()).await?;
        let cle = cle.unwrap_or_else(|| eleve.to_string());
        Ok(Some(self.enregistrer(ici, eleve, cle, etat_civil(known))))
    }

    fn enregistrer(
        &self,
        ici: &Accueil<'_>,
        personne: PersonneId,
        cle: String,
        etat_civil: EtatCivil,
    ) -> PersonneCommand {
        PersonneCommand::EnregistrerPersonne {
            personne,
            source: Source { origine: Origine::Saisie, portee: ici.uai.to_string(), cle },
            etat_civil,
            parole: self.parole_saisie(ici.uai, ACCUEIL.to_owned()),
        }
    }

    async fn personne(&self, id: PersonneId) -> Result<views::Personne, UseCaseError> {
        Annuaire::personnes(&self.views, &[id.0]).await?.pop().ok_or(UseCaseError::Interdit)
    }

    async fn fiches_of(&self, eleve: PersonneId) -> Result<Vec<Uuid>, UseCaseError> {
        let fiches = Identites::fiches(&self.views, &[eleve.0]).await?;
        Ok(fiches.into_iter().map(|(_, fiche)| fiche).collect())
    }

    /// Those among the fiches of a pupil that are of no other académie than one's own.
    async fn fiches_d_ici(&self, fiches: &[Uuid], house: &Etablissement) -> Result<Vec<Uuid>, UseCaseError> {
        let mut here = Vec::new();
        for fiche in fiches {
            if self.academies_of(*fiche).await?.iter().all(|portail| *portail == house.portail) {
                here.push(*fiche);
            }
        }
        Ok(here)
    }

    /// The portal of the académie of a fiche: where it is attached or was struck off tells, so that it
    /// has one at most; none, of who has left the directory.
    async fn academies_of(&self, fiche: Uuid) -> Result<BTreeSet<String>, UseCaseError> {
        let mut places = Inscriptions::quittes(&self.views, fiche).await?;
        let attached = Annuaire::rattachements(&self.views, &[fiche]).await?;
        places.extend(attached.into_iter().map(|row| row.etablissement));
        let places = Annuaire::etablissements(&self.views, &places).await?;
        Ok(places.into_iter().map(|place| place.portail).collect())
    }

    async fn house(&self, id: EtablissementId) -> Result<Etablissement, UseCaseError> {
        let found = Annuaire::etablissements(&self.views, &[id.0]).await?.pop();
        found.ok_or(UseCaseError::Interdit)
    }
}

fn etat_civil(known: views::Personne) -> EtatCivil {
    EtatCivil {
        nom: known.nom,
        prenom: known.prenom,
        civilite: known.civilite,
        naissance: known.naissance,
        courriel: known.courriel,
    }
}
