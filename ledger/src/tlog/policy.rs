//! Whose cosignatures are enough ([C2SP tlog-policy]): witnesses, groups of them of which so
//! many must have signed, and the one group that is the quorum.
//!
//! [C2SP tlog-policy]: https://c2sp.org/tlog-policy

use super::cosignature::WitnessVerifier;
use std::collections::BTreeMap;

/// The name of the quorum that asks for nobody.
const NONE: &str = "none";

/// A witness, and where it is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// What verifies it.
    pub verifier: WitnessVerifier,
    /// Where it is asked; none if it is by other ways.
    pub url: Option<String>,
}

/// Of these, so many.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    needed: usize,
    members: Vec<String>,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    witnesses: BTreeMap<String, Witness>,
    groups: BTreeMap<String, Group>,
    /// None if nobody is asked for.
    quorum: Option<String>,
}

/// What is wrong with a policy, on which line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {reason}")]
pub struct PolicyFault {
    /// From 1; after the last one where something is missing.
    pub line: usize,
    /// What.
    pub reason: &'static str,
}

impl Policy {
    /// Reads one. A name means what an earlier line says, so groups have no cycles.
    pub fn read(text: &str) -> Result<Self, PolicyFault> {
        let mut policy = Self::default();
        let mut quorum = None;
        for (line, content) in (1..).zip(text.lines()) {
            let words: Vec<_> = content.split_whitespace().collect();
            let read = match words.as_slice() {
                [] => Ok(()),
                [word, ..] if word.starts_with('#') => Ok(()),
                // Whose log it is follows from our own keys.
                ["log", _key] | ["log", _key, _] => Ok(()),
                ["witness", name, key] => policy.witness(name, key, None),
                ["witness", name, key, url] => policy.witness(name, key, Some(url)),
                ["group", name, needed, members @ ..] => policy.group(name, needed, members),
                ["quorum", _] if quorum.is_some() => Err("there is one quorum"),
                ["quorum", name] if *name == NONE || policy.has(name) => {
                    quorum = Some((*name).to_owned());
                    Ok(())
                }
                ["quorum", _] => Err("no line before names this"),
                _ => Err("this is no line of a policy"),
            };
            read.map_err(|reason| PolicyFault { line, reason })?;
        }
        let missing = PolicyFault { line: text.lines().count() + 1, reason: "the quorum is missing" };
        policy.quorum = Some(quorum.ok_or(missing)?).filter(|name| name != NONE);
        Ok(policy)
    }

    fn has(&self, name: &str) -> bool {
        self.witnesses.contains_key(name) || self.groups.contains_key(name)
    }

    fn free(&self, name: &str) -> Result<(), &'static str> {
        if name == NONE || self.has(name) { Err("this name is taken") } else { Ok(()) }
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&str>) -> Result<(), &'static str> {
        self.free(name)?;
        let verifier = WitnessVerifier::read(key).map_err(|_| "this is no verifier key of a witness")?;
        if self.witnesses.values().any(|witness| witness.verifier == verifier) {
            return Err("one key is one witness");
        }
        self.witnesses.insert(name.to_owned(), Witness { verifier, url: url.map(str::to_owned) });
        Ok(())
    }

    fn group(&mut self, name: &str, needed: &str, members: &[&str]) -> Result<(), &'static str> {
        self.free(name)?;
        if members.is_empty() || !members.iter().all(|member| self.has(member)) {
            return Err("no line before names one of the members");
        }
        let needed = match needed {
            "any" => 1,
            "all" => members.len(),
            number => number.parse().map_err(|_| "how many is any, all or a number")?,
        };
        if !(1..=members.len()).contains(&needed) {
            return Err("so many cannot be had of these members");
        }
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        self.groups.insert(name.to_owned(), Group { needed, members });
        Ok(())
    }

    /// The witnesses, by the names that the policy gives them.
    pub fn witnesses(&self) -> &BTreeMap<String, Witness> {
        &self.witnesses
    }

    /// Who cosigned a note, and when, in seconds since 1970.
    pub fn cosigned(&self, note: &str) -> BTreeMap<&str, u64> {
        let when = |witness: &Witness| witness.verifier.cosigned_at(note).ok();
        self.witnesses.iter().filter_map(|(name, witness)| Some((name.as_str(), when(witness)?))).collect()
    }

    /// Whether those who cosigned a note are enough.
    pub fn reached(&self, note: &str) -> bool {
        let cosigned = self.cosigned(note);
        self.quorum.as_ref().is_none_or(|quorum| self.met(quorum, &|name| cosigned.contains_key(name)))
    }

    fn met(&self, name: &str, signed: &impl Fn(&str) -> bool) -> bool {
        match self.groups.get(name) {
            Some(group) => {
                group.members.iter().filter(|member| self.met(member, signed)).count() >= group.needed
            }
            None => signed(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlog::cosignature::WitnessKey;
    use crate::tlog::note::NoteKey;
    use crate::tlog::{Hash, Origin};
    use zeroize::Zeroizing;

    fn key(seed: u8) -> WitnessKey {
        WitnessKey::of(&format!("w{seed}"), &Zeroizing::new([seed; 32])).unwrap()
    }

    fn witnesses(count: u8) -> String {
        (1..=count)
            .map(|seed| format!("witness w{seed} {} https://w{seed}.fr\n", key(seed).verifier_key()))
            .collect()
    }

    fn cosigned(by: &[u8]) -> String {
        let log = NoteKey::of(&Zeroizing::new([100; 32]));
        let mut note = log.sign(&Origin::of_all("ent.fr"), 3, Hash([7; 32])).unwrap();
        for seed in by {
            let line = key(*seed).cosign(&note, 7).unwrap();
            note.push_str(&line);
        }
        note
    }

    #[test]
    fn a_quorum_is_reached_by_so_many_of_its_groups() {
        let text = format!(
            "# deux rectorats, et un tiers\n{}group rectorats any w1 w2\ngroup tous 2 rectorats w3 w4\nquorum tous\n",
            witnesses(4)
        );
        let policy = Policy::read(&text).unwrap();
        for (by, reached) in [
            (&[][..], false),
            (&[1], false),
            (&[1, 2], false),
            (&[1, 3], true),
            (&[3, 4], true),
            (&[9, 3], false),
            (&[1, 2, 3, 4], true),
        ] {
            assert_eq!(policy.reached(&cosigned(by)), reached, "{by:?}");
        }
        assert_eq!(policy.cosigned(&cosigned(&[2])), [("w2", 7)].into());
        let all = Policy::read(&format!("{}group g all w1 w2\nquorum g\n", witnesses(2))).unwrap();
        assert!(!all.reached(&cosigned(&[1])) && all.reached(&cosigned(&[2, 1])));
        assert!(Policy::read("quorum none\n").unwrap().reached(&cosigned(&[])));
        let one = Policy::read(&format!("{}quorum w1\n", witnesses(1))).unwrap();
        assert!(!one.reached("rien") && one.reached(&cosigned(&[1])));
    }

    #[test]
    fn a_policy_that_says_nothing_clear_is_refused_with_its_line() {
        let again = format!("{}witness autre {}\n", witnesses(1), key(1).verifier_key());
        for (text, line, reason) in [
            (String::new(), 1, "the quorum is missing"),
            ("quorum w1\n".to_owned(), 1, "no line before names this"),
            ("\n# rien\ngroup g any w1\n".to_owned(), 3, "no line before names one of the members"),
            ("witness w1 a+b+c\n".to_owned(), 1, "this is no verifier key of a witness"),
            (format!("{}group g 3 w1 w2\n", witnesses(2)), 3, "so many cannot be had of these members"),
            (format!("{}group g 0 w1\n", witnesses(1)), 2, "so many cannot be had of these members"),
            (format!("{}group w1 any w1\n", witnesses(1)), 2, "this name is taken"),
            (again, 2, "one key is one witness"),
            ("quorum none\nquorum none\n".to_owned(), 2, "there is one quorum"),
            ("temoin x\n".to_owned(), 1, "this is no line of a policy"),
        ] {
            assert_eq!(Policy::read(&text), Err(PolicyFault { line, reason }), "{text}");
        }
    }
}
