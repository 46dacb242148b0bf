//! A token is believed as it was given, and in no other state.

use super::{BON, Essai, TEXTE, now};
use anyhow::{Context, Result};
use chrono::TimeDelta;
use ledger::timestamp::fault::Fault;
use ledger::timestamp::query::{Query, response};
use ledger::timestamp::roots::Roots;
use ledger::timestamp::verify;
use recits::horodateur::POLITIQUE;

#[test]
fn what_the_authority_signed_is_believed_by_us_and_by_openssl() -> Result<()> {
    let Some(essai) = Essai::open()? else { return Ok(()) };
    let (token, verdict) = essai.query.accept(&essai.answer, &essai.roots, now())?;
    assert_eq!((verdict.tsa.as_str(), verdict.policy.as_str()), ("Horodateur-tsa", POLITIQUE));
    assert!((now() - verdict.gen_time).abs() < TimeDelta::minutes(1));
    assert_eq!(verify(&token, TEXTE, &essai.roots, None)?, verdict);
    let published = response(&token)?;
    assert!(essai.horodateur.believes(&published, TEXTE, None, "racine")?);
    assert!(essai.horodateur.believes(&published, TEXTE, Some(&essai.asked), "racine")?);
    Ok(())
}

#[test]
fn signers_may_have_other_keys_and_digests() -> Result<()> {
    let Some(essai) = Essai::open()? else { return Ok(()) };
    for (name, key) in [("p256", "ec:p256.param"), ("p384", "ec:p384.param"), ("rsa3072", "rsa:3072")] {
        if let Some(file) = key.strip_prefix("ec:") {
            let curve = if name == "p256" { "P-256" } else { "P-384" };
            essai.horodateur.openssl(&format!(
                "genpkey -genparam -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out {file}"
            ))?;
        }
        essai.horodateur.signer(name, "horodatage", key, BON)?;
        let answer = essai.horodateur.reply(&essai.asked, name)?;
        let (_, verdict) = essai.query.accept(&answer, &essai.roots, now()).context(name)?;
        assert_eq!(verdict.tsa, format!("Horodateur-{name}"));
    }
    Ok(())
}

#[test]
fn of_all_tokens_with_a_changed_bit_none_says_anything_else() -> Result<()> {
    let Some(essai) = Essai::open()? else { return Ok(()) };
    let token = essai.token()?;
    let verdict = verify(&token, TEXTE, &essai.roots, None)?;
    // The list of the digests used, for who reads once, is signed by nobody and read by nobody
    // (RFC 5652 §5.1, digestAlgorithms): a SET of SHA-256 and NULL, before what is signed.
    let list = [0x31, 15, 0x30, 13, 6, 9];
    let unread = token.windows(list.len()).position(|window| window == list).context("no list")?;
    let unread = unread..unread + 17;
    for (at, bit) in (0..token.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let mut changed = token.clone();
        changed[at] ^= 1 << bit;
        if let Ok(said) = verify(&changed, TEXTE, &essai.roots, None) {
            assert!(said == verdict && unread.contains(&at), "byte {at}, bit {bit}");
        }
    }
    Ok(())
}

#[test]
fn a_changed_byte_is_found_by_us_and_by_openssl() -> Result<()> {
    let Some(essai) = Essai::open()? else { return Ok(()) };
    let answer = &essai.answer;
    // The imprint, the time, the signature's last byte, and some of everything between.
    let find = |bytes: &[u8]| answer.windows(bytes.len()).position(|window| window == bytes);
    let imprint = find(&essai.asked[24..32]).context("no imprint")?;
    let places = [imprint, imprint + 40, answer.len() / 2, answer.len() - 1, answer.len() - 200];
    for at in places {
        let mut changed = answer.clone();
        changed[at] ^= 1;
        assert!(essai.fault(&changed).is_some(), "byte {at}");
        assert!(!essai.horodateur.believes(&changed, TEXTE, None, "racine")?, "openssl, byte {at}");
    }
    let token = essai.token()?;
    for at in [0, TEXTE.len() / 2, TEXTE.len() - 1] {
        let mut changed = TEXTE.to_vec();
        changed[at] ^= 1;
        assert_eq!(verify(&token, &changed, &essai.roots, None), Err(Fault::Imprint));
        assert!(!essai.horodateur.believes(answer, &changed, None, "racine")?);
    }
    Ok(())
}

#[test]
fn an_answer_is_to_this_question_and_of_now() -> Result<()> {
    let Some(essai) = Essai::open()? else { return Ok(()) };
    let other = Query::new(TEXTE, 7, None, now());
    assert_eq!(other.accept(&essai.answer, &essai.roots, now()).err(), Some(Fault::Nonce));
    assert!(!essai.horodateur.believes(&essai.answer, TEXTE, Some(&other.to_der()?), "racine")?);
    // Yesterday's, replayed: even were the nonce the same.
    let tomorrow = now() + TimeDelta::days(1);
    let later = Query::new(TEXTE, 0x1234_5678_9abc_def0, None, tomorrow);
    assert!(matches!(later.accept(&essai.answer, &essai.roots, tomorrow), Err(Fault::Stale(_))));
    let yesterday = now() - TimeDelta::days(1);
    assert!(matches!(essai.query.accept(&essai.answer, &essai.roots, yesterday), Err(Fault::Future(_))));
    let under =
        |policy: &str| anyhow::Ok(Query::new(TEXTE, 0x1234_5678_9abc_def0, Some(policy.parse()?), now()));
    assert!(under(POLITIQUE)?.accept(&essai.answer, &essai.roots, now()).is_ok());
    let elsewhere = under("1.2.3.4")?;
    assert!(matches!(elsewhere.accept(&essai.answer, &essai.roots, now()), Err(Fault::Policy(_))));
    // The authority does not know that policy, and says so.
    let refused = essai.horodateur.reply(&elsewhere.to_der()?, "tsa")?;
    let fault = elsewhere.accept(&refused, &essai.roots, now()).err();
    assert!(matches!(fault, Some(Fault::Refused { status: 2, .. })), "{fault:?}");
    Ok(())
}

#[test]
fn a_signer_under_another_root_or_out_of_its_time_is_nobody() -> Result<()> {
    let Some(essai) = Essai::open()? else { return Ok(()) };
    let horodateur = &essai.horodateur;
    horodateur.root("autre")?;
    let others = Roots::read(&std::fs::read(horodateur.path("autre.pem"))?)?;
    let token = essai.token()?;
    assert!(matches!(verify(&token, TEXTE, &others, None), Err(Fault::Chain(_))));
    assert!(!horodateur.believes(&essai.answer, TEXTE, None, "autre")?);
    for (name, validity) in [
        ("expire", ("20200101000000Z", "20210101000000Z")),
        ("futur", ("20980101000000Z", "20990101000000Z")),
    ] {
        horodateur.signer(name, "horodatage", "rsa:2048", validity)?;
        let answer = horodateur.reply(&essai.asked, name)?;
        assert!(matches!(essai.fault(&answer), Some(Fault::Chain(_))), "{name}");
        assert!(!horodateur.believes(&answer, TEXTE, None, "racine")?, "{name}");
    }
    Ok(())
}

#[test]
fn a_certificate_that_is_not_for_timestamping_alone_dates_nothing() -> Result<()> {
    let Some(essai) = Essai::open()? else { return Ok(()) };
    let (horodateur, token) = (&essai.horodateur, essai.token()?);
    for section in ["sans-usage", "deux-usages", "non-critique"] {
        horodateur.signer(section, section, "rsa:2048", BON)?;
        let again = horodateur.signed_again(&token, section)?;
        assert_eq!(verify(&again, TEXTE, &essai.roots, None), Err(Fault::Usage), "{section}");
        assert!(!horodateur.believes(&response(&again)?, TEXTE, None, "racine")?, "openssl, {section}");
    }
    // The same by a signer that is certified, whose name is not the one that the token has.
    horodateur.signer("second", "horodatage", "rsa:2048", BON)?;
    let again = horodateur.signed_again(&token, "second")?;
    assert_eq!(verify(&again, TEXTE, &essai.roots, None), Err(Fault::Authority));
    Ok(())
}
