//! What to learn next, by hand on a small graph, and what always holds.

use crate::framework_document::small_document;
use crate::given::{level, now, tenant};
use waymark_domain::framework::{Catalogue, FrameworkVersion, document};
use waymark_domain::kernel::{FrameworkId, SkillId};
use waymark_domain::progress::{Levels, NextSkill, next_skills, score};

/// a <- b <- c (c needs b at 2, b needs a at 1), d stands alone. Effort 2 each.
fn catalogue() -> Catalogue {
    let document = small_document(
        &[("a", &[]), ("b", &[("a", 1)]), ("c", &[("b", 2)]), ("d", &[])],
        &[("c", 3, 2.0, true), ("d", 2, 1.0, false)],
    );
    let content = document::parse(&document).unwrap();
    let framework = FrameworkId::for_key(tenant().id, "small");
    Catalogue::of(FrameworkVersion::draft(framework, None, content, now()))
}

fn skill(catalogue: &Catalogue, key: &str) -> SkillId {
    catalogue.find_skill(key).unwrap().0
}

fn next(catalogue: &Catalogue, levels: &[(&str, i64)]) -> Vec<NextSkill> {
    let levels = Levels::assumed(levels.iter().map(|(key, l)| (skill(catalogue, key), level(*l))));
    let (position, _) = catalogue.positions().next().unwrap();
    let gaps = score(&catalogue.requirements(position), &levels).gaps();
    next_skills(catalogue, &gaps, &levels)
}

fn keys<'c>(catalogue: &'c Catalogue, ids: &[SkillId]) -> Vec<&'c str> {
    ids.iter().map(|id| catalogue.skill(*id).unwrap().key.as_str()).collect()
}

/// A name, the levels that are given, and the next skills: key, value and target level.
type Case = (&'static str, &'static [(&'static str, i64)], &'static [(&'static str, f64, i64)]);

#[test]
fn values_by_hand() {
    let catalogue = catalogue();
    // Nothing known: a opens c at distance 2: 2 x 3 x 0.25 / 2 = 0.75; d is its own gap: 1 x 2 / 2 = 1.
    // b and c wait for what they need.
    let table: [Case; 5] = [
        ("nothing known", &[], &[("d", 1.0, 2), ("a", 0.75, 1)]),
        ("a is reached", &[("a", 1)], &[("b", 1.5, 2), ("d", 1.0, 2)]),
        ("b is reached, a was never needed", &[("b", 2)], &[("c", 3.0, 3), ("d", 1.0, 2)]),
        ("half of b", &[("a", 1), ("b", 1), ("d", 2)], &[("b", 1.5, 2)]),
        ("all met", &[("c", 3), ("d", 2)], &[]),
    ];
    for (name, levels, expected) in table {
        let next = next(&catalogue, levels);
        let found: Vec<(&str, f64, i64)> = next
            .iter()
            .map(|n| (keys(&catalogue, &[n.skill])[0], n.value, i64::from(n.target.get())))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn each_comes_with_the_way_that_it_opens() {
    let catalogue = catalogue();
    let all = next(&catalogue, &[]);
    assert_eq!(keys(&catalogue, &all[1].path), ["a", "b", "c"]);
    assert_eq!(keys(&catalogue, &all[1].unlocks), ["c"]);
    assert_eq!(keys(&catalogue, &all[0].path), ["d"]);
}

#[test]
fn every_one_of_the_reference_framework_can_be_begun_today() {
    let catalogue = crate::reference_framework::catalogue();
    for (position, _) in catalogue.positions() {
        // From nothing, learn what comes first, again and again: it ends with every gap closed.
        let mut levels: Vec<(SkillId, waymark_domain::kernel::Level)> = Vec::new();
        let requirements = catalogue.requirements(position);
        for step in 0.. {
            assert!(step < 500, "it never ends");
            let now_at = Levels::assumed(levels.iter().copied());
            let gaps = score(&requirements, &now_at).gaps();
            let next = next_skills(&catalogue, &gaps, &now_at);
            let Some(first) = next.first() else {
                assert_eq!(gaps.len(), 0, "a gap without a way to close it");
                break;
            };
            let index = catalogue.skill_index(first.skill).unwrap();
            for (needed, least) in catalogue.graph().needs(index) {
                let id = catalogue.skill_id_at(*needed).unwrap();
                assert!(now_at.level(id) >= *least, "its prerequisites are met");
            }
            assert!(first.target > first.level);
            levels.retain(|(skill, _)| *skill != first.skill);
            levels.push((first.skill, first.target));
        }
    }
}
