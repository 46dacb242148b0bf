//! Authorities are seldom certified by a root itself: who stands between is in the token, was
//! good at its date, and may certify.

use super::{BON, Essai};
use anyhow::{Context, Result};
use ledger::timestamp::fault::Fault;

const CHAINE: &str = " -chain intermediaire.pem";

/// The answer of a signer that is certified by an intermediate authority of this sort.
fn answered(essai: &Essai, section: &str, validity: (&str, &str), chain: &str) -> Result<Vec<u8>> {
    let horodateur = &essai.horodateur;
    horodateur.certify("racine", "intermediaire", section, "rsa:2048", validity)?;
    horodateur.certify("intermediaire", "sous", "horodatage", "rsa:2048", BON)?;
    horodateur.reply_with(&essai.asked, "sous", chain)
}

#[test]
fn a_chain_over_an_intermediate_authority_is_followed() -> Result<()> {
    let Some(essai) = Essai::open()? else { return Ok(()) };
    let answer = answered(&essai, "autorite", BON, CHAINE)?;
    let (_, verdict) = essai.query.accept(&answer, &essai.roots, super::now()).context("not believed")?;
    assert_eq!(verdict.tsa, "Horodateur-sous");
    assert!(essai.horodateur.believes(&answer, super::TEXTE, Some(&essai.asked), "racine")?);
    Ok(())
}

#[test]
fn an_intermediate_authority_that_is_absent_past_or_none_certifies_nobody() -> Result<()> {
    for (section, validity, chain) in [
        ("autorite", BON, ""),
        ("autorite", ("20200101000000Z", "20210101000000Z"), CHAINE),
        ("sans-usage", BON, CHAINE),
    ] {
        let Some(essai) = Essai::open()? else { return Ok(()) };
        let answer = answered(&essai, section, validity, chain)?;
        assert!(matches!(essai.fault(&answer), Some(Fault::Chain(_))), "{section} {validity:?} {chain}");
        let believed = essai.horodateur.believes(&answer, super::TEXTE, None, "racine")?;
        assert!(!believed, "openssl: {section} {validity:?} {chain}");
    }
    Ok(())
}
