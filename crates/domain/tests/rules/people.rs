//! Assignments, reporting lines, profiles and teams.

use crate::given::{id, person, tenant, today};
use chrono::Days;
use proptest::prelude::*;
use std::collections::HashMap;
use waymark_domain::kernel::{PersonId, PositionId, RefusalCode};
use waymark_domain::people::{PeopleEvent, Person, Profile, Team, find_reporting_cycle, reporting_chain};

const ENGINEER: u128 = 1;
const SENIOR: u128 = 2;

fn registered() -> Person {
    let profile = Profile::new("ada", "Ada", "ada@example.com", "").unwrap();
    let mut person = Person::register(person(1), profile, None, None);
    person.events.clear();
    person
}

#[test]
fn at_most_one_assignment_is_active() {
    use RefusalCode::{InFuture, Invalid};
    let position = |number| id::<PositionId>(number);
    let day = |ago| today() - Days::new(ago);
    let table = [
        ("the first", None, (ENGINEER, day(9)), Ok(1)),
        ("the next ends the one before", Some((ENGINEER, day(90))), (SENIOR, day(9)), Ok(2)),
        ("the same again changes nothing", Some((ENGINEER, day(90))), (ENGINEER, day(90)), Ok(0)),
        ("not before it began", Some((ENGINEER, day(90))), (SENIOR, day(91)), Err(Invalid)),
        ("not on the day it began", Some((ENGINEER, day(90))), (SENIOR, day(90)), Err(Invalid)),
        ("not the same one later", Some((ENGINEER, day(90))), (ENGINEER, day(9)), Err(Invalid)),
        ("not tomorrow", None, (ENGINEER, today() + Days::new(1)), Err(InFuture)),
    ];
    for (name, before, (to, since), expected) in table {
        let mut person = registered();
        if let Some((held, since)) = before {
            person.assign(position(held), since, today()).unwrap();
            person.events.clear();
        }
        let result = person.assign(position(to), since, today());
        assert_eq!(result.map(|()| person.events.len()).map_err(|refusal| refusal.code), expected, "{name}");
    }
}

#[test]
fn events_name_changed_fields_but_never_their_content() {
    let mut person = registered();
    person.update(Profile::new("ada", "Ada L.", "ada@example.com", "platform").unwrap());
    let fields = vec!["displayName", "discipline"];
    assert_eq!(person.events, [PeopleEvent::Updated { person: id(1), fields }]);
}

#[test]
fn profiles() {
    let table = [
        (("ada", "Ada", "ada@example.com", "backend"), vec![]),
        (("ada", "Ada", "", ""), vec![]),
        (("", "Ada", "", ""), vec!["external_id"]),
        (("ada", "", "not an address", "Back End"), vec!["name", "email", "discipline"]),
        (("a\u{0}", "Ada", "", ""), vec!["external_id"]),
        (("ada", "Ada\u{7}", "", ""), vec!["name"]),
    ];
    for ((external, name, email, discipline), expected) in table {
        let refused = Profile::new(external, name, email, discipline).err().unwrap_or_default();
        let fields: Vec<String> = refused.iter().map(|refusal| refusal.field.join(".")).collect();
        assert_eq!(fields, expected, "{external:?} {name:?} {email:?} {discipline:?}");
    }
}

#[test]
fn keys_of_teams() {
    for (title, key) in
        [("Payments & Ledger", "payments-ledger"), ("  Core  ", "core"), ("3rd line", "team-3rd-line")]
    {
        assert_eq!(Team::define(tenant().id, title).unwrap().key.as_str(), key);
    }
    assert_eq!(Team::define(tenant().id, "!!!").unwrap_err().code, RefusalCode::Invalid);
    assert_eq!(Team::define(tenant().id, " ").unwrap_err().code, RefusalCode::Required);
}

fn lines(edges: &[(u128, u128)]) -> HashMap<PersonId, PersonId> {
    edges.iter().map(|(person_of, manager)| (person(*person_of), person(*manager))).collect()
}

#[test]
fn circles_are_found_and_named() {
    let circle = find_reporting_cycle(&lines(&[(1, 2), (2, 3), (3, 2), (4, 1)])).unwrap();
    assert_eq!(circle.len(), 2);
    assert!(circle.contains(&person(2)) && circle.contains(&person(3)));
    assert_eq!(find_reporting_cycle(&lines(&[(1, 1)])), Some(vec![person(1)]));
    assert_eq!(find_reporting_cycle(&lines(&[(1, 2), (3, 2), (2, 4)])), None);
}

#[test]
fn lines_go_through_others_and_end_even_in_a_circle() {
    let all = lines(&[(1, 2), (2, 3), (5, 6), (6, 5)]);
    assert_eq!(reporting_chain(&all, person(1)), [person(2), person(3)]);
    assert!(reporting_chain(&all, person(3)).is_empty(), "the top reports to nobody");
    assert_eq!(reporting_chain(&all, person(5)), [person(6)]);
}

proptest! {
    #[test]
    fn a_circle_is_found_exactly_when_there_is_one(managers in prop::collection::vec(prop::option::of(0..30u128), 30)) {
        let edges: Vec<(u128, u128)> =
            (0..).zip(&managers).filter_map(|(n, manager)| Some((n, (*manager)?))).collect();
        let all = lines(&edges);
        // By definition: somebody who comes back to themselves.
        let back = |start: PersonId| {
            let mut current = all.get(&start).copied();
            for _ in 0..30 {
                match current {
                    Some(next) if next == start => return true,
                    Some(next) => current = all.get(&next).copied(),
                    None => return false,
                }
            }
            false
        };
        let expected = (0..30).map(person).any(back);
        let found = find_reporting_cycle(&all);
        prop_assert_eq!(found.is_some(), expected);
        if let Some(circle) = found {
            for (index, member) in circle.iter().enumerate() {
                prop_assert_eq!(all.get(member), Some(&circle[(index + 1) % circle.len()]));
            }
        }
    }
}
