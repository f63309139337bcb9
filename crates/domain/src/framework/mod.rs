//! Frameworks: what the role of a backend developer means to an organisation.
//!
//! A framework has versions. A version is written as one [document](document), imported as a draft,
//! published, and never changes again. [`Content`] is what the document says, [`FrameworkVersion`] is the
//! aggregate with its states, and [`Catalogue`] is a version prepared for looking things up.

mod catalogue;
mod content;
pub mod document;
mod event;
mod graph;
mod import;
mod publish;
mod version;

pub use catalogue::{Catalogue, Requirement};
pub(crate) use content::name_in;
pub use content::{
    Content, PositionSpec, PrerequisiteSpec, RequirementSpec, ScaleStep, SkillDomain, SkillKind, SkillSpec,
    SpecialisationSpec, TechnologyCategory, Track,
};
pub use event::FrameworkEvent;
pub use graph::{PrerequisiteGraph, find_cycle};
pub use import::{ImportedFramework, import_framework};
pub use publish::publish_framework;
pub use version::{FrameworkVersion, VersionState};
