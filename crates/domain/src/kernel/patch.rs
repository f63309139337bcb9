//! What an update does to one field.

/// What an update does to one field: nothing, clear it, or set it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It has no value from now on.
    Clear,
    /// It has this value from now on.
    Set(T),
}

impl<T> Patch<T> {
    /// The value from now on, if there is one.
    #[must_use]
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}
