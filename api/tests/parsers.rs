//! Every parser of ours, given what nobody would write: each file is one target, a property
//! that must hold for all inputs. `./test` tries them for seconds on the committed corpus
//! and on random inputs, `./fuzz` for as long as one likes, guided by coverage.

// A property fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "parsers/appareil.rs"]
mod appareil;
#[path = "parsers/cas.rs"]
mod cas;
#[path = "parsers/csv.rs"]
mod csv;
#[path = "parsers/document.rs"]
mod document;
#[path = "parsers/edt.rs"]
mod edt;
#[path = "parsers/envelope.rs"]
mod envelope;
#[path = "parsers/eventstore.rs"]
mod eventstore;
#[path = "parsers/feed.rs"]
mod feed;
#[path = "parsers/horodatage.rs"]
mod horodatage;
#[path = "parsers/ids.rs"]
mod ids;
#[path = "parsers/rebonds.rs"]
mod rebonds;
#[path = "parsers/request.rs"]
mod request;
#[path = "parsers/seal.rs"]
mod seal;
#[path = "parsers/seeds.rs"]
mod seeds;
#[path = "parsers/siecle.rs"]
mod siecle;
#[path = "parsers/sts.rs"]
mod sts;
#[path = "parsers/tableau.rs"]
mod tableau;
#[path = "parsers/tlog.rs"]
mod tlog;
#[path = "parsers/token.rs"]
mod token;
#[path = "parsers/values.rs"]
mod values;

/// A target under the name of its file: the property is tried for the time that
/// `BOLERO_RANDOM_TEST_TIME_MS` gives, or a second.
macro_rules! target {
    ($name:literal, $property:expr) => {
        let property = $crate::Property::of($property);
        bolero::check!(name = $name).with_max_len(4096).for_each(move |input: &[u8]| property.hold(input))
    };
}
use target;

/// What must hold for every input. Nothing of it is looked at once it has panicked.
struct Property<F>(F);

impl<F> std::panic::RefUnwindSafe for Property<F> {}

impl<F: Fn(&[u8])> Property<F> {
    fn of(property: F) -> Self {
        Self(property)
    }

    fn hold(&self, input: &[u8]) {
        self.0(input);
    }
}
