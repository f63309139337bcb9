//! Reporting lines: who reports to whom, directly or through others.

use crate::kernel::PersonId;
use std::collections::{HashMap, HashSet};

/// One circle among the lines, if there is any: each person reports to the next, the last to the first.
#[must_use]
pub fn find_reporting_cycle(managers: &HashMap<PersonId, PersonId>) -> Option<Vec<PersonId>> {
    let mut harmless: HashSet<PersonId> = HashSet::new();
    let mut starts: Vec<_> = managers.keys().copied().collect();
    starts.sort();
    for start in starts {
        let mut path = Vec::new();
        let mut on_path = HashSet::new();
        let mut current = Some(start);
        while let Some(person) = current.filter(|person| !harmless.contains(person)) {
            if !on_path.insert(person) {
                let from = path.iter().position(|on| *on == person).unwrap_or(0);
                return Some(path.split_off(from));
            }
            path.push(person);
            current = managers.get(&person).copied();
        }
        harmless.extend(path);
    }
    None
}

/// Everybody to whom the person reports, directly or through others, the nearest first.
#[must_use]
pub fn reporting_chain(managers: &HashMap<PersonId, PersonId>, person: PersonId) -> Vec<PersonId> {
    let mut above = Vec::new();
    let mut current = person;
    // A circle, which there never is, would still end.
    while let Some(manager) = managers.get(&current).copied() {
        if manager == person || above.contains(&manager) {
            break;
        }
        above.push(manager);
        current = manager;
    }
    above
}
