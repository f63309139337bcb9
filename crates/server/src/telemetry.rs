//! Logs: to standard error, for people or for collectors.

use crate::config::LogFormat;
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use tracing_subscriber::EnvFilter;

/// Begins to log.
///
/// # Errors
/// When the filter is not one.
pub fn init(format: LogFormat, filter: &str) -> Result<()> {
    let filter =
        EnvFilter::try_new(filter).context("log.filter is not a filter like `info,waymark=debug`")?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    match format {
        LogFormat::Json => builder.json().with_writer(io::stderr).init(),
        LogFormat::Text => {
            // Escape codes in a file help nobody.
            let colours = io::stderr().is_terminal();
            let writer = move || OneLine { to: io::stderr(), colours };
            builder.with_ansi(colours).with_target(false).with_writer(writer).init();
        }
    }
    Ok(())
}

/// Writes each event as one line. What somebody sent may be part of one, a message of a socket or of the database say:
/// it must neither begin a line of its own, which would look like ours, nor tell a terminal what to do.
struct OneLine<W> {
    to: W,
    /// Whether the formatter colours the line; in that case it takes the escape codes out of everything else.
    colours: bool,
}

impl<W: Write> Write for OneLine<W> {
    /// The formatter hands over a whole event at once.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.to.write_all(one_line(&String::from_utf8_lossy(event), self.colours).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// The event with everything escaped that ends a line or steers a terminal, but for the end of the event itself.
fn one_line(event: &str, colours: bool) -> String {
    let (text, end) = event.strip_suffix('\n').map_or((event, ""), |text| (text, "\n"));
    let mut line = String::with_capacity(event.len());
    for char in text.chars() {
        match char {
            '\u{1b}' if colours => line.push(char),
            '\t' => line.push(char),
            '\u{2028}' | '\u{2029}' => _ = write!(line, "{}", char.escape_default()),
            _ if char.is_control() => _ = write!(line, "{}", char.escape_default()),
            _ => line.push(char),
        }
    }
    line + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_was_written_into_it() {
        let cases = [
            ("fine\n", "fine\n"),
            ("a\tb \u{fc}\u{1f3c3} c\n", "a\tb \u{fc}\u{1f3c3} c\n"),
            ("a\n2030-01-01 ERROR b\n", "a\\n2030-01-01 ERROR b\n"),
            (
                "a\r\n\u{b}\u{c}\u{85}\u{2028}\u{2029}b\0\n",
                "a\\r\\n\\u{b}\\u{c}\\u{85}\\u{2028}\\u{2029}b\\u{0}\n",
            ),
            ("\u{1b}[2J\n", "\\u{1b}[2J\n"),
            ("\n\n", "\\n\n"),
            ("without an end", "without an end"),
        ];
        for (event, expected) in cases {
            let mut line = OneLine { to: Vec::new(), colours: false };
            line.write_all(event.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(line.to).unwrap(), expected);
        }
        assert_eq!(one_line("\u{1b}[31mERROR\u{1b}[0m a\nb\n", true), "\u{1b}[31mERROR\u{1b}[0m a\\nb\n");
    }
}
