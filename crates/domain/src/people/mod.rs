//! People: who they are, their teams, to whom they report, which position they hold.

mod assign;
mod event;
mod import;
mod manage;
mod person;
mod reporting;
mod team;
mod update;
mod view;

pub use assign::{AssignPosition, assign_position};
pub use event::PeopleEvent;
pub use import::{ImportedPeople, MAX_ROWS, import_people};
pub use manage::{ChangeManager, change_manager};
pub use person::{Assignment, Person, Profile};
pub use reporting::{find_reporting_cycle, reporting_chain};
pub use team::Team;
pub use update::{UpdatePerson, update_person};
pub use view::{AssignmentView, PersonView, TeamView};
