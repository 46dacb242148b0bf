//! Whose logs a witness knows: houses, each with all its journals, and single logs.

use ledger::tlog::maison::PublicKeys;
use ledger::tlog::note;

/// See the module.
#[derive(Debug, Default)]
pub struct Confiance {
    houses: Vec<PublicKeys>,
    /// Verifier keys of logs that are no house's.
    single: Vec<String>,
}

impl Confiance {
    /// Reads what `/journal/cles` of a house answers, or verifier keys one per line, after
    /// a `#` nothing; none if that says nothing or a line is no key.
    pub fn read(text: &str) -> Option<Self> {
        if let Ok(house) = PublicKeys::read(text) {
            return Some(Self { houses: vec![house], single: Vec::new() });
        }
        let mut read = Self::default();
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            match PublicKeys::read(line) {
                Ok(house) => read.houses.push(house),
                Err(_) if note::is_verifier_key(line) => read.single.push(line.to_owned()),
                Err(_) => return None,
            }
        }
        (!read.houses.is_empty() || !read.single.is_empty()).then_some(read)
    }

    /// The keys that may sign for the log of this name; none if it is not known.
    pub fn keys(&self, origin: &str) -> Vec<String> {
        let named = |key: &&String| key.split_once('+').is_some_and(|(name, _)| name == origin);
        let of_houses = self.houses.iter().flat_map(|house| house.of_log(origin));
        of_houses.chain(self.single.iter().filter(named).cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::tlog::Origin;
    use ledger::tlog::note::NoteKey;
    use zeroize::Zeroizing;

    fn key(seed: u8, base: &str) -> String {
        NoteKey::of(&Zeroizing::new([seed; 32])).verifier_key(&Origin::of_all(base))
    }

    #[test]
    fn houses_and_single_logs_are_known_by_their_own_keys() {
        let single = key(3, "ent.fr").replace("ent.fr/journal", "autre.org/log");
        // The hash is that of the name: a renamed key is none.
        assert!(Confiance::read(&single).is_none());
        let text = format!("# rectorat\n{}\n\n{}\n", key(1, "ent.fr"), key(2, "autre.fr"));
        let confiance = Confiance::read(&text).unwrap();
        assert_eq!(confiance.keys("ent.fr/journal"), [key(1, "ent.fr")]);
        assert_eq!(confiance.keys("autre.fr/journal/0690001b/2026").len(), 1);
        assert!(confiance.keys("ailleurs.fr/journal").is_empty());
        assert!(Confiance::read("").is_none() && Confiance::read("# rien\n").is_none());
    }
}
