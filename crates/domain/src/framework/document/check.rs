//! The rules between the fields: references, duplicates, cycles, categories.

use super::fields::Placed;
use super::shape::{Draft, DraftRequirement, DraftSkill, Entry};
use crate::framework::{SkillKind, graph};
use crate::kernel::{Key, Level, RefusalCode, Refusals};
use std::collections::{HashMap, HashSet};

/// Checks everything that more than one field decides.
pub(super) fn check(draft: &Draft, problems: &mut Refusals) {
    scale(draft, problems);
    let domains = unique_keys("domain", draft.domains.iter(), problems);
    let skills = unique_keys("skill", draft.skills.iter().map(|skill| &skill.entry), problems);
    let tracks = unique_keys("track", draft.tracks.iter(), problems);
    unique_keys("position", draft.positions.iter().map(|position| &position.entry), problems);
    unique_keys("specialisation", draft.specialisations.iter().map(|s| &s.entry), problems);
    for skill in &draft.skills {
        known("domain", &domains, skill.domain.as_ref(), problems);
        category(skill, problems);
        prerequisites(skill, &skills, problems);
    }
    names(&draft.skills, problems);
    cycle(&draft.skills, problems);
    ranks(draft, problems);
    let retired = retired(&draft.skills);
    for position in &draft.positions {
        known("track", &tracks, position.track.as_ref(), problems);
        requirements(&position.requirements, &skills, &retired, problems);
    }
    for specialisation in &draft.specialisations {
        requirements(&specialisation.requirements, &skills, &retired, problems);
    }
    not_empty(draft, problems);
}

fn not_empty(draft: &Draft, problems: &mut Refusals) {
    for position in &draft.positions {
        if position.requirements.is_empty() {
            let message = "The position requires nothing: everybody would be ready for it.".to_owned();
            position.entry.refuse(problems, RefusalCode::Required, message);
        }
    }
}

fn scale(draft: &Draft, problems: &mut Refusals) {
    let mut seen = HashSet::new();
    for level in draft.scale.iter().filter_map(|step| step.level.as_ref()) {
        if !seen.insert(level.value) {
            let message = format!("Level {} stands in the scale twice.", level.value);
            problems.push(level.refuse(RefusalCode::Duplicate, message));
        }
    }
    let complete = draft.scale.iter().all(|step| step.level.is_some());
    let missing: Vec<_> = (0..=5).filter_map(|n| Level::new(n).ok()).filter(|l| !seen.contains(l)).collect();
    if complete && !draft.scale.is_empty() && !missing.is_empty() {
        let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
        let message = format!("The scale lacks level {}.", missing.join(", "));
        let at = draft.scale.iter().find_map(|step| step.level.as_ref());
        problems.0.extend(at.map(|level| level.refuse(RefusalCode::Required, message)));
    }
}

fn unique_keys<'d>(
    what: &str,
    entries: impl Iterator<Item = &'d Entry>,
    problems: &mut Refusals,
) -> HashSet<&'d Key> {
    let mut lines: HashMap<&Key, u32> = HashMap::new();
    for key in entries.filter_map(|entry| entry.key.as_ref()) {
        if let Some(first) = lines.get(&key.value) {
            let message = format!("The {what} `{}` is defined twice; first in line {first}.", key.value);
            problems.push(key.refuse(RefusalCode::Duplicate, message));
        } else {
            lines.insert(&key.value, key.place.line);
        }
    }
    lines.into_keys().collect()
}

fn known(what: &str, keys: &HashSet<&Key>, reference: Option<&Placed<Key>>, problems: &mut Refusals) {
    if let Some(key) = reference.filter(|key| !keys.contains(&key.value)) {
        let message = format!("There is no {what} `{}` in this document.", key.value);
        problems.push(key.refuse(RefusalCode::UnknownReference, message));
    }
}

fn category(skill: &DraftSkill, problems: &mut Refusals) {
    match (&skill.kind, &skill.category) {
        (Some(kind), None) if kind.value == SkillKind::Technology => {
            let message = "A technology needs a category.";
            problems.push(kind.refuse(RefusalCode::Required, message));
        }
        (Some(kind), Some(category)) if kind.value != SkillKind::Technology => {
            let message = "Only a technology has a category.";
            problems.push(category.refuse(RefusalCode::Invalid, message));
        }
        _ => {}
    }
}

fn prerequisites(skill: &DraftSkill, skills: &HashSet<&Key>, problems: &mut Refusals) {
    let mut seen = HashSet::new();
    for (needed, _) in &skill.prerequisites {
        known("skill", skills, needed.as_ref(), problems);
        if let Some(key) = needed.as_ref().filter(|key| !seen.insert(&key.value)) {
            let message = format!("The prerequisite `{}` is named twice.", key.value);
            problems.push(key.refuse(RefusalCode::Duplicate, message));
        }
    }
}

/// People find skills by key, title or alias: none may lead to two skills.
fn names(skills: &[DraftSkill], problems: &mut Refusals) {
    let mut owners: HashMap<String, usize> = HashMap::new();
    for (index, skill) in skills.iter().enumerate() {
        for title in skill.entry.title.iter() {
            let owner = *owners.entry(title.value.to_lowercase()).or_insert(index);
            if owner != index {
                let message = format!("Another skill is titled {:?} already.", title.value);
                problems.push(title.refuse(RefusalCode::Duplicate, message));
            }
        }
        owners.extend(skill.entry.key.iter().map(|key| (key.value.as_str().to_owned(), index)));
    }
    for alias in skills.iter().flat_map(|skill| &skill.aliases) {
        // An alias that repeats even its own skill's key or title adds nothing, so it is refused as well.
        if owners.insert(alias.value.to_lowercase(), usize::MAX).is_some() {
            let message = format!("The name {:?} is taken by a skill's key, title or alias.", alias.value);
            problems.push(alias.refuse(RefusalCode::Duplicate, message));
        }
    }
}

fn cycle(skills: &[DraftSkill], problems: &mut Refusals) {
    let edges: Vec<(&Key, Vec<&Key>)> = skills
        .iter()
        .filter_map(|skill| {
            let needed =
                skill.prerequisites.iter().filter_map(|(key, _)| Some(&key.as_ref()?.value)).collect();
            Some((&skill.entry.key.as_ref()?.value, needed))
        })
        .collect();
    let Some(cycle) = graph::find_cycle(&edges) else { return };
    let path: Vec<_> = cycle.iter().chain(cycle.first()).map(|key| key.as_str()).collect();
    let message = format!("The prerequisites go in a circle: {}.", path.join(" -> "));
    let entry =
        skills.iter().find(|s| s.entry.key.as_ref().is_some_and(|key| Some(&&key.value) == cycle.first()));
    if let Some(skill) = entry {
        let next = cycle.get(1).or(cycle.first());
        let edge =
            skill.prerequisites.iter().find_map(|(k, _)| k.as_ref().filter(|k| Some(&&k.value) == next));
        let place = edge.or(skill.entry.key.as_ref());
        problems.0.extend(place.map(|key| key.refuse(RefusalCode::Cycle, message)));
    }
}

fn ranks(draft: &Draft, problems: &mut Refusals) {
    let mut seen = HashSet::new();
    for position in &draft.positions {
        let (Some(track), Some(rank)) = (&position.track, &position.rank) else { continue };
        if !seen.insert((&track.value, rank.value)) {
            let message =
                format!("The track `{}` has a position of rank {} already.", track.value, rank.value);
            problems.push(rank.refuse(RefusalCode::Duplicate, message));
        }
    }
}

fn retired(skills: &[DraftSkill]) -> HashSet<&Key> {
    let retired = skills.iter().filter(|skill| skill.retired == Some(true));
    retired.filter_map(|skill| Some(&skill.entry.key.as_ref()?.value)).collect()
}

fn requirements(
    requirements: &[DraftRequirement],
    skills: &HashSet<&Key>,
    retired: &HashSet<&Key>,
    problems: &mut Refusals,
) {
    let mut seen = HashSet::new();
    for key in requirements.iter().filter_map(|requirement| requirement.skill.as_ref()) {
        known("skill", skills, Some(key), problems);
        if retired.contains(&key.value) {
            let message = format!("The skill `{}` is retired and can no longer be required.", key.value);
            problems.push(key.refuse(RefusalCode::Invalid, message));
        }
        if !seen.insert(&key.value) {
            let message = format!("The skill `{}` is required twice.", key.value);
            problems.push(key.refuse(RefusalCode::Duplicate, message));
        }
    }
}
