//! Progress on the standard error stream, on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over so many events.
pub fn bar(total: u64, doing: impl Into<String>) -> ProgressBar {
    let bar = ProgressBar::new(total); // hidden unless stderr is a terminal
    let template = "{msg} {wide_bar} {human_pos}/{human_len} événements, encore {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(doing.into());
    bar
}
