//! The rules of the domain as tables of given, when, then, and as properties. No I/O.
#![allow(clippy::unwrap_used)]

mod access;
mod evidence;
mod framework_document;
mod framework_version;
mod given;
mod levels;
mod next_skills;
mod people;
mod readiness;
mod reference_framework;
mod skill_record;
