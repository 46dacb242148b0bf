//! Which events of `$all` are wanted: those whose type or stream begins, or is made, in a way.
//! The engine of expressions is linear in what it reads; what it compiles to is bounded here.

use super::protocole::read_req::options::FilterOptions;
use super::protocole::read_req::options::filter_options::{Expression, Filter as Wanted};
use ledger::feed::StoredEvent;
use regex::{Regex, RegexBuilder};
use tonic::Status;

/// Longest expression, in bytes.
const EXPRESSION_MAX: usize = 1024;
/// Bytes of a compiled expression, and of what it keeps while it reads.
const COMPILED_MAX: usize = 1 << 20;
/// Prefixes of one filter.
const PREFIXES_MAX: usize = 64;

#[derive(Debug)]
enum Made {
    In(Regex),
    Of(Vec<String>),
}

impl Made {
    fn takes(&self, text: &str) -> bool {
        match self {
            Self::In(regex) => regex.is_match(text),
            Self::Of(prefixes) => prefixes.iter().any(|prefix| text.starts_with(prefix.as_str())),
        }
    }
}

/// What of an event is looked at.
#[derive(Debug)]
enum Part {
    Type,
    Stream,
}

/// See the module.
#[derive(Debug)]
pub struct Filter {
    part: Part,
    made: Made,
}

impl Filter {
    /// Whether an event is wanted.
    pub fn takes(&self, event: &StoredEvent) -> bool {
        match self.part {
            Part::Type => self.made.takes(&event.event_type),
            Part::Stream => self.made.takes(&super::message::name(event)),
        }
    }
}

impl TryFrom<FilterOptions> for Filter {
    type Error = Status;

    fn try_from(options: FilterOptions) -> Result<Self, Status> {
        match options.filter {
            Some(Wanted::EventType(expression)) => Ok(Self { part: Part::Type, made: made(expression)? }),
            Some(Wanted::StreamIdentifier(expression)) => {
                Ok(Self { part: Part::Stream, made: made(expression)? })
            }
            None => Err(Status::invalid_argument("a filter without an expression")),
        }
    }
}

fn made(expression: Expression) -> Result<Made, Status> {
    let length = expression.regex.len() + expression.prefix.iter().map(String::len).sum::<usize>();
    if length > EXPRESSION_MAX || expression.prefix.len() > PREFIXES_MAX {
        return Err(Status::invalid_argument("the filter is too long"));
    }
    if !expression.prefix.is_empty() {
        return Ok(Made::Of(expression.prefix));
    }
    RegexBuilder::new(&expression.regex)
        .size_limit(COMPILED_MAX)
        .dfa_size_limit(COMPILED_MAX)
        .build()
        .map(Made::In)
        .map_err(|_| Status::invalid_argument("the filter is no expression, or too large a one"))
}
