//! Types of people.

use super::filter::{PeopleOrderBy, PeopleWhere, people_filter};
use super::people_list;
use crate::access::guard;
use crate::error::{Code, fault_of, refuse};
use crate::evidence::{Evidence, EvidenceOrderBy, EvidenceWhere, evidence_filter, evidence_list};
use crate::framework::Position;
use crate::loaders::{AssignmentsOf, RecordsOf};
use crate::privacy::{Consent, DataExport};
use crate::progress::{Readiness, SkillRecord, readiness_of};
use crate::relay::{GlobalId, List, NodeType, PageArgs};
use crate::scalars::{Date, DateTime};
use crate::services::{loaders, services, viewer};
use async_graphql::{Context, ID, Object, Result};
use waymark_domain::access::Action;
use waymark_domain::people::{AssignmentView, PersonView, TeamView};
use waymark_domain::ports::{EvidenceTest, PersonTest};

/// A person.
#[derive(Clone)]
pub(crate) struct Person(pub PersonView);

impl From<PersonView> for Person {
    fn from(view: PersonView) -> Self {
        Self(view)
    }
}

impl Person {
    async fn current(&self, ctx: &Context<'_>) -> Result<Option<AssignmentView>> {
        let now = services(ctx)?.clock.now();
        let all = loaders(ctx)?.one(AssignmentsOf(self.0.id)).await?;
        Ok(all.and_then(|all| all.iter().find(|assignment| assignment.valid.contains(now)).copied()))
    }
}

/// A person.
#[Object]
impl Person {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::encode(NodeType::Person, self.0.id)
    }

    /// Id in the organisation's own directory.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Name as they want to be called.
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// E-mail address, if known. For those who may see the private part of the profile.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        // There is nothing to guard where there is none; but that there is none is not for everybody either.
        if !guard(ctx, Action::ReadPrivateProfile, self.0.id).await? {
            return Ok(None);
        }
        Ok(self.0.email.as_deref())
    }

    /// What they work as, for instance `backend`.
    async fn discipline(&self) -> &str {
        &self.0.discipline
    }

    /// Rises by one with each change: hand it to `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Their team.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Team>> {
        let Some(team) = self.0.team else { return Ok(None) };
        Ok(loaders(ctx)?.one(team).await?.map(Team))
    }

    /// To whom they report.
    async fn manager(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        let Some(manager) = self.0.manager else { return Ok(None) };
        Ok(loaders(ctx)?.one(manager).await?.map(Person))
    }

    /// Who reports directly to them, by name.
    #[graphql(complexity = "crate::relay::page_cost(first, last, child_complexity)")]
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those for whom this holds.", name = "where")] given: Option<PeopleWhere>,
        #[graphql(desc = "By name unless said.")] order_by: Option<PeopleOrderBy>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<List<Person>> {
        let filter = people_filter(Some(PersonTest::Manager(vec![self.0.id])), given, order_by)?;
        people_list(ctx, filter, PageArgs::new(first, after, last, before)).await
    }

    /// The position that they hold.
    async fn assignment(&self, ctx: &Context<'_>) -> Result<Option<Assignment>> {
        Ok(self.current(ctx).await?.map(Assignment))
    }

    /// All that is known of the positions that they held, the newest first. For those who may see the private part of
    /// the profile.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    async fn assignments(&self, ctx: &Context<'_>) -> Result<Option<Vec<Assignment>>> {
        if !guard(ctx, Action::ReadPrivateProfile, self.0.id).await? {
            return Ok(None);
        }
        let all = loaders(ctx)?.one(AssignmentsOf(self.0.id)).await?;
        Ok(Some(all.map(|all| all.iter().copied().map(Assignment).collect()).unwrap_or_default()))
    }

    /// Where they stand in the skills of which something is known, the highest level that counts first. For those who
    /// may see their levels.
    #[graphql(complexity = "crate::relay::first_cost(first, 60, child_complexity)")]
    async fn skill_records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, 1 to 100; all unless said.")] first: Option<i32>,
    ) -> Result<Option<Vec<SkillRecord>>> {
        if !guard(ctx, Action::ReadProgress, self.0.id).await? {
            return Ok(None);
        }
        let records = loaders(ctx)?.one(RecordsOf(self.0.id)).await?.unwrap_or_default();
        let (services, most) = (services(ctx)?, first.map_or(usize::MAX, |first| first.max(1) as usize));
        let now = services.clock.now();
        let mut levels: Vec<_> =
            records.iter().map(|record| (record.standing(&services.policy, now).effective, record)).collect();
        levels.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.skill.cmp(&other.skill)));
        Ok(Some(levels.into_iter().take(most).map(|(_, record)| SkillRecord(record.clone())).collect()))
    }

    /// Evidence about them as far as the viewer may read it, the newest day first.
    #[graphql(complexity = "crate::relay::page_cost(first, last, child_complexity)")]
    async fn evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only that for which this holds.", name = "where")] given: Option<EvidenceWhere>,
        #[graphql(desc = "The newest day first unless said.")] order_by: Option<EvidenceOrderBy>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<List<Evidence>> {
        let filter = evidence_filter(Some(EvidenceTest::Person(vec![self.0.id])), given, order_by)?;
        evidence_list(ctx, filter, PageArgs::new(first, after, last, before)).await
    }

    /// What they agreed to and took back, the newest first, at most 100. For those who may see the private part of the
    /// profile.
    #[graphql(complexity = "crate::relay::list_cost(100, child_complexity)")]
    async fn consents(&self, ctx: &Context<'_>) -> Result<Option<Vec<Consent>>> {
        if !guard(ctx, Action::ReadPrivateProfile, self.0.id).await? {
            return Ok(None);
        }
        let (readers, tenant) = (&services(ctx)?.readers, viewer(ctx)?.tenant.id);
        let consents = readers.consents_of(tenant, self.0.id, 100).await.map_err(|error| fault_of(&error))?;
        Ok(Some(consents.into_iter().map(Consent).collect()))
    }

    /// Exports of everything that is known of them, as long as they can be fetched. For the person alone.
    #[graphql(complexity = "crate::relay::list_cost(2, child_complexity)")]
    async fn exports(&self, ctx: &Context<'_>) -> Result<Option<Vec<DataExport>>> {
        if !guard(ctx, Action::RequestExport, self.0.id).await? {
            return Ok(None);
        }
        let readers = &services(ctx)?.readers;
        let exports = readers.exports(viewer(ctx)?).await.map_err(|error| fault_of(&error))?;
        Ok(Some(exports.into_iter().map(DataExport).collect()))
    }

    /// Readiness for a position; without one, for the position that they hold. For those who may see their levels.
    async fn readiness(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the position.")] position_id: Option<ID>,
    ) -> Result<Option<Readiness>> {
        if !guard(ctx, Action::ReadProgress, self.0.id).await? {
            return Ok(None);
        }
        let Some(id) = position_id else {
            let held = self.current(ctx).await?.map(|assignment| assignment.position);
            return readiness_of(ctx, self.0.id, held).await;
        };
        let found = readiness_of(ctx, self.0.id, GlobalId::of(NodeType::Position, &id)).await?;
        if found.is_none() {
            refuse(ctx, Code::NotFound, "There is no such position.");
        }
        Ok(found)
    }
}

/// A stretch of time in which a person holds a position.
pub(crate) struct Assignment(AssignmentView);

/// A stretch of time in which a person holds a position.
#[Object]
impl Assignment {
    /// The position.
    async fn position(&self, ctx: &Context<'_>) -> Result<Option<Position>> {
        let catalogue = loaders(ctx)?.one(self.0.position).await?;
        Ok(catalogue.and_then(|catalogue| Position::of(catalogue, self.0.position)))
    }

    /// First day in it.
    async fn from(&self) -> Date {
        Date(self.0.valid.from.date_naive())
    }

    /// First day no longer in it; null while it lasts.
    async fn to(&self) -> Option<Date> {
        self.0.valid.to.map(|to| Date(to.date_naive()))
    }

    /// When Waymark learned of it.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.recorded_at)
    }
}

/// A team.
#[derive(Clone)]
pub(crate) struct Team(pub TeamView);

impl From<TeamView> for Team {
    fn from(view: TeamView) -> Self {
        Self(view)
    }
}

/// A team.
#[Object]
impl Team {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::encode(NodeType::Team, self.0.id)
    }

    /// Names it within the tenant.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Title.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Its members, by name.
    #[graphql(complexity = "crate::relay::page_cost(first, last, child_complexity)")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those for whom this holds.", name = "where")] given: Option<PeopleWhere>,
        #[graphql(desc = "By name unless said.")] order_by: Option<PeopleOrderBy>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<List<Person>> {
        let filter = people_filter(Some(PersonTest::Team(vec![self.0.id])), given, order_by)?;
        people_list(ctx, filter, PageArgs::new(first, after, last, before)).await
    }
}
