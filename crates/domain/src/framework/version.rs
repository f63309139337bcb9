//! One version of a framework and its states.

use super::{Content, FrameworkEvent};
use crate::kernel::{FrameworkId, FrameworkVersionId, PositionId, Refusal, RefusalCode, SkillId};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::Arc;

/// Where a version stands: Draft -> InReview -> Published -> Deprecated -> Archived; InReview -> Draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionState {
    /// May still be replaced by another import.
    Draft,
    /// Awaits publication.
    InReview,
    /// In force; never changes again.
    Published,
    /// Still in force for those bound to it; not for new positions.
    Deprecated,
    /// Kept for history alone.
    Archived,
}

impl VersionState {
    /// Every state with its name in stored rows.
    pub const NAMES: [(Self, &'static str); 5] = [
        (Self::Draft, "DRAFT"),
        (Self::InReview, "IN_REVIEW"),
        (Self::Published, "PUBLISHED"),
        (Self::Deprecated, "DEPRECATED"),
        (Self::Archived, "ARCHIVED"),
    ];

    /// Hands a draft to review.
    ///
    /// # Errors
    /// `IllegalTransition` from any other state.
    pub fn submit(self) -> Result<Self, Refusal> {
        self.step(&[Self::Draft], Self::InReview)
    }

    /// Gives a reviewed version back to its authors.
    ///
    /// # Errors
    /// `IllegalTransition` from any other state.
    pub fn send_back(self) -> Result<Self, Refusal> {
        self.step(&[Self::InReview], Self::Draft)
    }

    /// Puts a reviewed version in force.
    ///
    /// # Errors
    /// `IllegalTransition` from any other state.
    pub fn publish(self) -> Result<Self, Refusal> {
        self.step(&[Self::InReview], Self::Published)
    }

    /// Announces the end of a published version.
    ///
    /// # Errors
    /// `IllegalTransition` from any other state.
    pub fn deprecate(self) -> Result<Self, Refusal> {
        self.step(&[Self::Published], Self::Deprecated)
    }

    /// Ends a deprecated version.
    ///
    /// # Errors
    /// `IllegalTransition` from any other state.
    pub fn archive(self) -> Result<Self, Refusal> {
        self.step(&[Self::Deprecated], Self::Archived)
    }

    /// Whether the content can no longer change.
    #[must_use]
    pub fn is_frozen(self) -> bool {
        matches!(self, Self::Published | Self::Deprecated | Self::Archived)
    }

    fn step(self, from: &[Self], to: Self) -> Result<Self, Refusal> {
        if from.contains(&self) {
            return Ok(to);
        }
        let name = |state| super::content::name_in(&Self::NAMES, state);
        let message = format!("A version that is {} cannot become {}.", name(self), name(to));
        Err(Refusal::new(RefusalCode::IllegalTransition, message))
    }
}

/// One version of a framework.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameworkVersion {
    /// The version.
    pub id: FrameworkVersionId,
    /// The framework.
    pub framework: FrameworkId,
    /// Number of the version, from 1.
    pub number: u32,
    /// Where it stands.
    pub state: VersionState,
    /// What it says.
    pub content: Arc<Content>,
    /// When it was first imported.
    pub created_at: DateTime<Utc>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// Revision that was loaded; 0 for a new one.
    pub revision: i64,
    /// What happened since it was loaded.
    pub events: Vec<FrameworkEvent>,
}

impl FrameworkVersion {
    /// A new draft, after the framework's latest version if there is one.
    #[must_use]
    pub fn draft(framework: FrameworkId, latest: Option<u32>, content: Content, at: DateTime<Utc>) -> Self {
        let number = latest.unwrap_or(0) + 1;
        let mut version = Self {
            id: FrameworkVersionId::for_version(framework, number),
            framework,
            number,
            state: VersionState::Draft,
            content: Arc::new(content),
            created_at: at,
            published_at: None,
            revision: 0,
            events: Vec::new(),
        };
        version.record_drafted();
        version
    }

    /// Replaces the content of a draft; the same content again changes nothing.
    ///
    /// # Errors
    /// `IllegalTransition` when the version is no draft: a published version never changes.
    pub fn redraft(&mut self, content: Content) -> Result<(), Refusal> {
        if *self.content == content {
            return Ok(());
        }
        if self.state != VersionState::Draft {
            let message = format!("Version {} is no draft, so its content no longer changes.", self.number);
            return Err(Refusal::new(RefusalCode::IllegalTransition, message));
        }
        self.content = Arc::new(content);
        self.record_drafted();
        Ok(())
    }

    /// Publishes the version: from now on it never changes. Publishing it again changes nothing.
    ///
    /// A draft passes its review in the same step, since whoever publishes it has read it. `previous` is
    /// the content of the framework's last published version; it decides which skills are new or gone.
    ///
    /// # Errors
    /// `IllegalTransition` when the version is deprecated or archived.
    pub fn publish(&mut self, previous: Option<&Content>, at: DateTime<Utc>) -> Result<(), Refusal> {
        if self.state == VersionState::Published {
            return Ok(());
        }
        if self.state == VersionState::Draft {
            self.state = self.state.submit()?;
        }
        self.state = self.state.publish()?;
        self.published_at = Some(at);
        self.record_skills(previous);
        self.record_positions();
        let (framework, version, number) = (self.framework, self.id, self.number);
        let key = self.content.key.clone();
        self.events.push(FrameworkEvent::Published { framework, version, number, key });
        Ok(())
    }

    /// Whether something happened since it was loaded.
    #[must_use]
    pub fn changed(&self) -> bool {
        !self.events.is_empty()
    }

    fn record_drafted(&mut self) {
        self.events.push(FrameworkEvent::Drafted {
            framework: self.framework,
            version: self.id,
            number: self.number,
            key: self.content.key.clone(),
            skills: count(self.content.skills.len()),
            positions: count(self.content.positions.len()),
        });
    }

    fn record_skills(&mut self, previous: Option<&Content>) {
        let before: HashMap<_, bool> =
            previous.into_iter().flat_map(|content| &content.skills).map(|s| (&s.key, s.retired)).collect();
        let (framework, version) = (self.framework, self.id);
        for skill in &self.content.skills {
            let id = SkillId::for_key(framework, skill.key.as_str());
            let key = skill.key.clone();
            match (before.get(&skill.key), skill.retired) {
                (None, false) => {
                    let kind = skill.kind;
                    self.events.push(FrameworkEvent::SkillDefined {
                        framework,
                        version,
                        skill: id,
                        key,
                        kind,
                    });
                }
                (Some(false), true) => {
                    self.events.push(FrameworkEvent::SkillRetired { framework, version, skill: id, key });
                }
                _ => {}
            }
        }
        let mut gone: Vec<_> = before
            .into_iter()
            .filter(|(key, retired)| !retired && !self.content.skills.iter().any(|s| s.key == **key))
            .map(|(key, _)| key.clone())
            .collect();
        gone.sort();
        for key in gone {
            let skill = SkillId::for_key(framework, key.as_str());
            self.events.push(FrameworkEvent::SkillRetired { framework, version, skill, key });
        }
    }

    fn record_positions(&mut self) {
        let (framework, version) = (self.framework, self.id);
        for position in &self.content.positions {
            self.events.push(FrameworkEvent::PositionDefined {
                framework,
                version,
                position: PositionId::for_key(version, position.key.as_str()),
                key: position.key.clone(),
                track: position.track.clone(),
                rank: position.rank,
                requirements: count(position.requirements.len()),
            });
        }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
