//! Both times: what held when, and what was known when.

use crate::given::{World, now};
use chrono::{Duration, NaiveDate};
use waymark_domain::people::{AssignPosition, assign_position};
use waymark_domain::ports::PeopleReader;
use waymark_domain::progress::{AttestSkill, attest_skill};

on_both_databases!(
    a_new_assignment_ends_the_one_before_and_what_was_believed_is_kept,
    every_change_of_a_level_is_kept
);

async fn a_new_assignment_ends_the_one_before_and_what_was_believed_is_kept(world: World) {
    world.organisation().await;
    let other = crate::given::FRAMEWORK.replace("key: small", "key: other");
    let context = world.by("noor").await;
    let imported =
        waymark_domain::framework::import_framework(&world.persistence, &context, &other).await.unwrap();
    let version =
        waymark_domain::framework::publish_framework(&world.persistence, &context, imported.version.id);
    let other = waymark_domain::kernel::PositionId::for_key(version.await.unwrap().id, "engineer");
    let (mira, engineer) = (world.person("mira").await, world.position_of("small").await);
    let since = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
    let input = AssignPosition { person: mira, position: other, since };
    assign_position(&world.persistence, &context, input).await.unwrap();

    let known = world.persistence.assignments(&context.actor, &[mira]).await.unwrap().remove(&mira).unwrap();
    let midnight = |day: NaiveDate| day.and_hms_opt(0, 0, 0).unwrap().and_utc();
    assert_eq!(known.len(), 2);
    assert_eq!((known[0].position, known[0].valid.from, known[0].valid.to), (other, midnight(since), None));
    assert_eq!((known[1].position, known[1].valid.to), (engineer, Some(midnight(since))));
    assert_eq!(known[1].recorded_at, now(), "that it ended is known since now");
    let superseded = "select count(*) from assignment where superseded_at is not null and valid_to is null";
    assert_eq!(world.number(superseded).await, 1, "that it was believed to go on is not forgotten");
}

async fn every_change_of_a_level_is_kept(world: World) {
    world.organisation().await;
    let person = world.person("mira").await;
    for (level, days) in [(1, 30), (2, 20), (3, 10)] {
        let context = world.by_at("tomas", now() - Duration::days(days)).await;
        let input = AttestSkill { person, skill: world.skill("sql"), level };
        attest_skill(&world.persistence, &*world.ids, &context, input).await.unwrap();
    }
    let at = |days: i64| {
        let moment = now() - Duration::days(days);
        let moment = moment.to_rfc3339_opts(chrono::SecondsFormat::Micros, false);
        format!(
            "select count(*) from skill_record_history where superseded_at is null and attested_level = {{}}
             and valid_from <= '{moment}' and (valid_to is null or valid_to > '{moment}')"
        )
    };
    for (days, level) in [(25, 1), (15, 2), (5, 3)] {
        let sql = at(days).replace("{}", &level.to_string());
        assert_eq!(world.number(&sql).await, 1, "level {level} {days} days ago");
    }
}
