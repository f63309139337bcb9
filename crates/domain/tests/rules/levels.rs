//! Estimate, freshness and the level that counts.

use crate::given::{item, level, now};
use proptest::prelude::*;
use waymark_domain::evidence::EvidenceKind;
use waymark_domain::framework::SkillKind;
use waymark_domain::progress::{Estimate, Item, ItemSource, Policy, Standing};

const VERIFIED: ItemSource = ItemSource::Verified(EvidenceKind::WorkArtefact);
const OWN_WORD: ItemSource = ItemSource::Claimed(EvidenceKind::SelfAssessment);
/// Days of 18 months, the half-life of a technology.
const HALF_LIFE: i64 = 548;
/// Days in which nothing ages.
const GRACE: i64 = 90;

fn estimate(items: &[Item]) -> Option<Estimate> {
    Estimate::of(items, SkillKind::Technology, &Policy::default(), now())
}

fn standing(items: &[Item]) -> Standing {
    Standing::of(items, SkillKind::Technology, &Policy::default(), now())
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.001
}

#[test]
fn how_much_each_source_counts() {
    let table = [
        (ItemSource::Attestation, 1.0),
        (ItemSource::Endorsement, 1.0),
        (ItemSource::Verified(EvidenceKind::WorkArtefact), 1.0),
        (ItemSource::Verified(EvidenceKind::CourseWithTest), 0.6),
        (ItemSource::Verified(EvidenceKind::PeerFeedback), 0.5),
        (ItemSource::Verified(EvidenceKind::Course), 0.2),
        (ItemSource::Verified(EvidenceKind::SelfAssessment), 0.1),
        (ItemSource::Verified(EvidenceKind::ImportedClaim), 0.0),
        (ItemSource::Reported(EvidenceKind::PeerFeedback), 0.5),
        (ItemSource::Reported(EvidenceKind::WorkArtefact), 0.1),
        (ItemSource::Claimed(EvidenceKind::WorkArtefact), 0.1),
        (ItemSource::Claimed(EvidenceKind::ImportedClaim), 0.0),
    ];
    for (source, weight) in table {
        assert!(close(source.weight(), weight), "{source:?}");
    }
}

#[test]
fn estimates_by_hand() {
    let days = HALF_LIFE + GRACE;
    let table: [(&str, Vec<Item>, f64, f64); 5] = [
        ("one verified piece of work", vec![item(1, VERIFIED, 3, 0, 7)], 3.0, 0.2835),
        // Weights 1 and 0.5: (4 + 0.5 x 1) / 1.5 = 3.
        (
            "one of a half-life ago",
            vec![item(1, VERIFIED, 4, 0, 7), item(2, VERIFIED, 1, days, 8)],
            3.0,
            0.3935,
        ),
        // The second of one person in one quarter counts half: (2 + 0.5 x 5) / 1.5 = 3.
        (
            "two of one person",
            vec![item(1, VERIFIED, 2, 1, 7), item(2, VERIFIED, 5, 0, 7)],
            4.5 / 1.5,
            0.3935,
        ),
        ("two of two people", vec![item(1, VERIFIED, 2, 1, 7), item(2, VERIFIED, 5, 0, 8)], 3.5, 0.4866),
        ("what one says of oneself", vec![item(1, OWN_WORD, 5, 0, 1)], 5.0, 0.0328),
    ];
    // 1 July and 30 June are in two quarters: keep both of a person in one.
    for (name, mut items, score, confidence) in table {
        if name == "two of one person" || name == "two of two people" {
            for item in &mut items {
                item.occurred_on = now().date_naive();
            }
        }
        let estimate = estimate(&items).unwrap();
        assert!(close(estimate.score, score), "{name}: score {}", estimate.score);
        assert!(close(estimate.confidence, confidence), "{name}: confidence {}", estimate.confidence);
    }
}

#[test]
fn nothing_known_is_no_estimate() {
    assert_eq!(estimate(&[]), None);
    let imported = item(1, ItemSource::Claimed(EvidenceKind::ImportedClaim), 5, 0, 1);
    assert_eq!(estimate(&[imported]), None, "an imported claim weighs nothing");
    let mut ended = item(2, VERIFIED, 3, 10, 7);
    ended.ended_at = Some(now());
    assert_eq!(estimate(&[ended]), None, "withdrawn now");
}

#[test]
fn the_level_that_counts() {
    let attested = |l, days| item(1, ItemSource::Attestation, l, days, 7);
    let many = |l| (10..16).map(|n| item(n, VERIFIED, l, 1, n)).collect::<Vec<_>>();
    let table: [(&str, Vec<Item>, i64); 7] = [
        ("attested and fresh", vec![attested(4, 10)], 4),
        ("attested, at the half-life to the day", vec![attested(4, 547)], 4),
        ("attested, stale, and nothing else: its own item still says 4", vec![attested(4, 900)], 4),
        ("stale, and lately less was seen", [vec![attested(4, 900)], many(2)].concat(), 2),
        (
            "stale, and lately more was seen: fresh again, by support",
            [vec![attested(2, 900)], many(4)].concat(),
            2,
        ),
        ("no attestation, many saw 3", many(3), 3),
        ("no attestation, one saw 3: too little is known", vec![item(2, VERIFIED, 3, 1, 7)], 0),
    ];
    for (name, items, expected) in table {
        assert_eq!(standing(&items).effective, level(expected), "{name}");
    }
}

#[test]
fn freshness_halves_at_the_half_life() {
    let table = [(0, 1.0), (HALF_LIFE, 0.5), (2 * HALF_LIFE, 0.25)];
    for (days, expected) in table {
        let freshness = standing(&[item(1, ItemSource::Attestation, 3, days, 7)]).freshness.unwrap();
        assert!(close(freshness, expected), "{days} days: {freshness}");
    }
    assert_eq!(standing(&[]).freshness, None);
    // Evidence of a lower level does not keep a higher one fresh.
    let items = [item(1, ItemSource::Attestation, 4, HALF_LIFE, 7), item(2, VERIFIED, 2, 0, 8)];
    assert!(close(standing(&items).freshness.unwrap(), 0.5));
}

#[test]
fn half_lives_by_kind() {
    let months = [
        (SkillKind::Technology, 18.0),
        (SkillKind::Practice, 36.0),
        (SkillKind::Collaboration, 36.0),
        (SkillKind::Competency, 48.0),
    ];
    for (kind, expected) in months {
        assert!(close(Policy::default().half_life(kind), expected), "{kind:?}");
    }
}

fn any_items() -> impl Strategy<Value = Vec<Item>> {
    let sources = prop::sample::select(vec![ItemSource::Attestation, VERIFIED, OWN_WORD]);
    prop::collection::vec((sources, 0..=5i64, 0..2_000i64, 0..4u128), 0..20).prop_map(|all| {
        (1..).zip(all).map(|(n, (source, l, days, by))| item(n, source, l, days, by)).collect()
    })
}

proptest! {
    #[test]
    fn a_score_lies_between_the_lowest_and_the_highest_item(items in any_items()) {
        if let Some(estimate) = estimate(&items) {
            let levels = || items.iter().map(|item| f64::from(item.level.get()));
            let (low, high) = (levels().fold(5.0, f64::min), levels().fold(0.0, f64::max));
            prop_assert!(estimate.score >= low - 1e-9 && estimate.score <= high + 1e-9);
            prop_assert!((0.0..=1.0).contains(&estimate.confidence));
        }
    }

    #[test]
    fn the_order_of_the_items_does_not_matter(items in any_items(), seed in any::<u64>()) {
        let mut shuffled = items.clone();
        let turn = usize::try_from(seed).unwrap_or(0);
        if !items.is_empty() {
            shuffled.rotate_left(turn % items.len());
        }
        let bits = |items: &[Item]| estimate(items).map(|e| (e.score.to_bits(), e.confidence.to_bits()));
        prop_assert_eq!(bits(&items), bits(&shuffled));
    }

    #[test]
    fn no_evidence_ever_changes_the_attested_level(items in any_items()) {
        let only: Vec<Item> = items.iter().copied().filter(|i| i.source == ItemSource::Attestation).collect();
        prop_assert_eq!(standing(&items).attested, standing(&only).attested);
    }
}
