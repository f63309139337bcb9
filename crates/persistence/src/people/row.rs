//! Rows of people, teams and assignments.

use crate::error::{Result, broken};
use waymark_domain::kernel::{DomainId, Key, Period, TenantId};
use waymark_domain::people::{Assignment, AssignmentView, Person, PersonView, Profile, Team, TeamView};

/// Teams.
pub(crate) mod team {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "team")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub key: String,
        pub title: String,
        pub revision: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// People.
pub(crate) mod person {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub external_id: String,
        pub display_name: String,
        pub email: Option<String>,
        pub email_key: Option<String>,
        pub discipline: String,
        pub team_id: Option<Uuid>,
        pub manager_id: Option<Uuid>,
        pub position_id: Option<Uuid>,
        pub position_since: Option<Date>,
        pub revision: i64,
        pub erased_at: Option<DateTimeUtc>,
        #[sea_orm(column_type = "Blob", nullable)]
        pub sealed: Option<Vec<u8>>,
        #[sea_orm(column_type = "Blob", nullable)]
        pub data_key: Option<Vec<u8>>,
        pub change: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Assignments over both times.
pub(crate) mod assignment {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "assignment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub person_id: Uuid,
        pub position_id: Uuid,
        pub valid_from: ChronoDateTimeUtc,
        pub valid_to: Option<ChronoDateTimeUtc>,
        pub recorded_at: ChronoDateTimeUtc,
        pub superseded_at: Option<ChronoDateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl team::Model {
    /// The team of this row.
    pub fn into_team(self) -> Result<Team> {
        let key = Key::new(&self.key).map_err(|_| broken("team", "key", self.id, &self.key))?;
        Ok(Team { id: self.id.into(), key, title: self.title, revision: self.revision, events: Vec::new() })
    }

    /// The row of this team at its next revision.
    pub fn of(tenant: TenantId, team: &Team) -> Self {
        Self {
            id: team.id.uuid(),
            tenant_id: tenant.uuid(),
            key: team.key.to_string(),
            title: team.title.clone(),
            revision: team.revision + 1,
        }
    }
}

impl From<team::Model> for TeamView {
    fn from(row: team::Model) -> Self {
        Self { id: row.id.into(), key: row.key, title: row.title }
    }
}

impl person::Model {
    /// The person of this row.
    pub fn into_person(self) -> Result<Person> {
        let discipline = Key::new(&self.discipline);
        let assignment = match (self.position_id, self.position_since) {
            (Some(position), Some(since)) => Some(Assignment { position: position.into(), since }),
            (None, None) => None,
            (position, _) => {
                return Err(broken("person", "position_since", self.id, format!("{position:?}")));
            }
        };
        Ok(Person {
            id: self.id.into(),
            profile: Profile {
                external_id: self.external_id,
                display_name: self.display_name,
                email: self.email,
                discipline: discipline
                    .map_err(|_| broken("person", "discipline", self.id, self.discipline))?,
            },
            team: self.team_id.map(Into::into),
            manager: self.manager_id.map(Into::into),
            assignment,
            revision: self.revision,
            events: Vec::new(),
        })
    }

    /// The row of this person at the next revision, as of a change of the tenant's people.
    pub fn of(tenant: TenantId, change: i64, person: &Person) -> Self {
        let profile = person.profile.clone();
        Self {
            id: person.id.uuid(),
            tenant_id: tenant.uuid(),
            external_id: profile.external_id,
            display_name: profile.display_name,
            email_key: profile.email.as_ref().map(|email| email.to_lowercase()),
            email: profile.email,
            discipline: profile.discipline.to_string(),
            team_id: person.team.map(DomainId::uuid),
            manager_id: person.manager.map(DomainId::uuid),
            position_id: person.assignment.map(|assignment| assignment.position.uuid()),
            position_since: person.assignment.map(|assignment| assignment.since),
            revision: person.revision + 1,
            erased_at: None,
            sealed: None,
            data_key: None,
            change,
        }
    }
}

impl From<person::Model> for PersonView {
    fn from(row: person::Model) -> Self {
        Self {
            id: row.id.into(),
            external_id: row.external_id,
            display_name: row.display_name,
            email: row.email,
            discipline: row.discipline,
            team: row.team_id.map(Into::into),
            manager: row.manager_id.map(Into::into),
            version: row.revision,
        }
    }
}

impl From<assignment::Model> for AssignmentView {
    fn from(row: assignment::Model) -> Self {
        Self {
            person: row.person_id.into(),
            position: row.position_id.into(),
            valid: Period { from: row.valid_from, to: row.valid_to },
            recorded_at: row.recorded_at,
        }
    }
}
