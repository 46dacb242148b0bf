use super::*;
use crate::testing::given;

fn fournisseur() -> FournisseurId {
    "educonnect".parse().unwrap()
}

fn adresse() -> Option<IpAddr> {
    "192.0.2.7".parse().ok()
}

fn ouverte() -> SessionEvent {
    SessionEvent::SessionOuverte { fournisseur: fournisseur(), adresse: adresse() }
}

fn close() -> SessionEvent {
    SessionEvent::SessionClose { fin: FinDeSession::Deconnexion }
}

fn tenu(profil: Profil) -> ProfilTenu {
    ProfilTenu { etablissement: EtablissementId::derived(&["collège"]), profil }
}

fn choisir(profil: Profil) -> SessionCommand {
    let tenus = vec![tenu(Profil::Enseignant), tenu(Profil::Responsable)];
    SessionCommand::ChoisirProfil { choix: tenu(profil), tenus }
}

#[test]
fn a_session_is_opened_with_who_vouched_and_from_where() {
    let ouvrir = || SessionCommand::OuvrirSession { fournisseur: fournisseur(), adresse: adresse() };
    given::<Session>([]).when(ouvrir()).then([ouverte()]);
    given::<Session>([ouverte()]).when(ouvrir()).then([]);
}

#[test]
fn one_acts_in_one_of_ones_own_profils_at_a_time() {
    let chosen = |profil| SessionEvent::ProfilChoisi { choix: tenu(profil) };
    given::<Session>([ouverte()]).when(choisir(Profil::Enseignant)).then([chosen(Profil::Enseignant)]);
    let teaching = || given::<Session>([ouverte(), chosen(Profil::Enseignant)]);
    teaching().when(choisir(Profil::Enseignant)).then([]);
    teaching().when(choisir(Profil::Responsable)).then([chosen(Profil::Responsable)]);
    teaching().when(choisir(Profil::Direction)).then_refused(RefusSession::ProfilNonTenu);
}

#[test]
fn a_session_that_is_over_is_over() {
    let fin = FinDeSession::Deconnexion;
    given::<Session>([ouverte()]).when(SessionCommand::CloreSession { fin }).then([close()]);
    let over = || given::<Session>([ouverte(), close()]);
    over().when(SessionCommand::CloreSession { fin }).then([]);
    over().when(choisir(Profil::Enseignant)).then_refused(RefusSession::SessionTerminee);
}
