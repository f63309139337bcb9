//! How the hash of an entry follows from it and from the entry before. `docs/audit.md` publishes this form: it never
//! changes for what is sealed; another one gets another first line.

use super::row::entry;
use aws_lc_rs::digest;
use chrono::SecondsFormat;
use std::fmt::Write;
use uuid::Uuid;

/// The first line of the form.
const FORM: &str = "waymark-audit/1";

/// What stands where an entry has nothing to say.
const NONE: &str = "-";

/// The hash that an entry has at this place, after an entry with this hash; `None` for one that was never sealed,
/// because it has no canonical form.
pub(super) fn hash(previous: &str, entry: &entry::Model, number: i64) -> Option<String> {
    let canonical = canonical(entry, number)?;
    let digest = digest::digest(&digest::SHA256, format!("{previous}\n{canonical}").as_bytes());
    Some(digest.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a string never fails.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// The entry as text: its form, then a line for each of its values, each ended by a line feed.
fn canonical(entry: &entry::Model, number: i64) -> Option<String> {
    let id = |id: Option<Uuid>| id.map_or_else(|| NONE.to_owned(), |id| id.to_string());
    let object = match (&entry.object_kind, entry.object_id) {
        (Some(kind), Some(id)) => format!("{kind}:{id}"),
        (None, None) => NONE.to_owned(),
        _ => return None,
    };
    let lines = [
        FORM.to_owned(),
        entry.tenant_id.to_string(),
        number.to_string(),
        entry.id.to_string(),
        entry.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        entry.actor_id.to_string(),
        entry.action.clone(),
        object,
        id(entry.person_id),
        entry.outcome.clone(),
        entry.correlation.to_string(),
    ];
    // A line end within a value could make one entry look like another.
    let sound = lines.iter().all(|line| !line.is_empty() && !line.chars().any(char::is_control));
    sound.then(|| lines.map(|line| line + "\n").concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    /// The vector of `docs/audit.md`.
    fn sample() -> entry::Model {
        entry::Model {
            tenant_id: Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001),
            number: 1,
            id: Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0002),
            at: Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0).unwrap() + chrono::Duration::microseconds(1),
            actor_id: Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0003),
            action: "attestSkill".to_owned(),
            object_kind: Some("SKILL_RECORD".to_owned()),
            object_id: Some(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0004)),
            person_id: Some(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0005)),
            outcome: "DONE".to_owned(),
            correlation: Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0006),
            hash: String::new(),
        }
    }

    fn second() -> entry::Model {
        entry::Model {
            number: 2,
            id: Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0007),
            action: "publishFramework".to_owned(),
            object_kind: None,
            object_id: None,
            person_id: None,
            outcome: "FORBIDDEN".to_owned(),
            ..sample()
        }
    }

    #[test]
    fn the_published_vector_holds() {
        let page = include_str!("../../../../docs/audit.md");
        let start = "0".repeat(64);
        let first = hash(&start, &sample(), 1).unwrap();
        let next = hash(&first, &second(), 2).unwrap();
        for shown in [canonical(&sample(), 1).unwrap(), canonical(&second(), 2).unwrap()] {
            assert!(page.contains(&shown), "the page lacks\n{shown}");
        }
        for shown in [&first, &next] {
            assert!(page.contains(shown.as_str()), "the page lacks {shown}");
        }
    }

    #[test]
    fn every_value_counts_and_none_can_pass_for_two() {
        let start = "0".repeat(64);
        let whole = hash(&start, &sample(), 1);
        let others = [
            entry::Model { tenant_id: Uuid::nil(), ..sample() },
            entry::Model { id: Uuid::nil(), ..sample() },
            entry::Model { at: sample().at + chrono::Duration::microseconds(1), ..sample() },
            entry::Model { actor_id: Uuid::nil(), ..sample() },
            entry::Model { action: "endorseSkill".to_owned(), ..sample() },
            entry::Model { object_kind: Some("EVIDENCE".to_owned()), ..sample() },
            entry::Model { object_kind: None, object_id: None, ..sample() },
            entry::Model { person_id: None, ..sample() },
            entry::Model { outcome: "FORBIDDEN".to_owned(), ..sample() },
            entry::Model { correlation: Uuid::nil(), ..sample() },
        ];
        for other in &others {
            assert_ne!(hash(&start, other, 1), whole, "{other:?}");
        }
        assert_ne!(hash(&start, &sample(), 2), whole);
        assert_ne!(hash(&"1".repeat(64), &sample(), 1), whole);
        for action in ["", "attestSkill\n-", "\u{85}"] {
            assert_eq!(hash(&start, &entry::Model { action: action.to_owned(), ..sample() }, 1), None);
        }
        assert_eq!(hash(&start, &entry::Model { object_id: None, ..sample() }, 1), None);
    }
}
