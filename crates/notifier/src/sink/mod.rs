//! Where messages go: to a mail server, or to a file.

mod file;
mod mail;

pub use file::FileSink;
pub use mail::MailSink;

use serde::{Deserialize, Serialize};
use std::io;
use uuid::Uuid;
use waymark_consumer::HandlerError;

/// A message to one person.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// `<id of the event@waymark>`: the same whenever the event is delivered again.
    pub message_id: String,
    /// Whom it concerns.
    pub person_id: Uuid,
    /// Address.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// Text.
    pub text: String,
}

/// Where messages go.
pub enum Sink {
    /// Lines of JSON in a file.
    File(FileSink),
    /// A mail server.
    Mail(MailSink),
}

impl Sink {
    /// Hands one message over; whoever has it now keeps it.
    ///
    /// # Errors
    /// When nobody took it.
    pub async fn send(&self, message: &Message) -> Result<(), HandlerError> {
        match self {
            Self::File(file) => file.write(message).map_err(away),
            Self::Mail(mail) => mail.send(message).await,
        }
    }

    /// Removes what is kept about a person. What a mail server was given is not here any more.
    ///
    /// # Errors
    /// When it may still be there.
    pub fn forget(&self, person: Uuid) -> Result<(), HandlerError> {
        match self {
            Self::File(file) => file.forget(person).map_err(away),
            Self::Mail(_) => Ok(()),
        }
    }
}

/// A disk that is full or gone is no fault of the event.
fn away(error: io::Error) -> HandlerError {
    HandlerError::Away(error.to_string())
}
