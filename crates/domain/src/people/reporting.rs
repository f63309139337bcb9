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

/// Whether `person` reports to `manager`, directly or through others.
#[must_use]
pub fn reports_to(managers: &HashMap<PersonId, PersonId>, person: PersonId, manager: PersonId) -> bool {
    let mut seen = HashSet::new();
    let mut current = person;
    while let Some(next) = managers.get(&current).copied() {
        if next == manager {
            return true;
        }
        if !seen.insert(next) {
            return false;
        }
        current = next;
    }
    false
}
