use super::*;
use crate::annuaire::Academie;
use crate::identite::NatureDeCle;
use crate::testing::given;

fn zoe() -> PersonneId {
    Academie::Lyon.personne("4512")
}

fn own() -> CompteId {
    CompteId::personnel(zoe())
}

fn office() -> CompteId {
    CompteId::derived(&["administrateur"])
}

fn fournisseur() -> FournisseurId {
    "educonnect".parse().unwrap()
}

fn cle(nature: NatureDeCle, text: &str) -> CleExterne {
    CleExterne::read(nature, text).unwrap()
}

fn jointure() -> CleExterne {
    cle(NatureDeCle::Jointure, "LYON$4512")
}

fn identifiant() -> CleExterne {
    cle(NatureDeCle::Identifiant, "z.martin-admin")
}

fn reconnaitre(cle: CleExterne, compte: CompteId) -> LiaisonCommand {
    LiaisonCommand::ReconnaitreIdentite { fournisseur: fournisseur(), cle, compte, personne: zoe() }
}

fn lier(cle: CleExterne, compte: CompteId) -> LiaisonCommand {
    lier_connue(cle, compte, Some(zoe()))
}

fn lier_connue(cle: CleExterne, compte: CompteId, designee: Option<PersonneId>) -> LiaisonCommand {
    LiaisonCommand::LierIdentite { fournisseur: fournisseur(), cle, compte, personne: zoe(), designee }
}

fn rompre(motif: &str) -> LiaisonCommand {
    LiaisonCommand::RompreLiaison { motif: motif.to_owned() }
}

fn etablie(cle: CleExterne, compte: CompteId) -> LiaisonEvent {
    LiaisonEvent::LiaisonEtablie { personne: zoe(), compte, fournisseur: fournisseur(), cle }
}

fn rompue() -> LiaisonEvent {
    LiaisonEvent::LiaisonRompue { personne: zoe(), motif: "départ".to_owned() }
}

#[test]
fn an_identity_is_linked_the_first_time_that_it_is_recognised_and_once() {
    given::<Liaison>([]).when(reconnaitre(jointure(), own())).then([etablie(jointure(), own())]);
    given::<Liaison>([etablie(jointure(), own())]).when(reconnaitre(jointure(), own())).then([]);
}

#[test]
fn an_identity_opens_one_compte() {
    let linked = || given::<Liaison>([etablie(identifiant(), office())]);
    let refused = RefusLiaison::IdentiteDUnAutreCompte;
    linked().when(lier(identifiant(), own())).then_refused(refused.clone());
    linked().when(reconnaitre(identifiant(), own())).then_refused(refused);
}

#[test]
fn what_designates_a_person_never_opens_the_compte_of_an_office() {
    let vecteur = cle(NatureDeCle::FrEduVecteur, "2|MARTIN|Zoé|4512|0690001B");
    for cle in [jointure(), cle(NatureDeCle::Educonnect, "{AAF}LYON|x|4512"), vecteur] {
        for command in [lier(cle.clone(), office()), reconnaitre(cle.clone(), office())] {
            given::<Liaison>([]).when(command).then_refused(RefusLiaison::IdentitePersonnelle);
        }
    }
    for designee in [None, Some(Academie::Lyon.personne("1"))] {
        let command = lier_connue(cle(NatureDeCle::Jointure, "LYON$1"), own(), designee);
        given::<Liaison>([]).when(command).then_refused(RefusLiaison::IdentitePersonnelle);
    }
}

#[test]
fn an_office_is_opened_by_an_identity_that_somebody_said_is_its_own() {
    given::<Liaison>([]).when(lier(identifiant(), office())).then([etablie(identifiant(), office())]);
}

#[test]
fn a_detached_identity_does_not_come_back_by_itself() {
    let detached = || given::<Liaison>([etablie(jointure(), own()), rompue()]);
    detached().when(reconnaitre(jointure(), own())).then_refused(RefusLiaison::IdentiteDetachee);
    detached().when(lier(jointure(), own())).then([etablie(jointure(), own())]);
}

#[test]
fn a_link_is_broken_for_a_reason_and_once() {
    let linked = || given::<Liaison>([etablie(jointure(), own())]);
    linked().when(rompre("départ")).then([rompue()]);
    linked().when(rompre(" ")).then_refused(RefusLiaison::MotifManquant);
    given::<Liaison>([etablie(jointure(), own()), rompue()]).when(rompre("départ")).then([]);
    given::<Liaison>([]).when(rompre("départ")).then_refused(RefusLiaison::LiaisonInexistante);
}
