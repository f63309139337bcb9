//! Who may attest what, and that evidence never touches the attested level.

use crate::given::{
    administrator, content, context, days_ago, id, item, level, member, now, person, process,
};
use waymark_domain::evidence::{Evidence, EvidenceKind};
use waymark_domain::framework::SkillKind;
use waymark_domain::kernel::{Actor, ItemId, RefusalCode};
use waymark_domain::progress::{ItemSource, Policy, ProgressEvent, SkillRecord};

const SUBJECT: u128 = 1;
const MANAGER: u128 = 2;
const OTHER: u128 = 3;

fn fresh() -> SkillRecord {
    SkillRecord::new(person(SUBJECT), id(1), SkillKind::Competency)
}

fn attest(record: &mut SkillRecord, actor: Actor, l: i64) -> Result<(), RefusalCode> {
    let new = id::<ItemId>(1_000 + u128::try_from(record.items.len()).unwrap());
    let result = record.attest(level(l), &context(actor), new, &Policy::default());
    result.map_err(|refusal| refusal.code)
}

fn attested(record: &SkillRecord) -> Option<u8> {
    record.snapshot(&Policy::default(), now()).attested.map(|l| l.get())
}

#[test]
fn who_may_attest() {
    use RefusalCode::{Forbidden, SelfReview};
    let table = [
        ("another human", member(MANAGER), Ok(())),
        ("the subject", member(SUBJECT), Err(SelfReview)),
        ("the subject as administrator", administrator(SUBJECT), Err(SelfReview)),
        ("a process", process(), Err(Forbidden)),
    ];
    for (name, actor, expected) in table {
        let mut record = fresh();
        assert_eq!(attest(&mut record, actor, 3), expected, "{name}");
        assert_eq!(record.changed(), expected.is_ok(), "{name}");
        assert_eq!(attested(&record), expected.ok().map(|()| 3), "{name}");
    }
}

#[test]
fn levels_4_and_5_need_a_second_human() {
    let vouch = |source, l, days, by| item(500, source, l, days, by);
    let table = [
        ("nobody else", vec![], Err(RefusalCode::SecondAttesterRequired)),
        ("another endorsed 5", vec![vouch(ItemSource::Endorsement, 5, 10, OTHER)], Ok(())),
        ("another attested 5", vec![vouch(ItemSource::Attestation, 5, 10, OTHER)], Ok(())),
        (
            "another endorsed only 4",
            vec![vouch(ItemSource::Endorsement, 4, 10, OTHER)],
            Err(RefusalCode::SecondAttesterRequired),
        ),
        (
            "another endorsed 5 too long ago",
            vec![vouch(ItemSource::Endorsement, 5, 181, OTHER)],
            Err(RefusalCode::SecondAttesterRequired),
        ),
        (
            "the same human endorsed 5",
            vec![vouch(ItemSource::Endorsement, 5, 10, MANAGER)],
            Err(RefusalCode::SecondAttesterRequired),
        ),
        (
            "verified evidence of 5 is no second human",
            vec![vouch(ItemSource::Verified(EvidenceKind::WorkArtefact), 5, 10, OTHER)],
            Err(RefusalCode::SecondAttesterRequired),
        ),
    ];
    for (name, items, expected) in table {
        let mut record = fresh();
        record.items = items;
        assert_eq!(attest(&mut record, member(MANAGER), 5), expected, "{name}");
    }
}

#[test]
fn the_event_names_both_humans_and_the_level_before() {
    let mut record = fresh();
    record.items = vec![
        item(500, ItemSource::Attestation, 3, 300, MANAGER),
        item(501, ItemSource::Endorsement, 4, 10, OTHER),
    ];
    attest(&mut record, member(MANAGER), 4).unwrap();
    let ProgressEvent::LevelAttested { level: now_at, previous, by, .. } = &record.events[0] else {
        panic!("{:?}", record.events)
    };
    assert_eq!((now_at.get(), previous.map(|l| l.get())), (4, Some(3)));
    assert_eq!(by, &vec![id(MANAGER), id(OTHER)]);
}

#[test]
fn the_same_again_on_the_same_day_changes_nothing() {
    let mut record = fresh();
    attest(&mut record, member(MANAGER), 3).unwrap();
    let (items, events) = (record.items.len(), record.events.len());
    attest(&mut record, member(MANAGER), 3).unwrap();
    assert_eq!((record.items.len(), record.events.len()), (items, events));
    attest(&mut record, member(MANAGER), 2).unwrap();
    assert_eq!(attested(&record), Some(2), "another level is said anew");
}

#[test]
fn evidence_never_changes_the_attested_level() {
    let mut record = fresh();
    record.items = vec![item(500, ItemSource::Attestation, 2, 10, MANAGER)];
    let mut evidence = Evidence::record(
        id(700),
        person(SUBJECT),
        &member(SUBJECT),
        content(EvidenceKind::WorkArtefact),
        now(),
    );
    evidence.verify(&member(OTHER)).unwrap();
    let policy = Policy::default();
    record.follow(&evidence, level(5), id(900), &policy, now());
    let snapshot = record.snapshot(&policy, now());
    assert_eq!(snapshot.attested, Some(level(2)));
    assert!(snapshot.score.unwrap() > 3.0, "the estimate does follow");
    assert!(record.events.iter().all(|event| matches!(event, ProgressEvent::EstimateChanged { .. })));
}

#[test]
fn an_item_follows_its_evidence_through_its_states() {
    let policy = Policy::default();
    let mut record = fresh();
    let mut evidence = Evidence::record(
        id(700),
        person(SUBJECT),
        &member(SUBJECT),
        content(EvidenceKind::WorkArtefact),
        now(),
    );
    let weigh = |record: &mut SkillRecord, evidence: &Evidence, n: u128| {
        record.follow(evidence, level(3), id(900 + n), &policy, now());
        let counting: Vec<f64> =
            record.items.iter().filter(|i| i.counts_at(now())).map(|i| i.source.weight()).collect();
        counting.iter().sum::<f64>()
    };
    assert!((weigh(&mut record, &evidence, 1) - 0.1).abs() < 1e-9, "one's own word");
    evidence.dispute(&member(OTHER)).unwrap();
    assert!(weigh(&mut record, &evidence, 2).abs() < 1e-9, "disputed: nothing");
    evidence.verify(&member(MANAGER)).unwrap();
    assert!((weigh(&mut record, &evidence, 3) - 1.0).abs() < 1e-9, "confirmed: in full");
    evidence.withdraw(&member(SUBJECT)).unwrap();
    assert!(weigh(&mut record, &evidence, 4).abs() < 1e-9, "withdrawn: nothing");
    assert!(record.items.iter().all(|item| item.recorded_at > days_ago(1)), "what counted once is kept");
    assert_eq!(record.items.len(), 2);
}

#[test]
fn confirming_ones_own_account_counts_half() {
    let policy = Policy::default();
    let mut record = fresh();
    let mut evidence = Evidence::record(
        id(700),
        person(SUBJECT),
        &member(MANAGER),
        content(EvidenceKind::WorkArtefact),
        now(),
    );
    evidence.accept(&member(SUBJECT)).unwrap();
    evidence.verify(&member(MANAGER)).unwrap();
    record.follow(&evidence, level(3), id(900), &policy, now());
    assert!((record.items[0].independence - 0.5).abs() < 1e-9);
}
