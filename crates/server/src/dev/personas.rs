//! The sample personas.

use crate::cli::Persona;

/// Who of the sample organisation the personas are.
pub struct Personas;

impl Personas {
    /// Subject of tokens that administer the sample organisation.
    pub const ADMINISTRATOR: &'static str = "noor";

    /// The external id of the persona.
    pub const fn subject(persona: Persona) -> &'static str {
        match persona {
            Persona::Engineer => "mira",
            Persona::Manager => "tomas",
            Persona::Admin => Self::ADMINISTRATOR,
        }
    }
}
