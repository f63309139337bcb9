//! Payloads: one type per event and version.
//!
//! A compatible change adds or removes an optional field; anything else is a new version with a new type.
//! Levels are whole numbers from 0 to 5, times are RFC 3339 in UTC, scores and confidences lie in 0..=5 and
//! 0..=1.

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
        }
    )+};
}

mod evidence;
mod framework;
mod people;
mod progress;
mod state;

pub use evidence::*;
pub use framework::*;
pub use people::*;
pub use progress::*;
pub use state::*;
