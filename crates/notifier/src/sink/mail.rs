//! A mail server, over SMTP.

use super::Message;
use anyhow::{Context, Result, bail};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::net::IpAddr;
use std::time::Duration;
use url::Url;
use waymark_consumer::HandlerError;

/// How long one command may take before the server counts as away.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A mail server and the address from which messages come.
pub struct MailSink {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl MailSink {
    /// Does not connect yet. `url` is `smtps://USER:PASSWORD@HOST:465`, or `smtp://HOST:587?tls=required`; without
    /// TLS it goes to this machine alone.
    pub fn new(url: &str, from: &str) -> Result<Self> {
        let parsed = Url::parse(url).context("smtp_url is no URL")?;
        let encrypted = parsed.scheme() == "smtps"
            || parsed.query_pairs().any(|(name, value)| name == "tls" && value == "required");
        if !encrypted && !is_loopback(&parsed) {
            bail!("smtp_url needs smtps:// or ?tls=required: messages name people");
        }
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).context("smtp_url is not right")?;
        let from = from.parse().with_context(|| format!("{from} is no address"))?;
        Ok(Self { server: server.timeout(Some(TIMEOUT)).build(), from })
    }

    /// Sends one message; the server has taken it when this returns.
    pub async fn send(&self, message: &Message) -> Result<(), HandlerError> {
        let mail = self.mail(message).map_err(|error| HandlerError::Dead(error.to_string()))?;
        match self.server.send(mail).await {
            Ok(_) => Ok(()),
            Err(error) => Err(judge(&error)),
        }
    }

    fn mail(&self, message: &Message) -> Result<lettre::Message> {
        // Machines are asked not to answer; nobody reads it.
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        let mail = lettre::Message::builder()
            .message_id(Some(message.message_id.clone()))
            .from(self.from.clone())
            .to(message.to.parse()?)
            .subject(&message.subject)
            .raw_header(HeaderValue::new(name, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())?;
        Ok(mail)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

/// What a failure means for the event. Only an answer about this very message can be its fault.
fn judge(error: &smtp::Error) -> HandlerError {
    let why = error.to_string();
    match error.status().map(u16::from) {
        // The server closes down, or does not know us.
        None | Some(421 | 454 | 530 | 534 | 535 | 538) => HandlerError::Away(why),
        Some(_) if error.is_permanent() => HandlerError::Dead(why),
        Some(_) => HandlerError::Retry(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_names_people_leaves_the_machine_encrypted_alone() {
        let from = "Waymark <waymark@example.com>";
        for url in [
            "smtps://user:word@mail.example.com",
            "smtp://mail.example.com?tls=required",
            "smtp://127.0.0.1:1025",
            "smtp://[::1]:1025",
            "smtp://localhost",
        ] {
            assert!(MailSink::new(url, from).is_ok(), "{url}");
        }
        for url in [
            "smtp://mail.example.com",
            "smtp://mail.example.com?tls=opportunistic",
            "smtp://127.0.0.1.example.com",
            "http://localhost",
            "mail.example.com",
        ] {
            assert!(MailSink::new(url, from).is_err(), "{url}");
        }
        assert!(MailSink::new("smtp://localhost", "nobody").is_err());
    }
}
