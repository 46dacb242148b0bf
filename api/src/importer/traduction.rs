//! From an AAF entry of a person to what the directory is told. Pure: what it needs of earlier
//! entries is in the [`Registre`].

use super::aaf::{self, attribut as a};
use super::motif::Motif;
use super::registre::Registre;
use commands::annuaire::{
    DivisionDecrite, EleveDecrit, EtablissementDecrit, Fiche, GroupesDits, Identite, Limite, PersonneDecrite,
    RattachementDecrit,
};
use domain::annuaire::{
    Academie, EtatCivil, NiveauResponsabilite, Origine, Profil, Responsabilite, Source, Uai,
};
use domain::{DivisionId, EtablissementId, PersonneId};
use std::collections::{BTreeMap, BTreeSet};

/// What an entry becomes.
#[derive(Debug, Default)]
pub struct Traduction {
    /// The fiches; a division that a pupil is the first to name comes before the pupil.
    pub fiches: Vec<Fiche>,
    /// What could not be taken of the entry, and the attribute that says it.
    pub remarques: Vec<(Motif, Option<&'static str>)>,
}

impl Traduction {
    /// Adds something that could not be taken.
    pub fn remarquer(&mut self, motif: Motif) {
        let attribut = motif.attribut();
        self.remarques.push((motif, attribut));
    }

    /// Of an entry that is itself no fiche.
    pub fn de_remarques(motifs: Vec<Motif>) -> Self {
        let mut traduction = Self::default();
        motifs.into_iter().for_each(|motif| traduction.remarquer(motif));
        traduction
    }
}

/// An adult in relation with pupils, who were read before and say of which établissements.
pub fn responsable(
    registre: &mut Registre,
    academie: Academie,
    lu: aaf::PersRelEleve,
) -> Result<Traduction, Motif> {
    let qui = registre.prendre_personne(academie, &lu.jointure, &lu.etat_civil, &[])?;
    let rattachements = registre.rattachements_de(qui).into_iter().map(en_responsable).collect();
    let decrite = decrire(qui, academie, lu.jointure, lu.etat_civil, lu.courriel);
    // A pupil whose entry does not say of whom it is may be anybody's child.
    let perimetre = registre.nomme_chacun().then(|| registre.perimetre());
    let fiche = Fiche::Personne(PersonneDecrite { rattachements, perimetre, ..decrite });
    Ok(Traduction { fiches: vec![fiche], remarques: Vec::new() })
}

/// Who answers for a pupil of an établissement belongs to it.
pub fn en_responsable(etablissement: EtablissementId) -> RattachementDecrit {
    RattachementDecrit { etablissement, profil: Profil::Responsable, fonctions: Vec::new() }
}

/// A member of the staff. What he or she teaches is kept in the registre, for the établissements.
pub fn personnel(
    registre: &mut Registre,
    academie: Academie,
    lu: aaf::PersEducNat,
) -> Result<Traduction, Motif> {
    let mut traduction = Traduction::default();
    let rattachements = rattachements(registre, &lu, &mut traduction);
    if rattachements.is_empty() {
        return Err(registre.etablissement(&lu.rattachement).err().unwrap_or(Motif::EtablissementInconnu));
    }
    let ou: Vec<_> = rattachements.iter().map(|rattachement| rattachement.etablissement).collect();
    let qui = registre.prendre_personne(academie, &lu.jointure, &lu.etat_civil, &ou)?;
    remarquer_un_double(registre, qui, &lu.etat_civil, &ou, &mut traduction);
    attributions(registre, &lu, qui, &mut traduction);
    attributions_aux_groupes(registre, &lu, qui, &mut traduction);
    let groupes = groupes_encadres(registre, &lu, &mut traduction);
    let decrite = decrire(qui, academie, lu.jointure, lu.etat_civil, lu.courriel);
    let perimetre = Some(registre.perimetre());
    traduction.fiches.push(Fiche::Personne(PersonneDecrite { rattachements, perimetre, groupes, ..decrite }));
    Ok(traduction)
}

/// The groupes that a member of the staff leads, where he or she belongs.
fn groupes_encadres(
    registre: &Registre,
    lu: &aaf::PersEducNat,
    traduction: &mut Traduction,
) -> Vec<GroupesDits> {
    let attributions = || lu.classes_matieres.iter().chain(&lu.groupes_matieres);
    let fonctions = lu.fonctions.iter().map(|fonction| fonction.etablissement.as_str());
    let lieux = attributions().map(|attribution| attribution.etablissement.as_str());
    let lieux: BTreeSet<&str> = lieux.chain(fonctions).chain([lu.rattachement.as_str()]).collect();
    let enseignes = lu.groupes_matieres.iter().map(|un| (un.etablissement.as_str(), un.code.as_str()));
    let nommes: BTreeSet<_> = enseignes.chain(lu.groupes.iter().map(lieu)).collect();
    let attribut = if lu.groupes_matieres.is_empty() { a::GROUPES } else { a::GROUPES_MATIERES };
    repartir(registre, &lieux, nommes, attribut, traduction)
}

/// In which groupes an entry puts somebody, in each of the établissements where he or she is.
pub fn repartir<'a>(
    registre: &Registre,
    lieux: &BTreeSet<&'a str>,
    nommes: impl IntoIterator<Item = (&'a str, &'a str)>,
    attribut: &'static str,
    traduction: &mut Traduction,
) -> Vec<GroupesDits> {
    let (dits, motifs) = registre.repartir(lieux, nommes);
    traduction.remarques.extend(motifs.into_iter().map(|motif| (motif, Some(attribut))));
    dits
}

/// Where a member of the staff belongs, and as what.
fn rattachements(
    registre: &mut Registre,
    lu: &aaf::PersEducNat,
    traduction: &mut Traduction,
) -> Vec<RattachementDecrit> {
    let mut fonctions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    fonctions.entry(&lu.rattachement).or_default();
    let attributions = || lu.classes_matieres.iter().chain(&lu.groupes_matieres);
    for attribution in attributions() {
        fonctions.entry(&attribution.etablissement).or_default();
    }
    for fonction in &lu.fonctions {
        fonctions.entry(&fonction.etablissement).or_default().extend(fonction.codes());
    }
    let mut rattachements = Vec::new();
    for (jointure, codes) in fonctions {
        let Ok(etablissement) = registre.etablissement(jointure) else {
            traduction.remarques.push((Motif::EtablissementIgnore, Some(a::FONCTIONS)));
            continue;
        };
        let enseigne = lu.devant_eleves == Some(true)
            || attributions().any(|attribution| attribution.etablissement == jointure);
        rattachements.push(RattachementDecrit {
            etablissement: etablissement.uai.etablissement(),
            profil: profil(&codes, enseigne),
            fonctions: codes.into_iter().map(str::to_owned).collect(),
        });
    }
    rattachements
}

/// The profil that gives most to do: a chef who also teaches is of the direction.
pub fn profil(codes: &BTreeSet<&str>, enseigne: bool) -> Profil {
    let profils: BTreeSet<_> = codes.iter().map(|code| Profil::of_fonction(code)).collect();
    let par_rang = [Profil::Direction, Profil::VieScolaire, Profil::Enseignant];
    let premier = par_rang.into_iter().find(|profil| profils.contains(profil));
    premier.unwrap_or(if enseigne { Profil::Enseignant } else { Profil::Administratif })
}

/// Keeps what the person teaches, and of which divisions he or she is professeur principal.
fn attributions(
    registre: &mut Registre,
    lu: &aaf::PersEducNat,
    qui: PersonneId,
    traduction: &mut Traduction,
) {
    let mut pris = BTreeSet::new();
    for attribution in &lu.classes_matieres {
        let Some(matiere) = &attribution.matiere else {
            traduction.remarquer(Motif::AttributionSansMatiere);
            continue;
        };
        let inconnue = registre.matiere(matiere).is_none();
        // An attribution elsewhere was remarked upon with the rattachements.
        let Ok(etablissement) = registre.etablissement(&attribution.etablissement) else { continue };
        let division = (attribution.etablissement.as_str(), attribution.code.as_str());
        let principal = lu.professeur_principal_de.iter().any(|charge| division == lieu(charge));
        etablissement.prendre_attribution(&attribution.code, matiere, qui, principal);
        pris.insert(division);
        if inconnue {
            traduction.remarquer(Motif::MatiereInconnue);
        }
    }
    for _ in lu.professeur_principal_de.iter().filter(|charge| !pris.contains(&lieu(charge))) {
        traduction.remarquer(Motif::PrincipalSansAttribution);
    }
}

/// Keeps what the person teaches to groupes. One that nobody declares, or that is elsewhere, is remarked upon
/// where he or she is said to lead it; who teaches there without a matière leads it, and no more.
fn attributions_aux_groupes(
    registre: &mut Registre,
    lu: &aaf::PersEducNat,
    qui: PersonneId,
    traduction: &mut Traduction,
) {
    for attribution in &lu.groupes_matieres {
        let Some(matiere) = &attribution.matiere else { continue };
        let inconnue = registre.matiere(matiere).is_none();
        let Ok(etablissement) = registre.etablissement(&attribution.etablissement) else { continue };
        if etablissement.prendre_attribution_au_groupe(&attribution.code, matiere, qui) && inconnue {
            traduction.remarques.push((Motif::MatiereInconnue, Some(a::GROUPES_MATIERES)));
        }
    }
}

/// The key of the établissement, and the code there.
pub fn lieu(appartenance: &aaf::Appartenance) -> (&str, &str) {
    (&appartenance.etablissement, &appartenance.code)
}

/// A pupil.
pub fn eleve(registre: &mut Registre, academie: Academie, lu: aaf::Eleve) -> Result<Traduction, Motif> {
    let chez = registre.etablissement(&lu.rattachement)?.uai.etablissement();
    let mut traduction = Traduction::default();
    let affectations = affectations(registre, Some(&lu.rattachement), &lu.classes, &mut traduction);
    let ou: Vec<_> = affectations.iter().map(|(etablissement, _)| *etablissement).collect();
    let qui = registre.prendre_personne(academie, &lu.jointure, &lu.etat_civil, &ou)?;
    remarquer_un_double(registre, qui, &lu.etat_civil, &ou, &mut traduction);
    let responsables = liens(registre, academie, &lu.responsables, &ou, &mut traduction);
    if responsables.is_none() {
        registre.taire_les_responsables(qui);
    }
    let lieux = lu.classes.iter().map(|classe| classe.etablissement.as_str());
    let lieux: BTreeSet<&str> = lieux.chain([lu.rattachement.as_str()]).collect();
    let nommes = lu.groupes.iter().map(lieu);
    let groupes = repartir(registre, &lieux, nommes, a::ELEVE_GROUPES, &mut traduction);
    let rattachements = ou.into_iter().map(en_eleve).collect();
    let numeros = lu.numero.iter().map(|numero| (chez, numero.clone())).collect();
    let eleve = Some(EleveDecrit { affectations, numeros, responsables });
    let decrite = decrire(qui, academie, lu.jointure, lu.etat_civil, None);
    let perimetre = Some(registre.perimetre());
    let decrite = PersonneDecrite { rattachements, perimetre, eleve, groupes, ..decrite };
    traduction.fiches.push(Fiche::Personne(decrite));
    Ok(traduction)
}

fn remarquer_un_double(
    registre: &Registre,
    qui: PersonneId,
    etat_civil: &aaf::EtatCivil,
    ou: &[EtablissementId],
    traduction: &mut Traduction,
) {
    if registre.a_un_double(qui, etat_civil, ou) {
        traduction.remarquer(Motif::DoublePossible);
    }
}

/// A pupil of an établissement.
pub fn en_eleve(etablissement: EtablissementId) -> RattachementDecrit {
    RattachementDecrit { etablissement, profil: Profil::Eleve, fonctions: Vec::new() }
}

/// Who answers for a pupil of these établissements, among the adults whom the feed names. Nothing
/// is said where the entry of one of them is refused: a list without him or her would strike out
/// somebody of whom the feed speaks.
pub fn liens(
    registre: &mut Registre,
    academie: Academie,
    liens: &[aaf::LienResponsable],
    ou: &[EtablissementId],
    traduction: &mut Traduction,
) -> Option<Vec<Responsabilite>> {
    let (connus, inconnus): (Vec<_>, Vec<_>) =
        liens.iter().partition(|lien| registre.connait_adulte(&lien.personne));
    let (refuses, absents): (Vec<_>, Vec<_>) =
        inconnus.into_iter().partition(|lien| registre.refuse_adulte(&lien.personne));
    refuses.iter().for_each(|_| traduction.remarquer(Motif::ResponsableRefuse));
    absents.iter().for_each(|_| traduction.remarquer(Motif::ResponsableInconnu));
    let responsables = responsabilites(connus, |cle| registre.personne(academie, cle));
    for adulte in responsables.iter().filter(|adulte| adulte.destinataire) {
        registre.rattacher_adulte(adulte.responsable, ou);
    }
    refuses.is_empty().then_some(responsables)
}

/// The first division that the entry names in each établissement.
pub fn affectations(
    registre: &mut Registre,
    rattachement: Option<&str>,
    classes: &[aaf::Appartenance],
    traduction: &mut Traduction,
) -> Vec<(EtablissementId, Option<DivisionId>)> {
    let mut codes: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    codes.extend(rattachement.map(|rattachement| (rattachement, None)));
    for classe in classes {
        codes.entry(&classe.etablissement).or_default().get_or_insert(&classe.code);
    }
    let mut affectations = Vec::new();
    for (jointure, code) in codes {
        let Ok(etablissement) = registre.etablissement(jointure) else {
            traduction.remarques.push((Motif::EtablissementIgnore, Some(a::ELEVE_CLASSES)));
            continue;
        };
        if let Some(code) = code.filter(|code| etablissement.ouvrir_division(code)) {
            traduction.fiches.push(division(&etablissement.uai, code));
        }
        let uai = &etablissement.uai;
        affectations.push((uai.etablissement(), code.map(|code| uai.division(code))));
    }
    affectations
}

/// A division of which nothing but the code is known.
pub fn division(uai: &Uai, code: &str) -> Fiche {
    Fiche::Etablissement(EtablissementDecrit {
        uai: uai.clone(),
        fiche: None,
        source: None,
        divisions: vec![DivisionDecrite { code: code.to_owned(), libelle: code.to_owned(), mef: None }],
        groupes: None,
        enseignements: Vec::new(),
        limite: Limite::Aucune,
    })
}

/// Who answers for a pupil. An adult whom the feed names twice counts once, for the stronger tie.
/// Feeds say « légal » of both parents: the one who pays comes first, then the lesser key, so that
/// the order of the values says nothing.
fn responsabilites(
    liens: Vec<&aaf::LienResponsable>,
    personne: impl Fn(&str) -> PersonneId,
) -> Vec<Responsabilite> {
    let force = |lien: &aaf::LienResponsable| match lien.responsabilite {
        aaf::Responsabilite::Legale => 0,
        aaf::Responsabilite::EnCharge => 1,
        aaf::Responsabilite::Aucune => 2,
    };
    let mut liens = liens;
    liens.sort_by_key(|lien| (force(lien), !lien.financier, !lien.contact, lien.personne.clone(), lien.lien));
    let mut vus = BTreeSet::new();
    let mut legaux = 0;
    let uniques = liens.into_iter().filter(|lien| vus.insert(lien.personne.as_str()));
    uniques
        .map(|lien| {
            let niveau = match lien.responsabilite {
                aaf::Responsabilite::Legale if legaux == 0 => NiveauResponsabilite::Legale1,
                aaf::Responsabilite::Legale => NiveauResponsabilite::Legale2,
                aaf::Responsabilite::EnCharge => NiveauResponsabilite::Charge,
                aaf::Responsabilite::Aucune if lien.contact => NiveauResponsabilite::Contact,
                aaf::Responsabilite::Aucune => NiveauResponsabilite::Aucune,
            };
            legaux += usize::from(niveau.is_legale());
            Responsabilite {
                responsable: personne(&lien.personne),
                lien: lien.lien.to_string(),
                niveau,
                // Code civil, art. 373-2; code de l'éducation, art. L131-4.
                destinataire: niveau.is_legale() || niveau == NiveauResponsabilite::Charge,
            }
        })
        .collect()
}

fn decrire(
    personne: PersonneId,
    academie: Academie,
    jointure: String,
    lu: aaf::EtatCivil,
    courriel: Option<String>,
) -> PersonneDecrite {
    let source = Source { origine: Origine::Aaf, portee: academie.nom().to_owned(), cle: jointure };
    let etat_civil = EtatCivil {
        nom: lu.nom,
        prenom: lu.prenom,
        civilite: lu.civilite,
        naissance: lu.date_de_naissance,
        courriel,
    };
    PersonneDecrite {
        personne,
        identite: Identite::Entiere { source, etat_civil },
        rattachements: Vec::new(),
        perimetre: None,
        eleve: None,
        groupes: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
