//! Proficiency levels.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A proficiency level on the scale 0 (not yet) to 5 (shapes the field).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub struct Level(u8);

/// A number that is not on the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("level {0} is not on the scale from 0 to 5")]
pub struct LevelOutOfRange(pub i64);

impl Level {
    /// Not yet.
    pub const ZERO: Self = Self(0);
    /// The top of the scale.
    pub const MAX: Self = Self(5);

    /// The level of this number.
    ///
    /// # Errors
    /// When the number is not within 0..=5.
    pub fn new(value: i64) -> Result<Self, LevelOutOfRange> {
        match u8::try_from(value) {
            Ok(level @ 0..=5) => Ok(Self(level)),
            _ => Err(LevelOutOfRange(value)),
        }
    }

    /// The number of the level, 0..=5.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }

    /// How many levels are missing up to `required`; 0 when it is reached.
    #[must_use]
    pub fn missing_to(self, required: Self) -> u8 {
        required.0.saturating_sub(self.0)
    }
}

impl TryFrom<i64> for Level {
    type Error = LevelOutOfRange;

    fn try_from(value: i64) -> Result<Self, Self::Error> {
        Self::new(value)
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
