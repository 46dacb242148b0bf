//! Help, and what is wrong with a command line, in French.

use crate::verdict::Verdict;
use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::io::Write;

/// Answers a command line that is not to be run: help and version, which were asked for,
/// or a mistake.
pub fn answer(error: &Error, out: &mut dyn Write, err: &mut dyn Write) -> Verdict {
    // A closed pipe leaves nobody to tell.
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = write!(out, "{error}");
            Verdict::Valide
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = write!(err, "{error}");
            Verdict::Indetermine
        }
        _ => {
            let _ = writeln!(err, "ent-rejeu : {}\nVoir ent-rejeu --help.", mistake(error));
            Verdict::Indetermine
        }
    }
}

fn mistake(error: &Error) -> String {
    let argument = context(error, ContextKind::InvalidArg);
    let value = context(error, ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => format!("option inconnue : {argument}"),
        ErrorKind::InvalidSubcommand => {
            format!("commande inconnue : {}", context(error, ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingSubcommand => "il manque une commande".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("il manque {argument}"),
        ErrorKind::InvalidValue if value.is_empty() => format!("il manque une valeur à {argument}"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("il manque une valeur à {argument}")
        }
        ErrorKind::ArgumentConflict => format!("{argument} est donné deux fois ou en contredit une autre"),
        ErrorKind::ValueValidation if argument.starts_with("--limite") => {
            format!("« {value} » ne convient pas à {argument} : attendu un nombre")
        }
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            format!("« {value} » ne convient pas à {argument} : {reason}")
        }
        _ => "la ligne de commande est incompréhensible".to_owned(),
    }
}

fn context(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    }
}
