//! Figures for each team and skill. A figure that comes from fewer than [`LEAST`] people is not told: it would tell of
//! one of them.

use crate::tables::statement;
use serde::Serialize;
use std::collections::BTreeMap;
use waymark_consumer::sea_orm::{ConnectionTrait, DbErr, QueryResult};

/// The smallest group of which anything is told.
pub const LEAST: i64 = 5;

/// People of a team with a skill.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Key of the team, or its id while its key is not known.
    pub team: String,
    /// Key of the skill, or its id while its key is not known.
    pub skill: String,
    /// How many people have which attested level; none if the group is too small.
    pub levels: Option<BTreeMap<i64, i64>>,
    /// How many attestations there were in a month (as 2025-10), without months in which they concern too few.
    pub attested: BTreeMap<String, i64>,
    /// Evidence about the skill; none if it concerns too few.
    pub evidence: Option<Evidence>,
}

/// Evidence that claims a skill.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// How many pieces were recorded.
    pub recorded: i64,
    /// How many of them were accepted; none if they concern too few people, or all but too few.
    pub accepted: Option<i64>,
    /// Median days from record to acceptance, of those that were accepted.
    pub median_days: Option<f64>,
}

/// All that is told.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// Groups of which something is told, by team and skill.
    pub groups: Vec<Group>,
    /// Groups of which nothing is told, for they are too small.
    pub suppressed: usize,
}

const OF_TEAMS: &str = "join insights_person p on p.person_id = t.person_id and p.team_id is not null
    left join insights_team on insights_team.team_id = p.team_id
    left join insights_skill on insights_skill.skill_id =";
const NAMES: &str = "coalesce(insights_team.key, p.team_id) as team, coalesce(insights_skill.key,";

type Groups = BTreeMap<(String, String), Group>;

/// Computes the figures, for the teams as they are now.
pub async fn compute(database: &impl ConnectionTrait) -> Result<Figures, DbErr> {
    let mut groups = Groups::new();
    levels(database, &mut groups).await?;
    attested(database, &mut groups).await?;
    evidence(database, &mut groups).await?;
    let all = groups.len();
    let mut told = Vec::new();
    for ((team, skill), group) in groups {
        if group.levels.is_some() || !group.attested.is_empty() || group.evidence.is_some() {
            told.push(Group { team, skill, ..group });
        }
    }
    Ok(Figures { suppressed: all - told.len(), groups: told })
}

async fn levels(database: &impl ConnectionTrait, groups: &mut Groups) -> Result<(), DbErr> {
    let sql = format!(
        "select {NAMES} t.skill_id) as skill, t.level, count(*) as people
        from insights_level t {OF_TEAMS} t.skill_id group by 1, 2, 3"
    );
    for row in rows(database, &sql).await? {
        let levels = group(groups, &row)?.levels.get_or_insert_default();
        levels.insert(row.try_get("", "level")?, row.try_get("", "people")?);
    }
    for group in groups.values_mut() {
        group.levels = group.levels.take().filter(|levels| levels.values().sum::<i64>() >= LEAST);
    }
    Ok(())
}

async fn attested(database: &impl ConnectionTrait, groups: &mut Groups) -> Result<(), DbErr> {
    let sql = format!(
        "select {NAMES} t.skill_id) as skill, t.month, count(*) as number, count(distinct t.person_id) as people
        from insights_attestation t {OF_TEAMS} t.skill_id group by 1, 2, 3"
    );
    for row in rows(database, &sql).await? {
        let group = group(groups, &row)?;
        if row.try_get::<i64>("", "people")? >= LEAST {
            group.attested.insert(row.try_get("", "month")?, row.try_get("", "number")?);
        }
    }
    Ok(())
}

async fn evidence(database: &impl ConnectionTrait, groups: &mut Groups) -> Result<(), DbErr> {
    let sql = format!(
        "with claimed as (
            select {NAMES} c.skill_id) as skill, t.person_id, t.accepted_at,
                cast(t.accepted_at - t.recorded_at as double precision) / 86400000 as days
            from insights_evidence t join insights_claim c on c.evidence_id = t.evidence_id {OF_TEAMS} c.skill_id
        ), placed as (
            select team, skill, days, row_number() over (partition by team, skill order by days) as place,
                count(*) over (partition by team, skill) as number
            from claimed where accepted_at is not null
        ), median as (
            select team, skill, avg(days) as days from placed
            where place in ((number + 1) / 2, (number + 2) / 2) group by team, skill
        )
        select claimed.team, claimed.skill, count(*) as recorded, count(accepted_at) as accepted,
            count(distinct person_id) as people,
            count(distinct case when accepted_at is not null then person_id end) as accepting,
            count(distinct case when accepted_at is null then person_id end) as waiting,
            max(median.days) as median_days
        from claimed left join median on median.team = claimed.team and median.skill = claimed.skill
        group by claimed.team, claimed.skill"
    );
    for row in rows(database, &sql).await? {
        let group = group(groups, &row)?;
        let number = |name: &str| row.try_get::<i64>("", name);
        if number("people")? < LEAST {
            continue;
        }
        // The difference of two figures is a figure too.
        let waiting = number("waiting")?;
        let told = number("accepting")? >= LEAST && (waiting == 0 || waiting >= LEAST);
        let median: Option<f64> = row.try_get("", "median_days")?;
        group.evidence = Some(Evidence {
            recorded: number("recorded")?,
            accepted: if told { Some(number("accepted")?) } else { None },
            median_days: median.filter(|_| told),
        });
    }
    Ok(())
}

async fn rows(database: &impl ConnectionTrait, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    database.query_all_raw(statement(database, sql, [])).await
}

fn group<'a>(groups: &'a mut Groups, row: &QueryResult) -> Result<&'a mut Group, DbErr> {
    Ok(groups.entry((row.try_get("", "team")?, row.try_get("", "skill")?)).or_default())
}
