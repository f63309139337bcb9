//! Readiness: the published worked example, its blockers one by one, and what always holds.

use crate::given::{days_ago, id, item, level, now};
use proptest::prelude::*;
use waymark_domain::framework::{Requirement, SkillKind};
use waymark_domain::kernel::{PersonId, SkillId};
use waymark_domain::progress::{
    Blocker, Item, ItemSource, Levels, Policy, Score, SkillRecord, SkillRecordView, readiness, score,
};

fn requirement(skill: u128, required: i64, weight: f64, mandatory: bool) -> Requirement {
    Requirement { skill: id(skill), level: level(required), weight, mandatory }
}

/// Required (4, weight 3, mandatory), (3, weight 2), (2, weight 1).
fn worked_example() -> [Requirement; 3] {
    [requirement(1, 4, 3.0, true), requirement(2, 3, 2.0, false), requirement(3, 2, 1.0, false)]
}

fn assumed(levels: &[(u128, i64)]) -> Levels {
    Levels::assumed(levels.iter().map(|(skill, l)| (id::<SkillId>(*skill), level(*l))))
}

fn record(skill: u128, items: Vec<Item>) -> SkillRecordView {
    let mut record = SkillRecord::new(id::<PersonId>(1), id(skill), SkillKind::Competency);
    record.items = items;
    record.into()
}

fn attested(skill: u128, at_level: i64, days: i64) -> SkillRecordView {
    let number = skill * 100;
    let by = |n| item(number + n, ItemSource::Attestation, at_level, days, 50 + n);
    record(skill, vec![by(1), by(2), by(3)])
}

#[test]
fn the_worked_example() {
    let table = [
        ("as published", [4, 2, 2], 0.889, 0, vec![2]),
        ("the mandatory one at 3", [3, 2, 2], 0.764, 1, vec![1, 2]),
        ("all met", [4, 3, 2], 1.0, 0, vec![]),
        ("far above in one makes up for nothing", [4, 0, 5], 0.667, 0, vec![2]),
        ("nothing", [0, 0, 0], 0.0, 1, vec![1, 2, 3]),
    ];
    for (name, [a, b, c], expected, missing, gaps) in table {
        let score = score(&worked_example(), &assumed(&[(1, a), (2, b), (3, c)]));
        assert!((score.value - expected).abs() < 0.0005, "{name}: {}", score.value);
        assert_eq!(score.mandatory_missing.len(), missing, "{name}");
        let order: Vec<SkillId> = score.gaps().into_iter().map(|gap| gap.skill).collect();
        assert_eq!(order, gaps.into_iter().map(id::<SkillId>).collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn gaps_come_mandatory_first_then_by_weight_and_size_then_by_skill() {
    let requirements = [
        requirement(5, 2, 1.0, false), // 1 x 2 = 2
        requirement(4, 5, 1.0, false), // 1 x 5 = 5
        requirement(3, 2, 1.0, false), // 1 x 2 = 2, a lower id
        requirement(2, 1, 1.0, true),  // mandatory, 1
        requirement(1, 1, 3.0, true),  // mandatory, 3
    ];
    let gaps: Score = score(&requirements, &Levels::default());
    let order: Vec<SkillId> = gaps.gaps().iter().map(|gap| gap.skill).collect();
    assert_eq!(order, [1, 2, 4, 3, 5].map(id::<SkillId>));
}

#[test]
fn requirements_of_level_zero_are_left_out() {
    let score = score(&[requirement(1, 0, 5.0, true), requirement(2, 2, 1.0, false)], &assumed(&[(2, 1)]));
    assert_eq!((score.value, score.requirements.len()), (0.5, 1));
}

#[test]
fn eligibility_and_its_blockers() {
    let all = |days| vec![attested(1, 4, days), attested(2, 3, days), attested(3, 2, days)];
    let known_by_one = |skill: u128, l| record(skill, vec![item(skill, ItemSource::Attestation, l, 100, 50)]);
    let table: [(&str, Vec<SkillRecordView>, &[&str]); 5] = [
        ("all met for 100 days, by three", all(100), &[]),
        ("all met since yesterday", all(1), &["sustain"]),
        (
            "the mandatory one lacks a level",
            [vec![attested(1, 3, 100)], all(100)[1..].to_vec()].concat(),
            &["mandatory", "sustain"],
        ),
        ("too little in all", vec![attested(1, 4, 100)], &["score", "sustain", "confidence"]),
        (
            "met, but known from one alone",
            vec![known_by_one(1, 4), known_by_one(2, 3), known_by_one(3, 2)],
            &["confidence"],
        ),
    ];
    for (name, records, expected) in table {
        let readiness = readiness(&worked_example(), &records, &Policy::default(), now());
        let blockers: Vec<&str> = readiness.blockers.iter().map(kind).collect();
        let expected: Vec<&str> = expected.to_vec();
        // R of (3, 3, 2) is 0.875: only the mandatory level blocks it.
        assert_eq!(blockers, expected, "{name}: R = {}", readiness.score.value);
        assert_eq!(readiness.eligible, expected.is_empty(), "{name}");
    }
}

fn kind(blocker: &Blocker) -> &'static str {
    match blocker {
        Blocker::MandatoryMissing { .. } => "mandatory",
        Blocker::ScoreTooLow { .. } => "score",
        Blocker::NotSustained { .. } => "sustain",
        Blocker::ConfidenceTooLow { .. } => "confidence",
    }
}

#[test]
fn a_dip_within_the_window_begins_it_anew() {
    // Level 4 for a year; 40 days ago somebody attested 3, 30 days ago 4 again.
    let items = vec![
        item(1, ItemSource::Attestation, 4, 365, 50),
        item(2, ItemSource::Attestation, 4, 364, 51),
        item(3, ItemSource::Attestation, 3, 40, 52),
        item(4, ItemSource::Attestation, 4, 30, 53),
    ];
    let only = [requirement(1, 4, 1.0, true)];
    let result = readiness(&only, &[record(1, items)], &Policy::default(), now());
    assert_eq!(result.blockers, [Blocker::NotSustained { since: Some(days_ago(30)), days: 90 }]);
}

fn any_requirements() -> impl Strategy<Value = Vec<Requirement>> {
    prop::collection::vec((1..=5i64, 0.1..10.0f64, any::<bool>()), 1..12).prop_map(|all| {
        let number = |index: usize| u128::try_from(index).unwrap() + 1;
        let one = |(index, (l, weight, mandatory))| requirement(number(index), l, weight, mandatory);
        all.into_iter().enumerate().map(one).collect()
    })
}

fn any_levels() -> impl Strategy<Value = Vec<(u128, i64)>> {
    prop::collection::vec(0..=5i64, 12).prop_map(|all| (1..).zip(all).collect())
}

proptest! {
    #[test]
    fn readiness_is_between_0_and_1_and_is_1_exactly_without_gaps(r in any_requirements(), l in any_levels()) {
        let score = score(&r, &assumed(&l));
        prop_assert!((0.0..=1.0 + 1e-12).contains(&score.value));
        prop_assert_eq!(score.gaps().is_empty(), (score.value - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_higher_level_never_lowers_it(r in any_requirements(), l in any_levels(), which in 0..12usize) {
        let mut better = l.clone();
        better[which].1 = (better[which].1 + 1).min(5);
        let (before, after) = (score(&r, &assumed(&l)), score(&r, &assumed(&better)));
        prop_assert!(after.value >= before.value - 1e-12);
        prop_assert!(after.mandatory_missing.len() <= before.mandatory_missing.len());
    }

    #[test]
    fn the_scale_of_the_weights_does_not_matter(r in any_requirements(), l in any_levels(), by in 0.1..9.0f64) {
        let scaled: Vec<Requirement> = r.iter().map(|r| Requirement { weight: r.weight * by, ..*r }).collect();
        let (a, b) = (score(&r, &assumed(&l)), score(&scaled, &assumed(&l)));
        prop_assert!((a.value - b.value).abs() < 1e-9);
    }
}
