//! What to learn next.
//!
//! Candidates are the skills with a gap and every unmet prerequisite on the way to them; the frontier are
//! those candidates whose own prerequisites are met, so that each can be begun today. value(s) = (w_s * g_s +
//! sum over gaps d behind s of w_d * g_d * 0.5^distance) / effort(s).

use super::{Gap, Levels};
use crate::framework::Catalogue;
use crate::kernel::{Level, SkillId};
use std::collections::HashMap;

/// A skill that is worth learning now.
#[derive(Debug, Clone, PartialEq)]
pub struct NextSkill {
    /// The skill.
    pub skill: SkillId,
    /// The level that counts now.
    pub level: Level,
    /// The level to reach.
    pub target: Level,
    /// What reaching it is worth for its effort; only the order matters.
    pub value: f64,
    /// The way to the gap that it opens most: this skill first. Alone when the gap is its own.
    pub path: Vec<SkillId>,
    /// Gaps that lie behind it, by what they add.
    pub unlocks: Vec<SkillId>,
}

/// The next best skills for these gaps, the best first, ties by skill.
#[must_use]
pub fn next_skills(catalogue: &Catalogue, gaps: &[Gap], levels: &Levels) -> Vec<NextSkill> {
    let gap_of: HashMap<usize, &Gap> =
        gaps.iter().filter_map(|gap| Some((catalogue.skill_index(gap.skill)?, gap))).collect();
    let targets = candidates(catalogue, &gap_of, levels);
    let mut next: Vec<NextSkill> = targets
        .iter()
        .filter(|(skill, _)| unmet(catalogue, **skill, levels).next().is_none())
        .filter_map(|(skill, target)| rate(catalogue, *skill, *target, &gap_of, levels))
        .collect();
    next.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.skill.cmp(&b.skill)));
    next
}

/// Prerequisites of a skill that are not reached, with the level that it needs of them.
fn unmet(catalogue: &Catalogue, skill: usize, levels: &Levels) -> impl Iterator<Item = (usize, Level)> {
    catalogue.graph().needs(skill).iter().copied().filter(move |(needed, level)| {
        catalogue.skill_id_at(*needed).is_some_and(|id| levels.level(id) < *level)
    })
}

/// Every skill on the way, with the level to reach.
fn candidates(catalogue: &Catalogue, gaps: &HashMap<usize, &Gap>, levels: &Levels) -> HashMap<usize, Level> {
    let mut targets: HashMap<usize, Level> = HashMap::new();
    let mut open: Vec<(usize, Level)> = gaps.iter().map(|(skill, gap)| (*skill, gap.required)).collect();
    while let Some((skill, target)) = open.pop() {
        let known = targets.get(&skill).copied();
        if known.is_some_and(|known| known >= target) {
            continue;
        }
        targets.insert(skill, target);
        open.extend(unmet(catalogue, skill, levels));
    }
    targets
}

fn rate(
    catalogue: &Catalogue,
    skill: usize,
    target: Level,
    gaps: &HashMap<usize, &Gap>,
    levels: &Levels,
) -> Option<NextSkill> {
    let id = catalogue.skill_id_at(skill)?;
    let effort = f64::from(catalogue.skill(id)?.effort);
    let worth = |gap: &Gap| gap.weight * f64::from(gap.missing);
    let own = gaps.get(&skill).map_or(0.0, |gap| worth(gap));
    let mut behind: Vec<(f64, usize, SkillId)> = catalogue
        .graph()
        .reachable(skill)
        .into_iter()
        .filter_map(|(index, distance)| {
            let gap = gaps.get(&index)?;
            Some((worth(gap) * 0.5_f64.powf(f64::from(distance)), index, gap.skill))
        })
        .collect();
    behind.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.2.cmp(&b.2)));
    let path = match behind.first() {
        Some((_, index, _)) if own == 0.0 => catalogue.graph().path(skill, *index),
        _ => vec![skill],
    };
    Some(NextSkill {
        skill: id,
        level: levels.level(id),
        target,
        value: (own + behind.iter().map(|(value, _, _)| value).sum::<f64>()) / effort,
        path: path.into_iter().filter_map(|index| catalogue.skill_id_at(index)).collect(),
        unlocks: behind.into_iter().map(|(_, _, id)| id).collect(),
    })
}
