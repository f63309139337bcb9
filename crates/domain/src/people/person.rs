//! A person and the position that they hold.

use super::PeopleEvent;
use crate::kernel::{Key, PersonId, PositionId, Refusal, RefusalCode, TeamId, Text};
use chrono::NaiveDate;
use email_address::EmailAddress;

/// Longest external id, in characters.
const EXTERNAL_ID: Text = Text { min: 1, max: 100, multiline: false };

/// What is known of a person from the organisation's own directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Identifies the person in the organisation's directory; the subject of their tokens.
    pub external_id: String,
    /// Their name as they want to be called.
    pub display_name: String,
    /// Their e-mail address, if known.
    pub email: Option<String>,
    /// What they work as, for instance `backend` or `product`.
    pub discipline: Key,
}

impl Profile {
    /// A checked profile.
    ///
    /// # Errors
    /// Every value that breaks a rule, with the name of its field.
    pub fn new(external_id: &str, name: &str, email: &str, discipline: &str) -> Result<Self, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let mut keep = |field: &str, checked: Result<String, Refusal>| {
            checked.unwrap_or_else(|refusal| {
                refusals.push(refusal.at(field));
                String::new()
            })
        };
        let external_id = keep("external_id", EXTERNAL_ID.check(external_id));
        let display_name = keep("name", Text::TITLE.check(name));
        let email = keep("email", check_email(email));
        let discipline = match discipline.trim() {
            "" => Key::new("backend"),
            text => Key::new(text),
        };
        match discipline {
            Ok(discipline) if refusals.is_empty() => {
                let email = Some(email).filter(|email| !email.is_empty());
                Ok(Self { external_id, display_name, email, discipline })
            }
            Ok(_) => Err(refusals),
            Err(refusal) => {
                refusals.push(refusal.at("discipline"));
                Err(refusals)
            }
        }
    }
}

fn check_email(email: &str) -> Result<String, Refusal> {
    let email = email.trim();
    if email.is_empty() || (email.len() <= 254 && EmailAddress::is_valid(email)) {
        return Ok(email.to_owned());
    }
    let message = format!("{} is not an e-mail address.", crate::kernel::excerpt(email));
    Err(Refusal::new(RefusalCode::Invalid, message))
}

/// A person's hold of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The position.
    pub position: PositionId,
    /// First day in it.
    pub since: NaiveDate,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The person.
    pub id: PersonId,
    /// What is known of them.
    pub profile: Profile,
    /// Their team.
    pub team: Option<TeamId>,
    /// To whom they report.
    pub manager: Option<PersonId>,
    /// The position that they hold now.
    pub assignment: Option<Assignment>,
    /// Revision that was loaded; 0 for a new one.
    pub revision: i64,
    /// What happened since it was loaded.
    pub events: Vec<PeopleEvent>,
}

impl Person {
    /// Registers a person.
    #[must_use]
    pub fn register(id: PersonId, profile: Profile, team: Option<TeamId>, manager: Option<PersonId>) -> Self {
        let events = vec![PeopleEvent::Registered { person: id, team, manager }];
        Self { id, profile, team, manager, assignment: None, revision: 0, events }
    }

    /// Takes over what the directory now says; what is the same changes nothing.
    pub fn update(&mut self, profile: Profile) {
        let known = &self.profile;
        let changes = [
            ("displayName", known.display_name != profile.display_name),
            ("email", known.email != profile.email),
            ("discipline", known.discipline != profile.discipline),
        ];
        let fields: Vec<_> =
            changes.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect();
        if !fields.is_empty() {
            self.events.push(PeopleEvent::Updated { person: self.id, fields });
        }
        self.profile = profile;
    }

    /// Moves the person to a team; the same team changes nothing.
    pub fn move_to(&mut self, team: Option<TeamId>) {
        if self.team != team {
            self.team = team;
            self.events.push(PeopleEvent::TeamChanged { person: self.id, team });
        }
    }

    /// Lets the person report to somebody. That this makes no circle is checked over the whole line, by
    /// [`find_reporting_cycle`](super::find_reporting_cycle).
    pub fn report_to(&mut self, manager: Option<PersonId>) {
        if self.manager != manager {
            self.manager = manager;
            self.events.push(PeopleEvent::ReportingLineChanged { person: self.id, manager });
        }
    }

    /// Assigns a position from a day on; an earlier assignment ends on that day, since nobody holds two.
    /// The same position from the same day changes nothing.
    ///
    /// # Errors
    /// `InFuture` for a day after `today`, `Invalid` for a day before the current assignment began.
    pub fn assign(
        &mut self,
        position: PositionId,
        since: NaiveDate,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        if since > today {
            let message = format!("{since} has not come yet.");
            return Err(Refusal::of("since", RefusalCode::InFuture, message));
        }
        let assignment = Assignment { position, since };
        match self.assignment {
            Some(current) if current == assignment => return Ok(()),
            Some(current) if since <= current.since => {
                let message = format!("The current assignment began on {}; name a later day.", current.since);
                return Err(Refusal::of("since", RefusalCode::Invalid, message));
            }
            Some(current) if current.position == position => {
                let message = format!("The person holds this position since {} already.", current.since);
                return Err(Refusal::of("position", RefusalCode::Invalid, message));
            }
            Some(Assignment { position, .. }) => {
                self.events.push(PeopleEvent::AssignmentEnded { person: self.id, position, to: since });
            }
            None => {}
        }
        self.assignment = Some(assignment);
        self.events.push(PeopleEvent::Assigned { person: self.id, position, from: since });
        Ok(())
    }

    /// Leaves nothing that names the person; what was recorded about them goes with it when this is saved.
    pub fn erase(&mut self) {
        self.profile.external_id = format!("erased-{}", self.id);
        self.profile.display_name = "Erased person".to_owned();
        self.profile.email = None;
        self.team = None;
        self.manager = None;
        self.assignment = None;
        self.events.push(PeopleEvent::Erased { person: self.id });
    }

    /// Whether they were erased since they were loaded.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.events.iter().any(|event| matches!(event, PeopleEvent::Erased { .. }))
    }

    /// Whether something happened since it was loaded.
    #[must_use]
    pub fn changed(&self) -> bool {
        !self.events.is_empty()
    }
}
