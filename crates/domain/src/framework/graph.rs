//! The prerequisite graph: cycles, and what lies behind what.

use super::Content;
use crate::kernel::{Key, Level};
use std::collections::{HashMap, VecDeque};

/// One cycle of the graph, if there is any: each key needs the next, the last needs the first.
///
/// `edges` names for each key the keys that it needs; keys that stand nowhere else are leaves. The search
/// keeps its own stack, so that no chain, however long, can exhaust the thread's.
#[must_use]
pub fn find_cycle<'k>(edges: &[(&'k Key, Vec<&'k Key>)]) -> Option<Vec<&'k Key>> {
    let needs: HashMap<&Key, &[&'k Key]> =
        edges.iter().map(|(key, needed)| (*key, needed.as_slice())).collect();
    let mut done: HashMap<&Key, bool> = HashMap::new();
    for (start, _) in edges {
        if done.contains_key(start) {
            continue;
        }
        let mut path: Vec<(&'k Key, usize)> = vec![(start, 0)];
        done.insert(start, false);
        while let Some((key, next)) = path.last_mut() {
            let Some(needed) = needs.get(key).and_then(|needed| needed.get(*next)) else {
                done.insert(key, true);
                path.pop();
                continue;
            };
            *next += 1;
            match done.get(needed) {
                Some(true) => {}
                Some(false) => {
                    let from = path.iter().position(|(key, _)| key == needed).unwrap_or(0);
                    return Some(path[from..].iter().map(|(key, _)| *key).collect());
                }
                None => {
                    done.insert(needed, false);
                    path.push((needed, 0));
                }
            }
        }
    }
    None
}

/// The prerequisites of a version, by the index of each skill in [`Content::skills`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrerequisiteGraph {
    needs: Vec<Vec<(usize, Level)>>,
    needed_by: Vec<Vec<usize>>,
}

impl PrerequisiteGraph {
    /// The graph of this content.
    #[must_use]
    pub fn of(content: &Content) -> Self {
        let index: HashMap<&Key, usize> =
            content.skills.iter().enumerate().map(|(index, skill)| (&skill.key, index)).collect();
        let mut needed_by = vec![Vec::new(); content.skills.len()];
        let mut needs = Vec::with_capacity(content.skills.len());
        for (index_of_skill, skill) in content.skills.iter().enumerate() {
            let edges: Vec<(usize, Level)> =
                skill.prerequisites.iter().filter_map(|p| Some((*index.get(&p.skill)?, p.level))).collect();
            for (needed, _) in &edges {
                needed_by[*needed].push(index_of_skill);
            }
            needs.push(edges);
        }
        Self { needs, needed_by }
    }

    /// What the skill needs, with the least level of each.
    #[must_use]
    pub fn needs(&self, skill: usize) -> &[(usize, Level)] {
        self.needs.get(skill).map_or(&[], Vec::as_slice)
    }

    /// Every skill that lies behind this one, with its distance in edges (at least 1).
    #[must_use]
    pub fn reachable(&self, skill: usize) -> HashMap<usize, u32> {
        let mut distances = HashMap::from([(skill, 0)]);
        let mut queue = VecDeque::from([(skill, 0)]);
        while let Some((current, distance)) = queue.pop_front() {
            for next in self.needed_by.get(current).into_iter().flatten() {
                if !distances.contains_key(next) {
                    distances.insert(*next, distance + 1);
                    queue.push_back((*next, distance + 1));
                }
            }
        }
        distances.remove(&skill);
        distances
    }

    /// A shortest way from the skill to one behind it, both included; empty if there is none.
    #[must_use]
    pub fn path(&self, from: usize, to: usize) -> Vec<usize> {
        let mut came_from = HashMap::from([(from, from)]);
        let mut queue = VecDeque::from([from]);
        while let Some(current) = queue.pop_front() {
            if current == to {
                let mut path = vec![to];
                while let Some(previous) =
                    path.last().and_then(|at| came_from.get(at)).filter(|p| *p != &from)
                {
                    path.push(*previous);
                }
                if to != from {
                    path.push(from);
                }
                path.reverse();
                return path;
            }
            for next in self.needed_by.get(current).into_iter().flatten() {
                if !came_from.contains_key(next) {
                    came_from.insert(*next, current);
                    queue.push_back(*next);
                }
            }
        }
        Vec::new()
    }
}
