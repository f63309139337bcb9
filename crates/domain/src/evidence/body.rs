//! Checks of what somebody wrote as evidence.

use super::{EvidenceContent, EvidenceKind, SkillClaim};
use crate::kernel::{Refusal, RefusalCode, Refusals, Text, excerpt};
use chrono::NaiveDate;
use std::collections::HashSet;
use url::Url;

/// Most links of one piece of evidence.
const MAX_LINKS: usize = 20;
/// Longest link, in bytes.
const MAX_LINK_BYTES: usize = 2_048;
/// Most claims of one piece of evidence.
const MAX_CLAIMS: usize = 10;

impl EvidenceContent {
    /// Checked content.
    ///
    /// # Errors
    /// Everything that is wrong, with the name of the field.
    pub fn new(
        kind: EvidenceKind,
        title: &str,
        body: &str,
        links: &[String],
        occurred_on: NaiveDate,
        claims: Vec<SkillClaim>,
        today: NaiveDate,
    ) -> Result<Self, Refusals> {
        let mut refusals = Refusals::default();
        let mut keep = |field: &str, text: Result<String, Refusal>| {
            text.unwrap_or_else(|refusal| {
                refusals.push(refusal.at(field));
                String::new()
            })
        };
        let title = keep("title", Text::TITLE.check(title));
        let body = keep("body", Text::BODY.check(body));
        let links = check_links(links, &mut refusals);
        if occurred_on > today {
            let message = format!("{occurred_on} has not come yet.");
            refusals.push(Refusal::of("occurredOn", RefusalCode::InFuture, message));
        }
        check_claims(&claims, &mut refusals);
        refusals.or(Self { kind, title, body, links, occurred_on, claims })
    }
}

fn check_links(links: &[String], refusals: &mut Refusals) -> Vec<String> {
    if links.len() > MAX_LINKS {
        let message = format!("At most {MAX_LINKS} links are kept.");
        refusals.push(Refusal::of("links", RefusalCode::Invalid, message));
        return Vec::new();
    }
    let checked = links.iter().enumerate().filter_map(|(index, link)| match check_link(link) {
        Ok(link) => Some(link),
        Err(refusal) => {
            refusals.push(refusal.at(&format!("links.{index}")));
            None
        }
    });
    checked.collect()
}

/// Only https leads somewhere safe; the link is stored as the parser understood it, so that no two readers
/// can understand it differently.
fn check_link(link: &str) -> Result<String, Refusal> {
    let invalid = |message: String| Refusal::new(RefusalCode::Invalid, message);
    if link.len() > MAX_LINK_BYTES {
        return Err(invalid(format!("A link has at most {MAX_LINK_BYTES} bytes.")));
    }
    let url = Url::parse(link.trim()).map_err(|_| invalid(format!("{} is not a link.", excerpt(link))))?;
    if url.scheme() != "https" {
        let message = format!("A link begins with https:, not {}:.", excerpt(url.scheme()).trim_matches('"'));
        return Err(Refusal::new(RefusalCode::LinkNotAllowed, message));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::new(RefusalCode::LinkNotAllowed, "A link carries no user name or password."));
    }
    Ok(url.into())
}

fn check_claims(claims: &[SkillClaim], refusals: &mut Refusals) {
    if claims.is_empty() || claims.len() > MAX_CLAIMS {
        let message = format!("Evidence makes 1 to {MAX_CLAIMS} claims, not {}.", claims.len());
        refusals.push(Refusal::of("claims", RefusalCode::Invalid, message));
    }
    let mut seen = HashSet::new();
    for (index, claim) in claims.iter().enumerate() {
        if !seen.insert(claim.skill) {
            let message = "This skill is claimed already.";
            refusals.push(Refusal::of(&format!("claims.{index}.skillId"), RefusalCode::Duplicate, message));
        }
    }
}
