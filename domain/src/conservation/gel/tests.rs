use super::*;
use crate::testing::given;
use crate::{CompteId, PortailId};

fn par() -> Auteur {
    Auteur { compte: CompteId::derived(&["chef"]), personne: Some(PersonneId::derived(&["chef"])) }
}

fn le() -> NaiveDate {
    "2026-11-23".parse().unwrap()
}

fn gel() -> GelId {
    GelId::derived(&["g"])
}

fn zoe() -> PersonneId {
    PersonneId::derived(&["Zoé"])
}

fn portee(personne: Option<PersonneId>, classes: &[Retention]) -> Portee {
    Portee { personne, classes: classes.iter().copied().collect() }
}

fn pose(portee: Portee) -> GelEvent {
    GelEvent::GelPose { gel: gel(), portee, motif: "Réquisition".into(), par: par(), le: le() }
}

fn leve() -> GelEvent {
    GelEvent::GelLeve { gel: gel(), motif: "Classée".into(), par: par(), le: le() }
}

fn poser(motif: &str) -> GelCommand {
    GelCommand::PoserGel {
        gel: gel(),
        portee: portee(Some(zoe()), &[]),
        motif: motif.into(),
        par: par(),
        le: le(),
    }
}

fn lever() -> GelCommand {
    GelCommand::LeverGel { gel: gel(), motif: "Classée".into(), par: par(), le: le() }
}

#[test]
fn a_hold_says_whom_it_protects_and_why() {
    given::<Gels>([]).when(poser(" Réquisition ")).then([pose(portee(Some(zoe()), &[]))]);
    given::<Gels>([]).when(poser(" ")).then_refused(RefusGel::MotifManquant);
}

#[test]
fn an_id_is_used_once() {
    let posed = pose(portee(Some(zoe()), &[]));
    given::<Gels>([posed.clone()]).when(poser("Encore")).then_refused(RefusGel::GelDejaPose);
    given::<Gels>([posed, leve()]).when(poser("Encore")).then_refused(RefusGel::GelDejaPose);
}

#[test]
fn a_hold_is_lifted_once() {
    let posed = pose(portee(None, &[]));
    given::<Gels>([posed.clone()]).when(lever()).then([leve()]);
    given::<Gels>([posed, leve()]).when(lever()).then_refused(RefusGel::GelInexistant);
    given::<Gels>([]).when(lever()).then_refused(RefusGel::GelInexistant);
}

#[test]
fn a_hold_protects_its_person_or_the_whole_portal_in_its_classes() {
    let (zoe, ali) = (zoe(), Sujet::Personne(PersonneId::derived(&["Ali"])));
    let portail = Sujet::Portail("0690001b".parse::<PortailId>().unwrap());
    let mut gels = Gels::default();
    gels.apply(pose(portee(Some(zoe), &[Retention::Scolarite])));
    assert!(gels.protegent(&Sujet::Personne(zoe), Retention::Scolarite));
    assert!(!gels.protegent(&Sujet::Personne(zoe), Retention::Annuaire));
    assert!(!gels.protegent(&ali, Retention::Scolarite) && !gels.protegent(&portail, Retention::Scolarite));
    gels.apply(leve());
    assert!(!gels.protegent(&Sujet::Personne(zoe), Retention::Scolarite));
    gels.apply(pose(portee(None, &[])));
    assert!(gels.protegent(&ali, Retention::Annuaire) && gels.protegent(&portail, Retention::Moderation));
}
