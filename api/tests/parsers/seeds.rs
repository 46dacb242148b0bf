//! Inputs that are nearly right. Random bytes stop at a parser's first check; so half of the
//! inputs are read as edits to a text that it takes, made of the words that it knows.

/// What a language's texts are made of.
pub struct Language {
    /// Texts that the parser takes.
    pub texts: &'static [&'static [u8]],
    /// Words that mean something to it.
    pub words: &'static [&'static str],
}

/// Most edits to one text: more leave nothing of it.
const EDITS: usize = 12;

impl Language {
    /// The text that an input stands for: itself if it starts like a text (in ASCII, as every
    /// file of a corpus does), an edited one otherwise.
    pub fn text(&self, input: &[u8]) -> Vec<u8> {
        let Some((choice, script)) = input.split_first().filter(|(first, _)| !first.is_ascii()) else {
            return input.to_vec();
        };
        let mut text = pick(self.texts, *choice).to_vec();
        for edit in script.chunks_exact(4).take(EDITS) {
            self.edit(&mut text, edit);
        }
        text
    }

    fn edit(&self, text: &mut Vec<u8>, edit: &[u8]) {
        let &[what, high, low, which] = edit else { return };
        let at = usize::from(u16::from_be_bytes([high, low])) % (text.len() + 1);
        let end = (at + usize::from(which)).min(text.len());
        match what % 6 {
            0 => drop(text.splice(at..at, pick(self.words, which).bytes())),
            1 => drop(text.splice(at..(at + 1).min(text.len()), [which])),
            2 => drop(text.drain(at..end)),
            3 => {
                let twice = text[at..end].to_vec();
                text.splice(at..at, twice);
            }
            4 => {
                let word = pick(self.words, which).repeat(usize::from(what));
                text.splice(at..at, word.into_bytes());
            }
            _ => text.truncate(at),
        }
    }
}

fn pick<T: ?Sized>(choices: &[&'static T], number: u8) -> &'static T {
    choices[usize::from(number) % choices.len()]
}
