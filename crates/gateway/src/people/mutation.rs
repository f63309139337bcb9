//! Commands on people.

use super::Person;
use crate::error::{UserError, command};
use crate::relay::{GlobalId, NodeType};
use crate::scalars::Date;
use crate::services::{command_context, services};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use waymark_domain::kernel::{Patch, Refusal, RefusalCode};
use waymark_domain::people::{
    AssignPosition, ChangeManager, Person as DomainPerson, PersonView, UpdatePerson, assign_position,
    change_manager, import_people, update_person,
};
use waymark_domain::ports::CommandError;

#[derive(Default)]
pub(crate) struct PeopleMutation;

/// People to import.
#[derive(InputObject)]
struct ImportPeopleInput {
    /// CSV with a header: external_id and name; optionally email, discipline, team, manager_external_id,
    /// position and since.
    csv: String,
}

/// What the import led to.
#[derive(SimpleObject)]
struct ImportPeopleSummary {
    /// Rows read.
    rows: u64,
    /// People registered.
    registered: u64,
    /// People of whom something changed.
    updated: u64,
    /// People of whom nothing changed.
    unchanged: u64,
    /// Teams that are new.
    teams: u64,
}

/// What the import led to.
#[derive(SimpleObject, Default)]
struct ImportPeoplePayload {
    /// What was done.
    summary: Option<ImportPeopleSummary>,
    /// Everything that is wrong with the file; nothing was imported if there is anything.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    user_errors: Vec<UserError>,
}

/// A position for a person.
#[derive(InputObject)]
struct AssignPositionInput {
    /// Global id of the person.
    person_id: ID,
    /// Global id of the position.
    position_id: ID,
    /// First day in it; not in the future.
    since: Date,
    /// Version at which you saw the person; at another one nothing is changed (`CONFLICT`).
    expected_version: Option<i32>,
}

/// A manager for a person.
#[derive(InputObject)]
struct ChangeManagerInput {
    /// Global id of the person.
    person_id: ID,
    /// Global id of the manager from now on; null for none. It must be said.
    manager_id: MaybeUndefined<ID>,
    /// Version at which you saw the person; at another one nothing is changed (`CONFLICT`).
    expected_version: Option<i32>,
}

/// What is known of a person from now on. What is left out stays as it is; null clears.
#[derive(InputObject)]
struct UpdatePersonInput {
    /// Global id of the person.
    person_id: ID,
    /// Name as they want to be called; cannot be cleared.
    display_name: MaybeUndefined<String>,
    /// E-mail address.
    email: MaybeUndefined<String>,
    /// What they work as, for instance `backend`, which it is once cleared.
    discipline: MaybeUndefined<String>,
    /// Global id of the team.
    team_id: MaybeUndefined<ID>,
    /// Version at which you saw the person; at another one nothing is changed (`CONFLICT`).
    expected_version: Option<i32>,
}

impl UpdatePersonInput {
    /// The command, or every id that leads nowhere.
    fn command(&self) -> Result<UpdatePerson, CommandError> {
        let person = GlobalId::input(NodeType::Person, &self.person_id, "personId", "person")?;
        let team = match &self.team_id {
            MaybeUndefined::Undefined => Patch::Keep,
            MaybeUndefined::Null => Patch::Clear,
            MaybeUndefined::Value(id) => Patch::Set(GlobalId::input(NodeType::Team, id, "teamId", "team")?),
        };
        Ok(UpdatePerson {
            person,
            display_name: patch(&self.display_name),
            email: patch(&self.email),
            discipline: patch(&self.discipline),
            team,
        })
    }
}

fn patch<T: Clone>(field: &MaybeUndefined<T>) -> Patch<T> {
    match field {
        MaybeUndefined::Undefined => Patch::Keep,
        MaybeUndefined::Null => Patch::Clear,
        MaybeUndefined::Value(value) => Patch::Set(value.clone()),
    }
}

/// What the change of a person led to.
#[derive(SimpleObject, Default)]
struct PersonPayload {
    /// The person.
    person: Option<Person>,
    /// Why nothing was changed, if nothing was.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    user_errors: Vec<UserError>,
}

impl From<Result<DomainPerson, Vec<UserError>>> for PersonPayload {
    fn from(result: Result<DomainPerson, Vec<UserError>>) -> Self {
        match result {
            Ok(person) => Self { person: Some(Person(PersonView::from(person))), user_errors: Vec::new() },
            Err(user_errors) => Self { person: None, user_errors },
        }
    }
}

#[Object]
impl PeopleMutation {
    /// Imports people from CSV. All rows are checked first; nothing is written unless all is well.
    async fn import_people(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to import.")] input: ImportPeopleInput,
    ) -> Result<ImportPeoplePayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = || import_people(&*services.store, &*services.ids, &context, &input.csv);
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Ok(match command(ctx, run).await? {
            Ok(done) => ImportPeoplePayload {
                summary: Some(ImportPeopleSummary {
                    rows: number(done.rows),
                    registered: number(done.registered),
                    updated: number(done.updated),
                    unchanged: number(done.unchanged),
                    teams: number(done.teams),
                }),
                user_errors: Vec::new(),
            },
            Err(user_errors) => ImportPeoplePayload { summary: None, user_errors },
        })
    }

    /// Assigns a position to a person; the earlier assignment ends.
    async fn assign_position(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is to hold what.")] input: AssignPositionInput,
    ) -> Result<PersonPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let context = context.at_version(input.expected_version.map(i64::from));
        let run = async || {
            let person = GlobalId::input(NodeType::Person, &input.person_id, "personId", "person")?;
            let position = GlobalId::input(NodeType::Position, &input.position_id, "positionId", "position")?;
            let since = input.since.0;
            assign_position(&*services.store, &context, AssignPosition { person, position, since }).await
        };
        Ok(command(ctx, run).await?.into())
    }

    /// Changes what is known of a person.
    async fn update_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdatePersonInput,
    ) -> Result<PersonPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let context = context.at_version(input.expected_version.map(i64::from));
        let run = async || update_person(&*services.store, &context, input.command()?).await;
        Ok(command(ctx, run).await?.into())
    }

    /// Lets a person report to somebody else.
    async fn change_manager(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is to report to whom.")] input: ChangeManagerInput,
    ) -> Result<PersonPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let context = context.at_version(input.expected_version.map(i64::from));
        let run = async || {
            let person = GlobalId::input(NodeType::Person, &input.person_id, "personId", "person")?;
            let manager = match &input.manager_id {
                MaybeUndefined::Undefined => {
                    let message = "Name the manager, or null for none.";
                    return Err(Refusal::of("managerId", RefusalCode::Required, message).into());
                }
                MaybeUndefined::Null => None,
                MaybeUndefined::Value(id) => {
                    Some(GlobalId::input(NodeType::Person, id, "managerId", "person")?)
                }
            };
            change_manager(&*services.store, &context, ChangeManager { person, manager }).await
        };
        Ok(command(ctx, run).await?.into())
    }
}
