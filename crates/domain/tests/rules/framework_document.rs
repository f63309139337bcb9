//! Framework documents: every rule, all problems at once with their places, and hostile texts.

use proptest::prelude::*;
use std::fmt::Write;
use waymark_domain::framework::document::{self, MAX_BYTES};
use waymark_domain::kernel::{RefusalCode, Refusals};

/// A good document with these skills (key, what it needs) and what its one position requires.
pub fn small_document(skills: &[(&str, &[(&str, i64)])], requirements: &[(&str, i64, f64, bool)]) -> String {
    let mut text = String::from(
        "format: waymark.framework/v1\nkey: small\ntitle: Small\nscale:\n  - { level: 0, name: N0 }\n\
         \x20 - { level: 1, name: N1 }\n  - { level: 2, name: N2 }\n  - { level: 3, name: N3 }\n\
         \x20 - { level: 4, name: N4 }\n  - { level: 5, name: N5 }\ndomains: [{ key: one, title: One }]\nskills:\n",
    );
    for (key, needs) in skills {
        let needs: Vec<String> = needs.iter().map(|(k, l)| format!("{{ skill: {k}, level: {l} }}")).collect();
        let criteria = "{ 1: a, 2: b, 3: c, 4: d, 5: e }";
        writeln!(
            text,
            "  - {{ key: {key}, domain: one, title: T {key}, kind: COMPETENCY, effort: 2, criteria: {criteria}, prerequisites: [{}] }}",
            needs.join(", ")
        )
        .unwrap();
    }
    text.push_str("tracks: [{ key: ladder, title: Ladder }]\npositions:\n");
    text.push_str(
        "  - key: engineer\n    title: Engineer\n    track: ladder\n    rank: 1\n    requirements:\n",
    );
    for (key, level, weight, mandatory) in requirements {
        writeln!(
            text,
            "      - {{ skill: {key}, level: {level}, weight: {weight}, mandatory: {mandatory} }}"
        )
        .unwrap();
    }
    text
}

fn good() -> String {
    small_document(&[("sql", &[]), ("modelling", &[("sql", 2)])], &[("sql", 3, 1.0, true)])
}

/// What is refused: code, line, field.
fn refused(text: &str) -> Vec<(RefusalCode, Option<u32>, String)> {
    let refusals: Refusals = document::parse(text).err().unwrap_or_default();
    refusals.0.iter().map(|r| (r.code, r.line, r.field.join("."))).collect()
}

/// What is refused when the good document has this in the place of that.
fn changed(from: &str, to: &str) -> Vec<(RefusalCode, Option<u32>, String)> {
    assert!(good().contains(from), "{from} is not in the document");
    refused(&good().replacen(from, to, 1))
}

#[test]
fn a_good_document_is_read_whole_as_yaml_and_as_json() {
    let content = document::parse(&good()).unwrap();
    assert_eq!((content.skills.len(), content.positions.len(), content.scale.len()), (2, 1, 6));
    assert_eq!(content.skills[1].prerequisites[0].skill.as_str(), "sql");
    let json = r#"{"format":"waymark.framework/v1","key":"k","title":"T\u00e9","scale":[
        {"level":0,"name":"a"},{"level":1,"name":"b"},{"level":2,"name":"c"},{"level":3,"name":"d"},
        {"level":4,"name":"e"},{"level":5,"name":"f"}],"domains":[{"key":"d","title":"D"}],
        "skills":[{"key":"s","domain":"d","title":"S","kind":"TECHNOLOGY","category":"LANGUAGE",
        "criteria":{"1":"a","2":"b","3":"c","4":"d","5":"e"}}],"tracks":[{"key":"t","title":"T"}],
        "positions":[{"key":"p","title":"P","track":"t","rank":1,"requirements":[{"skill":"s","level":1,"weight":1}]}]}"#;
    assert_eq!(document::parse(json).unwrap().title, "Té");
}

#[test]
fn each_rule_by_itself() {
    use RefusalCode::{Cycle, Duplicate, Invalid, OffScale, Required, UnknownField, UnknownReference};
    let one = |code, line: u32, field: &str| vec![(code, Some(line), field.to_owned())];
    // Line 13 is the skill sql, 14 modelling, 22 the requirement.
    let sql_alone = "prerequisites: [] }";
    let table = [
        ("an unknown format", changed("framework/v1", "framework/v9"), one(Invalid, 1, "format")),
        ("no title", changed("title: Small\n", ""), one(Required, 1, "title")),
        (
            "an unknown field",
            changed("title: Small", "title: Small\nowner: me"),
            one(UnknownField, 4, "owner"),
        ),
        ("a bad key", changed("key: small", "key: Small One"), one(Invalid, 2, "key")),
        ("a field twice", changed("title: Small", "title: Small\ntitle: Other"), one(Duplicate, 4, "title")),
        (
            "a scale with a hole",
            changed("  - { level: 4, name: N4 }\n", ""),
            one(Required, 5, "scale.0.level"),
        ),
        (
            "an unknown domain",
            changed("domain: one", "domain: two"),
            one(UnknownReference, 13, "skills.0.domain"),
        ),
        (
            "a skill twice, which then needs itself",
            changed("key: modelling", "key: sql"),
            [one(Cycle, 13, "skills.0.key"), one(Duplicate, 14, "skills.1.key")].concat(),
        ),
        ("a title twice", changed("T modelling", "t SQL"), one(Duplicate, 14, "skills.1.title")),
        (
            "a technology without a category",
            changed("COMPETENCY", "TECHNOLOGY"),
            one(Required, 13, "skills.0.kind"),
        ),
        ("a criterion too few", changed(", 5: e", ""), one(Required, 13, "skills.0.criteria.5")),
        (
            "an unknown prerequisite",
            changed("{ skill: sql, level: 2 }", "{ skill: nosql, level: 2 }"),
            one(UnknownReference, 14, "skills.1.prerequisites.0.skill"),
        ),
        (
            "a prerequisite off the scale",
            changed("{ skill: sql, level: 2 }", "{ skill: sql, level: 6 }"),
            one(OffScale, 14, "skills.1.prerequisites.0.level"),
        ),
        (
            "a cycle",
            changed(sql_alone, "prerequisites: [{ skill: modelling, level: 1 }] }"),
            one(Cycle, 13, "skills.0.prerequisites.0.skill"),
        ),
        (
            "a skill that needs itself",
            changed(sql_alone, "prerequisites: [{ skill: sql, level: 1 }] }"),
            one(Cycle, 13, "skills.0.prerequisites.0.skill"),
        ),
        (
            "a required level off the scale",
            changed("level: 3, weight", "level: 7, weight"),
            one(OffScale, 22, "positions.0.requirements.0.level"),
        ),
        (
            "a required level of 0",
            changed("level: 3, weight", "level: 0, weight"),
            one(OffScale, 22, "positions.0.requirements.0.level"),
        ),
        (
            "a weight of 0",
            changed("weight: 1", "weight: 0"),
            one(Invalid, 22, "positions.0.requirements.0.weight"),
        ),
        (
            "a weight that is no number",
            changed("weight: 1", "weight: .nan"),
            one(Invalid, 22, "positions.0.requirements.0.weight"),
        ),
        (
            "an unknown required skill",
            changed("skill: sql, level: 3", "skill: css, level: 3"),
            one(UnknownReference, 22, "positions.0.requirements.0.skill"),
        ),
        (
            "a retired skill is required",
            changed("effort: 2", "effort: 2, retired: true"),
            one(Invalid, 22, "positions.0.requirements.0.skill"),
        ),
        (
            "an unknown track",
            changed("track: ladder", "track: stairs"),
            one(UnknownReference, 19, "positions.0.track"),
        ),
    ];
    for (name, found, expected) in table {
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_cycle_is_named() {
    let text = small_document(
        &[("a", &[("c", 1)]), ("b", &[("a", 1)]), ("c", &[("b", 1)])],
        &[("a", 1, 1.0, false)],
    );
    let refusals = document::parse(&text).unwrap_err();
    assert_eq!(refusals.0[0].message, "The prerequisites go in a circle: a -> c -> b -> a.");
}

#[test]
fn all_problems_come_at_once_in_the_order_of_the_document() {
    let text = good()
        .replace("key: modelling", "key: sql")
        .replace("{ skill: sql, level: 2 }", "{ skill: nosql, level: 9 }")
        .replace("level: 3, weight", "level: 6, weight")
        .replace("track: ladder", "track: stairs");
    let found = refused(&text);
    let codes: Vec<RefusalCode> = found.iter().map(|(code, ..)| *code).collect();
    use RefusalCode::{Duplicate, OffScale, UnknownReference};
    assert_eq!(codes, [Duplicate, UnknownReference, OffScale, UnknownReference, OffScale]);
    assert!(found.is_sorted_by_key(|(_, line, _)| *line));
}

#[test]
fn the_number_of_problems_is_bounded_and_the_rest_is_counted() {
    let many: Vec<(String, i64, f64, bool)> = (0..500).map(|n| (format!("x{n}"), 1, 1.0, false)).collect();
    let many: Vec<(&str, i64, f64, bool)> =
        many.iter().map(|(k, l, w, m)| (k.as_str(), *l, *w, *m)).collect();
    let refusals = document::parse(&small_document(&[("a", &[])], &many)).unwrap_err();
    assert_eq!(refusals.0.len(), Refusals::MOST + 1);
    assert!(refusals.0[Refusals::MOST].message.starts_with("400 more problems"));
}

#[test]
fn hostile_texts_get_one_clear_answer() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n";
    let table = [
        ("nothing", String::new()),
        ("only white space", " \n\n".to_owned()),
        ("an anchor bomb", bomb.to_owned()),
        ("deep nesting", "[".repeat(100_000)),
        ("deep mappings", (0..5_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect()),
        ("a bad indent", "a: b\n c: d\n".to_owned()),
        ("two documents", format!("{}---\nb: 2\n", good())),
        ("unclosed quotes", "title: \"never ends".to_owned()),
        ("a complex key", "? [a, b]\n: c\n".to_owned()),
        ("a bare number", "42".to_owned()),
    ];
    for (name, text) in table {
        let found = refused(&text);
        assert!(!found.is_empty() && found.len() <= 10, "{name}: {found:?}");
    }
    let long = refused(&" ".repeat(MAX_BYTES + 1));
    assert_eq!(long, vec![(RefusalCode::Invalid, None, String::new())]);
}

#[test]
fn a_long_chain_of_prerequisites_is_no_danger() {
    let keys: Vec<String> = (0..5_000).map(|n| format!("s{n}")).collect();
    let needs: Vec<[(&str, i64); 1]> = keys.iter().map(|key| [(key.as_str(), 1)]).collect();
    let skills: Vec<(&str, &[(&str, i64)])> = keys
        .iter()
        .enumerate()
        .map(|(n, key)| (key.as_str(), if n == 0 { &[][..] } else { &needs[n - 1][..] }))
        .collect();
    let text = small_document(&skills, &[("s4999", 1, 1.0, false)]);
    assert_eq!(document::parse(&text).unwrap().skills.len(), 5_000);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[-\\[\\]{}:,&*!|>'\"#%@ \n\ta-c0-9]{0,200}") {
        prop_assert!(document::parse(&text).is_err());
    }

    #[test]
    fn no_small_damage_makes_it_panic(at in 0..2_000usize, with in "[-\\[\\]{}:,&*!|'\"# \n\t\u{0}]{0,3}") {
        let text = good();
        let at = at % text.len();
        let damaged = format!("{}{with}{}", &text[..at], &text[at + 1..]);
        let _ = document::parse(&damaged);
    }

    #[test]
    fn a_cycle_is_refused_exactly_when_there_is_one(edges in prop::collection::btree_set((0..8usize, 0..8usize), 0..16)) {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let needs: Vec<Vec<(&str, i64)>> = (0..8)
            .map(|from| edges.iter().filter(|e| e.0 == from).map(|e| (names[e.1], 1)).collect())
            .collect();
        let skills: Vec<(&str, &[(&str, i64)])> = names.iter().copied().zip(needs.iter().map(Vec::as_slice)).collect();
        let found = refused(&small_document(&skills, &[("a", 1, 1.0, false)]));
        // Take away what needs nothing that is left, until nothing changes: what stays is on or behind a cycle.
        let mut left: Vec<usize> = (0..8).collect();
        loop {
            let before = left.len();
            let now = left.clone();
            left.retain(|from| edges.iter().any(|(f, to)| f == from && now.contains(to)));
            if left.len() == before {
                break;
            }
        }
        let expected = if left.is_empty() { vec![] } else { vec![RefusalCode::Cycle] };
        prop_assert_eq!(found.iter().map(|(code, ..)| *code).collect::<Vec<_>>(), expected);
    }
}
