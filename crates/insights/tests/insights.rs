//! The command on Apache Kafka, with its tables on SQLite and PostgreSQL. Needs what `cargo xtask services` prints.

// Helpers outside of test functions may panic too: a test is what they are part of.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use serde_json::{Value, json};
use support::{Bench, databases, unique};
use uuid::Uuid;
use waymark_events::PublishedEvent;
use waymark_events::payload::{
    Claim, EvidenceAcceptedV1, EvidenceProposedV1, PersonErasedV1, PersonRegisteredV1, SkillDefinedV1,
    SkillLevelAttestedV1, TeamChangedV1, TeamDefinedV1,
};

/// Two teams and a skill.
struct Story {
    large: Uuid,
    small: Uuid,
    skill: Uuid,
    people: Vec<Uuid>,
}

impl Story {
    /// Seven people in the one team, three in the other; the last one of the first moves over.
    async fn begin(bench: &mut Bench) -> Self {
        let ids = [unique(), unique(), unique()];
        let [large, small, skill] = ids;
        for (team_id, key) in [(large, "large"), (small, "small")] {
            let team = TeamDefinedV1 { team_id, key: key.to_owned() };
            bench.publish(team_id, &PublishedEvent::TeamDefined(team), "2025-09-01T08:00:00Z").await;
        }
        let framework_id = unique();
        let defined = SkillDefinedV1 {
            framework_id,
            version_id: unique(),
            skill_id: skill,
            key: "sql".to_owned(),
            kind: "TECHNOLOGY".to_owned(),
        };
        bench.publish(framework_id, &PublishedEvent::SkillDefined(defined), "2025-09-01T08:00:00Z").await;
        let people: Vec<Uuid> = (0..10).map(|_| unique()).collect();
        for (index, person_id) in people.iter().copied().enumerate() {
            let team = if index < 7 { large } else { small };
            let person = PersonRegisteredV1 { person_id, team_id: Some(team), manager_id: None };
            bench.publish(person_id, &PublishedEvent::PersonRegistered(person), "2025-09-01T09:00:00Z").await;
        }
        let moved = TeamChangedV1 { person_id: people[6], team_id: Some(small) };
        bench.publish(people[6], &PublishedEvent::TeamChanged(moved), "2025-09-02T09:00:00Z").await;
        Self { large, small, skill, people }
    }

    async fn attest(&self, bench: &mut Bench, person: usize, level: u8, time: &str) {
        let person_id = self.people[person];
        let attested = SkillLevelAttestedV1 {
            person_id,
            skill_id: self.skill,
            level,
            previous_level: None,
            attested_by: vec![unique()],
        };
        bench.publish(person_id, &PublishedEvent::SkillLevelAttested(attested), time).await;
    }

    /// Evidence that is recorded on the first, and accepted so many days later.
    async fn evidence(&self, bench: &mut Bench, person: usize, days: Option<u32>) {
        let (person_id, evidence_id) = (self.people[person], unique());
        let proposed = EvidenceProposedV1 {
            evidence_id,
            person_id,
            kind: "REVIEW".to_owned(),
            occurred_on: "2025-09-30".parse().unwrap(),
            claims: vec![Claim { skill_id: self.skill, level: 3 }],
        };
        bench.publish(person_id, &PublishedEvent::EvidenceProposed(proposed), "2025-10-01T12:00:00Z").await;
        let Some(days) = days else { return };
        let accepted = EvidenceAcceptedV1 { evidence_id, person_id };
        let time = format!("2025-10-{:02}T12:00:00Z", 1 + days);
        bench.publish(person_id, &PublishedEvent::EvidenceAccepted(accepted), &time).await;
    }

    async fn erase(&self, bench: &mut Bench, person: usize) {
        let person_id = self.people[person];
        let erased = PersonErasedV1 { person_id };
        bench.publish(person_id, &PublishedEvent::PersonErased(erased), "2025-11-01T12:00:00Z").await;
        bench.tombstone(person_id).await;
    }
}

/// Everything that happens, told to a member that is replaced in the middle.
async fn live(bench: &mut Bench) -> Story {
    let member = bench.start();
    let story = Story::begin(bench).await;
    for person in 0..10 {
        story.attest(bench, person, 2, "2025-10-05T12:00:00Z").await;
        story.evidence(bench, person, Some(u32::try_from(person).unwrap())).await;
    }
    bench.end(member);
    for person in 0..3 {
        story.attest(bench, person, 3, "2025-11-05T12:00:00Z").await;
    }
    story.erase(bench, 5).await;
    story.evidence(bench, 5, Some(20)).await;
    let stranger = TeamDefinedV1 { team_id: unique(), key: "stranger".to_owned() };
    let (key, stranger) = (stranger.team_id, PublishedEvent::TeamDefined(stranger));
    bench.publish_from("/waymark/somebody-else", key, &stranger, "2025-09-01T08:00:00Z").await;
    let member = bench.start();
    bench.settled().await;
    assert!(!bench.call(&["rebuild"]).status.success(), "rebuilt below a member that runs");
    bench.end(member);
    story
}

#[tokio::test]
async fn a_rebuild_from_the_first_event_makes_the_tables_that_grew_live() {
    let folder = tempfile::tempdir().unwrap();
    for url in databases(folder.path()).await {
        let mut bench = Bench::new(&url).await;
        let story = live(&mut bench).await;
        let grown = bench.tables().await;
        let counts: Vec<usize> = grown.iter().map(Vec::len).collect();
        assert_eq!(counts, [2, 1, 10, 9, 12, 9, 9], "{url}");
        let erased: Vec<&String> =
            grown.iter().flatten().filter(|line| line.contains(&story.people[5].to_string())).collect();
        assert_eq!(erased, [&format!("{} - 1", story.people[5])]);
        // States are not followed: a tombstone would be a dead letter, and compaction the end of rebuilds.
        let own = bench.own_topics();
        assert!(own.len() == 6 && own.iter().all(|topic| topic.contains(".events.")), "{own:?}");

        bench.execute("delete from insights_level").await;
        bench.execute("update insights_evidence set accepted_at = 0").await;
        bench.execute("insert into insights_team (team_id, key) values ('1', 'none')").await;
        assert_ne!(bench.tables().await, grown);
        let rebuilt = bench.call(&["rebuild"]);
        assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
        assert_eq!(bench.tables().await, grown, "{url}");
    }
}

#[tokio::test]
async fn figures_are_told_of_five_people_or_more() {
    let folder = tempfile::tempdir().unwrap();
    for url in databases(folder.path()).await {
        let mut bench = Bench::new(&url).await;
        let story = live(&mut bench).await;
        let show = || -> Value { serde_json::from_slice(&bench.call(&["show", "--json"]).stdout).unwrap() };
        // Five are left of the large team: one moved, one was erased. The small one has four.
        let group = json!({
            "team": "large",
            "skill": "sql",
            "levels": {"2": 2, "3": 3},
            "attested": {"2025-10": 5},
            "evidence": {"recorded": 5, "accepted": 5, "medianDays": 2.0},
        });
        assert_eq!(show(), json!({"groups": [group], "suppressed": 1}), "{url}");
        let table = String::from_utf8(bench.call(&["show"]).stdout).unwrap();
        let line = table.lines().find(|line| line.starts_with("large")).unwrap();
        let cells: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(cells, ["large", "sql", "0", "0", "2", "3", "0", "0", "2025-10:", "5", "5", "5", "2.0"]);
        assert!(!table.contains("small") && table.contains("not shown: 1"), "{table}");

        // One whose evidence waits would be told by the difference.
        bench
            .execute(&format!(
                "update insights_evidence set accepted_at = null where person_id = '{}'",
                story.people[0]
            ))
            .await;
        let hidden = json!({"recorded": 5, "accepted": null, "medianDays": null});
        assert_eq!(show()["groups"][0]["evidence"], hidden, "{url}");
        let (large, small) = (story.large, story.small);
        bench
            .execute(&format!("update insights_person set team_id = '{small}' where team_id = '{large}'"))
            .await;
        let merged = show();
        assert_eq!((&merged["groups"][0]["team"], &merged["suppressed"]), (&json!("small"), &json!(0)));
        assert_eq!(merged["groups"][0]["levels"], json!({"2": 6, "3": 3}));
    }
}
