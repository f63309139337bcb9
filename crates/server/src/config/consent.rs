//! Section `[consent]`.

use serde::Deserialize;
use waymark_domain::kernel::Key;
use waymark_domain::privacy::Purpose;

/// Most purposes, and most characters of a text.
const MOST: (usize, usize) = (20, 2_000);

/// Section `[consent]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentConfig {
    /// What people can be asked to agree to.
    pub purposes: Vec<PurposeSettings>,
}

/// A table `[[consent.purposes]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurposeSettings {
    /// Names the purpose over all versions.
    pub key: String,
    /// Version of the text, from 1.
    pub version: u32,
    /// What somebody agrees to.
    pub text: String,
}

impl ConsentConfig {
    /// What is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.purposes.len() > MOST.0 {
            problems.push(format!("consent.purposes has more than {} purposes", MOST.0));
        }
        for (n, purpose) in self.purposes.iter().enumerate() {
            let mut say = |what: &str| problems.push(format!("consent.purposes[{n}]: {what}"));
            if Key::new(&purpose.key).is_err() {
                say("key must be letters a-z, digits and hyphens");
            }
            if self.purposes.iter().take(n).any(|other| other.key == purpose.key) {
                say("another purpose has the same key: a new text takes the place of the old one");
            }
            if !(1..=i32::MAX.unsigned_abs()).contains(&purpose.version) {
                say("version must be 1 or more, and higher with each new text");
            }
            if purpose.text.trim().is_empty() || purpose.text.chars().count() > MOST.1 {
                say("text must have 1 to 2000 characters");
            }
        }
        problems
    }

    /// The purposes; those that have a problem are left out.
    #[must_use]
    pub fn purposes(&self) -> Vec<Purpose> {
        let purpose = |settings: &PurposeSettings| {
            let key = Key::new(&settings.key).ok()?;
            Some(Purpose { key, version: settings.version, text: settings.text.clone() })
        };
        self.purposes.iter().filter_map(purpose).collect()
    }
}
